"""Group commit: all that wait are written at once, told after the commit, and no one's fault is another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import StoreError
from bot.core.ports import Transaction
from bot.core.together import LIMIT, Together


class FakeStore:
    """Keeps what transactions write, one at a time; `open` lets commits through, `down` lets no transaction begin."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.commits: list[int] = []
        self.written: list[int] = []
        self.begun = 0
        self.down = False
        self.open = asyncio.Event()
        self.open.set()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[FakeStore]:
        self.begun += 1
        if self.down:
            raise StoreError("the disk is full")
        self.written = []
        yield self
        await self.open.wait()
        self.kept += self.written
        self.commits.append(len(self.written))

    async def write(self, _: Transaction, items: Sequence[int]) -> list[str]:
        """Write numbers; a negative one fails, whatever was written before it."""
        for each in items:
            if each < 0:
                raise LookupError(each)
            self.written.append(each)
        return [str(each) for each in items]


def together(store: FakeStore) -> Together[int, str]:
    return Together(store, store.write)  # type: ignore[arg-type]  # a store of numbers


async def test_all_that_wait_are_written_in_one_transaction() -> None:
    """While the first one is written the others gather; each gets its own result."""
    store = FakeStore()
    writer = together(store)
    assert await asyncio.gather(*(writer.put(each) for each in range(100))) == [str(each) for each in range(100)]
    assert store.kept == list(range(100))
    assert len(store.commits) <= 2


async def test_nobody_is_told_before_the_commit() -> None:
    """A caller waits as long as the commit does."""
    store = FakeStore()
    store.open.clear()
    task = asyncio.create_task(together(store).put(1))
    for _ in range(20):
        await asyncio.sleep(0)
    assert store.written == [1]
    assert not task.done()
    store.open.set()
    assert await task == "1"
    assert store.kept == [1]


async def test_a_transaction_takes_so_many_and_no_more() -> None:
    """A flood is cut into transactions, so that others get their turns in between."""
    store = FakeStore()
    writer = together(store)
    await asyncio.gather(*(writer.put(each) for each in range(2 * LIMIT + 5)))
    assert max(store.commits) <= LIMIT
    assert store.kept == list(range(2 * LIMIT + 5))


@given(st.lists(st.integers(-3, 50), max_size=40))
async def test_one_that_cannot_be_written_spoils_no_other(items: list[int]) -> None:
    """Each bad item's caller gets its error; all others are kept, in their order."""
    store = FakeStore()
    writer = together(store)
    results = await asyncio.gather(*(writer.put(each) for each in items), return_exceptions=True)
    assert [isinstance(each, LookupError) for each in results] == [each < 0 for each in items]
    assert store.kept == [each for each in items if each >= 0]


async def test_a_store_that_is_away_is_asked_once_for_all() -> None:
    """Where no transaction begins, every caller is told at once; when one does again, the next ones are kept."""
    store = FakeStore()
    store.down = True
    writer = together(store)
    results = await asyncio.gather(*(writer.put(each) for each in range(50)), return_exceptions=True)
    assert all(isinstance(each, StoreError) for each in results)
    assert store.begun <= 2
    store.down = False
    assert await writer.put(7) == "7"
    assert store.kept == [7]


async def test_a_cancelled_caller_takes_nobody_with_it() -> None:
    """What it put is written all the same, and so is what the others put."""
    store = FakeStore()
    store.open.clear()
    writer = together(store)
    tasks = [asyncio.create_task(writer.put(each)) for each in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.sleep(0)
    store.open.set()
    assert (await tasks[0], await tasks[2]) == ("0", "2")
    assert store.kept == [0, 1, 2]
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]


async def test_what_was_put_before_settles() -> None:
    """Settled means committed or failed, and does not wait for what comes after."""
    store = FakeStore()
    writer = together(store)
    await writer.settled()
    tasks = [asyncio.create_task(writer.put(each)) for each in (1, -1, 2)]
    await asyncio.sleep(0)
    await writer.settled()
    assert store.kept == [1, 2]
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_work_that_is_cancelled_leaves_no_caller_waiting() -> None:
    """When the loop ends the writer, whoever still waits is cancelled too."""
    store = FakeStore()
    store.open.clear()
    writer = together(store)
    tasks = [asyncio.create_task(writer.put(each)) for each in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    (work,) = asyncio.all_tasks() - {*tasks, asyncio.current_task()}
    work.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in results)
    store.open.set()
    assert await writer.put(9) == "9"
