"""What the ports promise of transactions and snapshots."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.errors import Refused, StoreError
from bot.core.ports import Store
from tests.store.examples import NOON, add_newsletter, newsletter


async def names(store: Store) -> list[str]:
    """The names of all newsletters."""
    async with store.snapshot() as snapshot:
        return [each.name for each in await snapshot.newsletters.all()]


async def test_a_transaction_keeps_everything(store: Store) -> None:
    """What a transaction wrote is there after it, for transactions and snapshots."""
    async with store.transaction() as tx:
        await tx.newsletters.add(newsletter("One"))
        await tx.newsletters.add(newsletter("Two"))
    assert await names(store) == ["One", "Two"]
    async with store.transaction() as tx:
        assert len(await tx.newsletters.all()) == 2


async def test_a_transaction_that_raises_keeps_nothing(store: Store) -> None:
    """An error in the block comes out of it as it is, and takes back all that the block wrote."""

    async def write() -> None:
        async with store.transaction() as tx:
            await tx.newsletters.add(newsletter("One"))
            raise LookupError

    with pytest.raises(LookupError):
        await write()
    assert await names(store) == []


async def test_a_cancelled_transaction_keeps_nothing(store: Store) -> None:
    """A task that is cancelled within the block keeps nothing, and the next one finds the way free."""
    written = asyncio.Event()

    async def write() -> None:
        async with store.transaction() as tx:
            await tx.newsletters.add(newsletter("One"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add_newsletter(store, "Two")
    assert await names(store) == ["Two"]


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
async def test_a_transaction_cancelled_anywhere_is_whole_or_nothing(store: Store, turns: int) -> None:
    """Wherever two cancellations strike, both rows are kept or none is, and the store goes on working."""

    async def write() -> None:
        async with store.transaction() as tx:
            await tx.newsletters.add(newsletter("One"))
            await tx.newsletters.add(newsletter("Two"))

    task = asyncio.create_task(write())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await add_newsletter(store, "Three")
    assert await names(store) in (["Three"], ["One", "Two", "Three"])


async def test_a_refusal_leaves_the_transaction_usable(store: Store) -> None:
    """A block that handles `Refused` goes on, and keeps what it wrote before and after."""
    async with store.transaction() as tx:
        one = await tx.newsletters.add(newsletter("One"))
        await tx.ballots.open(one.id, NOON)
        with pytest.raises(Refused):
            await tx.ballots.open(one.id, NOON)
        await tx.newsletters.add(newsletter("Two"))
    assert await names(store) == ["One", "Two"]


async def test_no_update_is_lost(store: Store) -> None:
    """Many tasks that read and then write take turns: every one of their steps counts."""
    kept = await add_newsletter(store, sections=("0",))

    async def step() -> None:
        async with store.transaction() as tx:
            fresh = await tx.newsletters.get(kept.id)
            await tx.newsletters.save(replace(fresh, sections=(str(int(fresh.sections[0]) + 1),)))

    await asyncio.gather(*(step() for _ in range(50)))
    async with store.snapshot() as snapshot:
        assert (await snapshot.newsletters.get(kept.id)).sections == ("50",)


async def test_transactions_take_turns_in_order(store: Store) -> None:
    """Whoever asked first writes first."""

    async def write(number: int) -> None:
        async with store.transaction() as tx:
            await tx.newsletters.add(newsletter(f"Number {number}"))

    await asyncio.gather(*(write(number) for number in range(10)))
    assert await names(store) == [f"Number {number}" for number in range(10)]


async def test_a_snapshot_is_one_state(store: Store) -> None:
    """A snapshot does not see what is committed after its first look, and does not hold up the writer."""
    await add_newsletter(store, "One")
    async with store.snapshot() as snapshot:
        assert len(await snapshot.newsletters.all()) == 1
        await add_newsletter(store, "Two")
        assert len(await snapshot.newsletters.all()) == 1
    assert await names(store) == ["One", "Two"]


async def test_a_snapshot_does_not_see_what_is_not_committed(store: Store) -> None:
    """A snapshot opened while a transaction is at work sees the state before it."""
    async with store.transaction() as tx:
        await tx.newsletters.add(newsletter("One"))
        assert await names(store) == []


async def test_a_snapshot_refuses_writes(store: Store) -> None:
    """Writing in a snapshot raises `StoreError`, and nothing is written."""
    with pytest.raises(StoreError, match="a snapshot only reads"):
        async with store.snapshot() as snapshot:
            await snapshot.newsletters.add(newsletter())
    assert await names(store) == []


async def test_many_snapshots_at_once(store: Store) -> None:
    """More snapshots than there are connections wait for each other, and all get their answer."""
    await add_newsletter(store, "One")
    assert await asyncio.gather(*(names(store) for _ in range(40))) == [["One"]] * 40


async def test_a_naive_datetime_is_refused(store: Store) -> None:
    """A datetime without a zone is a bug of the caller, said as such, and keeps nothing."""
    with pytest.raises(ValueError, match="names no time zone"):
        async with store.transaction() as tx:
            await tx.newsletters.add(newsletter(next_at=NOON.replace(tzinfo=None)))
    assert await names(store) == []


async def test_a_number_too_large_is_refused(store: Store) -> None:
    """A number that no column can hold gets a sentence instead of a driver's error."""
    kept = await add_newsletter(store)
    with pytest.raises(Refused, match="too large"):
        async with store.snapshot() as snapshot:
            await snapshot.issues.numbered(kept.id, 10**30)
