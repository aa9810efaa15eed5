"""What an index adds to papers: kept, asked for in the background, and never waited for long."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from bot.core.errors import BroadsheetError, SourceDown
from bot.core.model import CachedExtras, Extras
from bot.core.ports import Clock, ExtrasSource, Store
from bot.core.references import Reference

log = structlog.get_logger()

WITHIN = timedelta(seconds=2)
"""How long an answer may be held up for extras."""

FRESH_FOR = timedelta(days=7)
"""Citations grow slowly."""

REST = timedelta(minutes=5)
"""How long an index that gave no answer is left alone."""


class ExtrasShelf:
    """Keeps papers' extras. within: how long `get` waits at most. fresh_for: until they are asked for again behind."""

    def __init__(
        self,
        store: Store,
        source: ExtrasSource,
        clock: Clock,
        *,
        within: timedelta = WITHIN,
        fresh_for: timedelta = FRESH_FOR,
    ) -> None:
        self._store = store
        self._source = source
        self._clock = clock
        self._within = within
        self._fresh_for = fresh_for
        self._rest_until = datetime.min.replace(tzinfo=UTC)
        self._fetches: dict[Reference, asyncio.Task[Extras]] = {}
        self._closed = False

    async def get(self, paper: Reference) -> Extras | None:
        """The paper's extras as kept, else as they come within the time; else None. What comes later is kept."""
        reference = Reference(paper.kind, paper.id)
        try:
            kept = await self._kept(reference)
        except BroadsheetError as error:
            log.warning("extras not read", paper=reference.id, reason=str(error))
            return None
        if kept is None:
            return await self._wait(reference)
        if self._clock.now() - kept.fetched_at > self._fresh_for:
            self._start(reference)
        return kept.extras

    async def close(self) -> None:
        """Stop what is still being fetched."""
        self._closed = True
        tasks = tuple(self._fetches.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, reference: Reference) -> CachedExtras | None:
        async with self._store.snapshot() as tx:
            return await tx.papers.extras(reference)

    async def _wait(self, reference: Reference) -> Extras | None:
        task = self._start(reference)
        if task is None:
            return None
        limit = asyncio.ensure_future(self._clock.sleep_until(self._clock.now() + self._within))
        try:
            await asyncio.wait((task, limit), return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
        return None if not task.done() or task.cancelled() or task.exception() else task.result()

    def _start(self, reference: Reference) -> asyncio.Task[Extras] | None:
        """Fetch these extras, unless the index is being left alone."""
        if self._closed or self._clock.now() < self._rest_until:
            return None
        if reference not in self._fetches:
            task = asyncio.create_task(self._bring(reference), name=f"extras {reference.id}")
            task.add_done_callback(lambda done: self._fetched(reference, done))
            self._fetches[reference] = task
        return self._fetches[reference]

    async def _bring(self, reference: Reference) -> Extras:
        extras = await self._source.fetch(reference)
        async with self._store.transaction() as tx:
            await tx.papers.put_extras(reference, extras, self._clock.now())
        return extras

    def _fetched(self, reference: Reference, task: asyncio.Task[Extras]) -> None:
        del self._fetches[reference]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, SourceDown):
            self._rest_until = self._clock.now() + REST
        if isinstance(error, BroadsheetError):
            log.info("extras not fetched", paper=reference.id, reason=str(error))
        elif error:
            log.error("extras not fetched", paper=reference.id, exc_info=error)
