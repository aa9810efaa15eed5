"""Group commit: what many callers ask for is written in one transaction, and each is told after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.core.ports import Store, Transaction

Item = TypeVar("Item")
Result = TypeVar("Result")

LIMIT = 1000
"""So many items are written in one transaction at most, so that nobody else waits long for a turn."""


class Together(Generic[Item, Result]):
    """Writes items in the order in which they were put, all that wait in one transaction.

    write: takes the items of one transaction and gives a result for each. Where it fails, all of its items are
    taken back and written again by halves, so that an item that cannot be written spoils no other.
    """

    def __init__(
        self, store: Store, write: Callable[[Transaction, Sequence[Item]], Awaitable[Sequence[Result]]]
    ) -> None:
        self._store = store
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._written: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> Result:
        """Write an item; returns once it is committed, or raises what kept it from that.

        A caller that is cancelled does not take its item back.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def settled(self) -> None:
        """Return once everything that was put before is committed, or has failed."""
        futures = [future for _, future in (*self._written, *self._waiting)]
        if futures:
            await asyncio.wait(futures)

    async def _work(self) -> None:
        try:
            while self._waiting:
                self._written, self._waiting = self._waiting[:LIMIT], self._waiting[LIMIT:]
                await self._commit(self._written)
        finally:
            for _, future in (*self._written, *self._waiting):
                future.cancel()
            self._written, self._waiting = [], []

    async def _commit(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        begun = False
        try:
            async with self._store.transaction() as tx:
                begun = True
                results = await self._write(tx, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  # whatever it is, each caller is told
            if not begun or len(batch) == 1:
                for _, future in batch:
                    _fail(future, error)
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _fail(future: asyncio.Future[Result], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
