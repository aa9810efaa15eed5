"""The library: papers looked up in the cache first, then at their source, and kept fresh behind the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.errors import BroadsheetError, NoSuchPaper, Refused, SourceDown
from bot.core.model import CachedPaper, Paper
from bot.core.ports import Clock, PaperSource, Store
from bot.core.references import Reference, ReferenceKind

log = structlog.get_logger()

FRESH_FOR = timedelta(days=1)
"""arXiv announces new papers and versions once a day."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A paper, as it was at `fetched_at`.

    stale: that is so long ago that it may have changed since. newest: the newest version known, where the
    paper is an older one. instead_of: the version that was asked for, where it could not be had and the
    newest known stands in for it.
    """

    paper: Paper
    fetched_at: datetime
    stale: bool = False
    newest: int | None = None
    instead_of: int | None = None


_Key = tuple[str, int | None]


class Library:
    """Looks papers up.

    fresh_for: for how long an answer is given without asking the source again. What is asked for twice at
    once is fetched once; what is refreshed behind an answer is the library's own, until `close`.
    """

    def __init__(self, store: Store, source: PaperSource, clock: Clock, *, fresh_for: timedelta = FRESH_FOR) -> None:
        self._store = store
        self._source = source
        self._clock = clock
        self._fresh_for = fresh_for
        self._fetches: dict[_Key, asyncio.Task[CachedPaper]] = {}
        self._closed = False

    async def look_up(self, reference: Reference) -> Lookup:
        """The paper a reference names, in the version it names or else the newest.

        Raises `Refused` for what is not on arXiv, `NoSuchPaper`, and `SourceDown` where the source gives no
        answer and nothing is kept.
        """
        if reference.kind is not ReferenceKind.ARXIV:
            raise Refused(f"So far I look up papers on arXiv only; this one may be read at {reference.url}")
        kept, newest = await self._kept(reference)
        if kept is None:
            return await self._find(reference, newest)
        if newest is None or self._stale(newest):
            self._start((reference.id, None))
        if self._stale(kept) and kept.paper != (newest and newest.paper):
            self._start((reference.id, reference.version))
        return self._lookup(kept, newest)

    async def close(self) -> None:
        """Stop what is still being fetched; look-ups from now on give what is kept."""
        self._closed = True
        tasks = tuple(self._fetches.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, reference: Reference) -> tuple[CachedPaper | None, CachedPaper | None]:
        """What is kept of the version asked for, and of the newest one."""
        async with self._store.snapshot() as tx:
            newest = await tx.papers.get(reference.id)
            if reference.version is None:
                return newest, newest
            return await tx.papers.get(reference.id, reference.version), newest

    async def _find(self, reference: Reference, known: CachedPaper | None) -> Lookup:
        """Ask the source: for the newest version first, which says whether the one asked for can be."""
        version = reference.version
        try:
            if known and version and version < known.paper.version and not self._stale(known):
                return self._lookup(await self._wait((reference.id, version)), known)
            newest = known = await self._wait((reference.id, None))
            if version is None or newest.paper.version == version:
                return self._lookup(newest, newest)
            if newest.paper.version < version:
                text = f"arXiv has no version {version} of {reference.id}: the newest is {newest.paper.version}."
                raise NoSuchPaper(text)
            return self._lookup(await self._wait((reference.id, version)), newest)
        except SourceDown as error:
            if known is None:
                text = f"{error} Nobody has looked {reference.id} up before, so I know nothing of it."
                raise SourceDown(text) from error
            return Lookup(known.paper, known.fetched_at, stale=True, instead_of=version)

    async def _wait(self, key: _Key) -> CachedPaper:
        """What the fetch of this paper brings, which goes on for others if this one no longer waits."""
        self._start(key)
        task = self._fetches[key]
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and self._closed:
                raise SourceDown("The bot is about to stop: please ask again in a minute.") from None
            raise

    def _start(self, key: _Key) -> None:
        """Fetch this paper, unless that is being done."""
        if key not in self._fetches:
            task = asyncio.create_task(self._bring(key), name=f"fetch {key[0]}")
            task.add_done_callback(lambda done: self._fetched(key, done))
            self._fetches[key] = task

    async def _bring(self, key: _Key) -> CachedPaper:
        paper_id, version = key
        if self._closed:
            raise SourceDown("The bot is about to stop: please ask again in a minute.")
        paper = await self._source.fetch(paper_id, version)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.papers.put(paper, now, newest=version is None)
        return CachedPaper(paper, now)

    def _fetched(self, key: _Key, task: asyncio.Task[CachedPaper]) -> None:
        del self._fetches[key]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, BroadsheetError):
            log.info("paper not fetched", paper=key[0], version=key[1], reason=str(error))
        elif error:
            log.error("paper not fetched", paper=key[0], version=key[1], exc_info=error)

    def _stale(self, kept: CachedPaper) -> bool:
        return self._clock.now() - kept.fetched_at > self._fresh_for

    def _lookup(self, kept: CachedPaper, newest: CachedPaper | None) -> Lookup:
        later = newest.paper.version if newest and newest.paper.version > kept.paper.version else None
        return Lookup(kept.paper, kept.fetched_at, self._stale(kept), later)
