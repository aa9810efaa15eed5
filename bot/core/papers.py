"""The library: papers looked up in the cache first, then at their source, and kept fresh behind the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.errors import BroadsheetError, NoSuchPaper, Refused, SourceDown
from bot.core.extras import ExtrasShelf
from bot.core.model import CachedPaper, Extras, Paper
from bot.core.paper_pages import is_short_name, short_name
from bot.core.ports import Clock, PaperIndex, PaperSource, Store
from bot.core.references import Reference, ReferenceKind
from bot.core.text import clip
from bot.core.urls import site

log = structlog.get_logger()

FRESH_FOR = timedelta(days=1)
"""arXiv announces new papers and versions once a day."""

HITS = 5
"""Papers of one title that there is a choice of."""

AT_ONCE = 50
"""Papers that are refreshed in one request."""

PATIENCE = timedelta(seconds=10)
"""For a source, while somebody waits; what it says later is kept for the next one who asks."""

_SLOW = "takes long to answer just now: please ask again in a minute."
_NAMES = {ReferenceKind.ARXIV: "arXiv", ReferenceKind.OPENREVIEW: "OpenReview", ReferenceKind.DOI: "the publisher"}


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


_Key = tuple[Reference, int | None]
"""A paper, and the version of it."""


def source_name(paper: Reference) -> str:
    """Who says what is known of a paper."""
    return _NAMES.get(paper.kind) or site(paper.url)


class Library:
    """Looks papers up.

    source: arXiv, which may be an index as well: then several papers are refreshed at once, and papers are found
    by their titles. elsewhere: where papers of other kinds are looked up. extras: what is added to them.
    patience: how long somebody waits for a source, by the real clock.
    fresh_for: for how long an answer is given without asking the source again. What is asked for twice at
    once is fetched once; what is refreshed behind an answer is the library's own, until `close`.
    """

    def __init__(
        self,
        store: Store,
        source: PaperSource,
        clock: Clock,
        *,
        fresh_for: timedelta = FRESH_FOR,
        index: PaperIndex | None = None,
        elsewhere: Mapping[ReferenceKind, PaperSource] | None = None,
        extras: ExtrasShelf | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._store = store
        self._sources = {ReferenceKind.ARXIV: source} | dict(elsewhere or {})
        self._index = index
        self._extras = extras
        self._clock = clock
        self._fresh_for = fresh_for
        self._patience = patience.total_seconds()
        self._fetches: dict[_Key, asyncio.Task[CachedPaper]] = {}
        self._wanted: dict[str, None] = {}
        self._refresher: asyncio.Task[None] | None = None
        self._closed = False

    async def look_up(self, reference: Reference) -> Lookup:
        """The paper a reference names, in the version it names or else the newest.

        Raises `Refused` for a kind that has no source here, `NoSuchPaper`, and `SourceDown` where the source gives
        no answer and nothing is kept.
        """
        if not self.knows(reference.kind):
            raise Refused(f"I cannot look that paper up here; it may be read at {reference.url}")
        kept, newest = await self._kept(reference)
        if kept is None:
            return await self._find(reference, newest)
        if newest is None or self._stale(newest):
            self._refresh(reference)
        if self._stale(kept) and kept.paper != (newest and newest.paper):
            self._start((_whole(reference), reference.version))
        return self._lookup(kept, newest)

    async def meant(self, text: str) -> str:
        """What a text from a button stands for: a paper's short name for the paper's own, any other text for itself."""
        if not is_short_name(text):
            return text
        async with self._store.snapshot() as tx:
            return await tx.marks.get(text) or text

    def knows(self, kind: ReferenceKind) -> bool:
        """Whether papers of this kind are looked up here."""
        return kind in self._sources

    async def look_up_with_extras(self, reference: Reference) -> tuple[Lookup, Extras | None]:
        """The paper, and what others say of it as far as that is at hand, or is within a moment."""
        if self._extras is None:
            return await self.look_up(reference), None
        extras = asyncio.create_task(self._extras.get(reference))
        try:
            return await self.look_up(reference), await extras
        finally:
            extras.cancel()
            await asyncio.gather(extras, return_exceptions=True)

    async def search(self, title: str) -> tuple[Paper, ...]:
        """Papers with a title like this, the likeliest first, at most `HITS`; they are kept.

        Raises `NoSuchPaper` where there is none, and `SourceDown`.
        """
        if self._index is None:
            raise NoSuchPaper(f"“{clip(title, 60)}” names no paper I know of: try an arXiv id such as 2103.06255.")
        try:
            async with asyncio.timeout(self._patience):
                found = await self._index.search(title, HITS)
        except TimeoutError as error:
            raise SourceDown(f"arXiv {_SLOW}") from error
        if not found:
            raise NoSuchPaper(f"arXiv has no paper called “{clip(title, 60)}”: try an id or a link.")
        await self._keep(found)
        return found

    async def expect(self, papers: Collection[Reference]) -> None:
        """Get those papers of arXiv behind that are not kept, as they are likely to be looked up soon."""
        if self._index is None or self._closed:
            return
        async with self._store.snapshot() as tx:
            unknown = [each for each in papers if each.kind is ReferenceKind.ARXIV and not await tx.papers.get(each.id)]
        for each in unknown:
            self._refresh(each)

    async def close(self) -> None:
        """Stop what is still being fetched; look-ups from now on give what is kept."""
        self._closed = True
        if self._extras is not None:
            await self._extras.close()
        tasks = (*self._fetches.values(), *([self._refresher] if self._refresher else []))
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
        try:
            async with asyncio.timeout(self._patience):
                return await self._found(reference, known)
        except (SourceDown, TimeoutError) as error:
            _, newest = await self._kept(reference)
            if known := newest or known:
                return Lookup(known.paper, known.fetched_at, stale=True, instead_of=reference.version)
            raise SourceDown(_unknown(reference, error)) from error

    async def _found(self, reference: Reference, known: CachedPaper | None) -> Lookup:
        """What the source says, however long it takes."""
        version, paper = reference.version, _whole(reference)
        if known and version and version < known.paper.version and not self._stale(known):
            return self._lookup(await self._wait((paper, version)), known)
        newest = await self._wait((paper, None))
        if version is None or newest.paper.version == version:
            return self._lookup(newest, newest)
        if newest.paper.version < version:
            text = f"arXiv has no version {version} of {reference.id}: the newest is {newest.paper.version}."
            raise NoSuchPaper(text)
        return self._lookup(await self._wait((paper, version)), newest)

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
            task = asyncio.create_task(self._bring(key), name=f"fetch {key[0].id}")
            task.add_done_callback(lambda done: self._fetched(key, done))
            self._fetches[key] = task

    async def _bring(self, key: _Key) -> CachedPaper:
        reference, version = key
        if self._closed:
            raise SourceDown("The bot is about to stop: please ask again in a minute.")
        paper = await self._sources[reference.kind].fetch(reference.id, version)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.papers.put(paper, now, newest=version is None)
            if is_short_name(short := short_name(reference)):
                await tx.marks.put(short, str(reference))
        return CachedPaper(paper, now)

    def _refresh(self, reference: Reference) -> None:
        """Ask for the newest version of this paper, with the others that are wanted at the time if the source can."""
        key = (_whole(reference), None)
        if self._index is None or reference.kind is not ReferenceKind.ARXIV:
            self._start(key)
        elif not self._closed and key not in self._fetches and reference.id not in self._wanted:
            self._wanted[reference.id] = None
            if self._refresher is None or self._refresher.done():
                self._refresher = asyncio.create_task(self._refresh_wanted(self._index), name="refresh papers")

    async def _refresh_wanted(self, index: PaperIndex) -> None:
        while self._wanted:
            asked = tuple(self._wanted)[:AT_ONCE]
            try:
                await self._keep((await index.fetch_many(asked)).values())
            except BroadsheetError as error:
                log.info("papers not refreshed", papers=len(asked), reason=str(error))
            except Exception:
                log.exception("papers not refreshed", papers=len(asked))
            finally:
                for each in asked:
                    del self._wanted[each]

    async def _keep(self, papers: Collection[Paper]) -> None:
        """Keep papers that just came, each in its newest version."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            for each in papers:
                await tx.papers.put(each, now, newest=True)

    def _fetched(self, key: _Key, task: asyncio.Task[CachedPaper]) -> None:
        del self._fetches[key]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, BroadsheetError):
            log.info("paper not fetched", paper=key[0].id, version=key[1], reason=str(error))
        elif error:
            log.error("paper not fetched", paper=key[0].id, version=key[1], exc_info=error)

    def _stale(self, kept: CachedPaper) -> bool:
        return self._clock.now() - kept.fetched_at > self._fresh_for

    def _lookup(self, kept: CachedPaper, newest: CachedPaper | None) -> Lookup:
        later = newest.paper.version if newest and newest.paper.version > kept.paper.version else None
        return Lookup(kept.paper, kept.fetched_at, self._stale(kept), later)


def _whole(reference: Reference) -> Reference:
    """The paper, whatever its version."""
    return Reference(reference.kind, reference.id)


def _unknown(reference: Reference, error: SourceDown | TimeoutError) -> str:
    """What is said of a paper of which nothing is kept, when its source gave no answer."""
    if isinstance(error, TimeoutError):
        return f"{source_name(reference).replace('the ', 'The ')} {_SLOW}"
    # A page that may not be opened will not be tomorrow either.
    if reference.kind is ReferenceKind.PAGE:
        return str(error)
    return f"{error} Nobody has looked {reference.id} up before, so I know nothing of it."
