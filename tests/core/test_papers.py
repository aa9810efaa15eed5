"""The library: cache first, then the source, one fetch for all who ask, fresh again behind the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bot.core.errors import NoSuchPaper, Refused, SourceDown, StoreError
from bot.core.model import CachedPaper, Paper
from bot.core.papers import AT_ONCE, FRESH_FOR, HITS, Library
from bot.core.ports import Store, Transaction
from bot.core.references import Reference, ReferenceKind
from tests.fakes.clock import START, FakeClock

ID = "2103.06255"
NEWEST = Paper(
    ID,
    3,
    "Involution",
    ("Duo Li",),
    "Of kernels.",
    datetime(2021, 3, 10, tzinfo=UTC),
    datetime(2021, 4, 11, tzinfo=UTC),
    ("cs.CV",),
)
ASKED = Reference(ReferenceKind.ARXIV, ID)


class MemoryPapers:
    """The papers' part of a store, in memory; a transaction that fails keeps nothing."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int | None], CachedPaper] = {}
        self.broken = False

    @property
    def papers(self) -> MemoryPapers:
        return self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        yield cast("Transaction", self)

    snapshot = transaction

    async def get(self, paper_id: str, version: int | None = None) -> CachedPaper | None:
        return self.kept.get((paper_id, version))

    async def put(self, paper: Paper, fetched_at: datetime, *, newest: bool) -> None:
        if self.broken:
            raise StoreError("The disk is full.")
        for version in (paper.version, None) if newest else (paper.version,):
            self.kept[paper.id, version] = CachedPaper(paper, fetched_at)


class GatedIndex:
    """Has papers by id, finds them by a word of their title, and answers when its gate is open."""

    def __init__(self, *papers: Paper) -> None:
        self.papers = {each.id: each for each in papers}
        self.gate = asyncio.Event()
        self.gate.set()
        self.down = False
        self.asked: list[tuple[str, ...]] = []

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        raise AssertionError("one paper alone is asked of the source")

    async def fetch_many(self, paper_ids: Sequence[str]) -> Mapping[str, Paper]:
        self.asked.append(tuple(paper_ids))
        await self.gate.wait()
        if self.down:
            raise SourceDown("arXiv cannot help just now.")
        return {each: self.papers[each] for each in paper_ids if each in self.papers}

    async def search(self, title: str, limit: int) -> tuple[Paper, ...]:
        return tuple(each for each in self.papers.values() if title in each.title)[:limit]


class GatedSource:
    """Has versions 1 to 3 of one paper, and answers when its gate is open."""

    def __init__(self) -> None:
        self.newest = NEWEST
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Condition()
        self.down = False
        self.asked: list[tuple[str, int | None]] = []

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        self.asked.append((paper_id, version))
        async with self.arrived:
            self.arrived.notify_all()
        await self.gate.wait()
        if self.down:
            raise SourceDown("arXiv cannot help just now: it cannot be reached. Please try again in a few minutes.")
        if paper_id != ID or (version or 1) > self.newest.version:
            raise NoSuchPaper(f"arXiv has no paper {paper_id}.")
        return self.newest if version is None else replace(self.newest, version=version)


class Room:
    """A library, and what stands around it."""

    def __init__(self) -> None:
        self.store = MemoryPapers()
        self.source = GatedSource()
        self.clock = FakeClock()
        self.library = Library(cast("Store", self.store), self.source, self.clock)

    async def until_asked(self, number: int) -> None:
        """Let the library's tasks run until the source was asked so often, and then to their end."""
        async with asyncio.timeout(5), self.source.arrived:
            await self.source.arrived.wait_for(lambda: len(self.source.asked) >= number)
        for _ in range(20):
            await asyncio.sleep(0)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A room with an empty library."""
    room = Room()
    yield room
    await room.library.close()


async def test_what_nobody_looked_up_comes_from_the_source(room: Room) -> None:
    """The first look-up asks, and keeps the answer with its date."""
    lookup = await room.library.look_up(ASKED)
    assert (lookup.paper, lookup.fetched_at, lookup.stale, lookup.newest) == (NEWEST, START, False, None)
    assert room.store.kept[ID, None] == CachedPaper(NEWEST, START)
    assert room.store.kept[ID, 3] == CachedPaper(NEWEST, START)


async def test_nobody_waits_long_for_a_slow_source(room: Room) -> None:
    """The one who asks is told to ask again, and what comes later is kept for them."""
    room.source.gate.clear()
    library = Library(cast("Store", room.store), room.source, room.clock, patience=timedelta(milliseconds=20))
    with pytest.raises(SourceDown, match=r"^arXiv takes long to answer just now: please ask again in a minute\.$"):
        await library.look_up(ASKED)
    room.source.gate.set()
    assert (await library.look_up(ASKED)).paper == NEWEST
    assert len(room.source.asked) == 1
    await library.close()


async def test_what_is_kept_comes_without_the_source(room: Room) -> None:
    """Within a day, the second look-up asks nobody."""
    await room.library.look_up(ASKED)
    room.source.down = True
    room.clock.advance(FRESH_FOR)
    assert (await room.library.look_up(ASKED)).paper == NEWEST
    assert room.source.asked == [(ID, None)]


async def test_an_old_answer_comes_at_once_and_is_refreshed_behind(room: Room) -> None:
    """After a day the kept answer is given with its date while the source is asked; then the new one is there."""
    await room.library.look_up(ASKED)
    room.clock.advance(FRESH_FOR * 2)
    room.source.newest = replace(NEWEST, version=4)
    room.source.gate.clear()
    for _ in range(3):
        lookup = await room.library.look_up(ASKED)
        assert (lookup.paper.version, lookup.stale, lookup.fetched_at) == (3, True, START)
    room.source.gate.set()
    await room.until_asked(2)
    fresh = await room.library.look_up(ASKED)
    assert (fresh.paper.version, fresh.stale, fresh.fetched_at) == (4, False, START + FRESH_FOR * 2)
    assert room.source.asked == [(ID, None)] * 2


async def test_when_the_source_is_down_what_is_kept_is_given_with_its_date(room: Room) -> None:
    """A stale answer beats an error, and the next look-up tries again."""
    await room.library.look_up(ASKED)
    room.source.down = True
    room.clock.advance(timedelta(days=40))
    for number in (2, 3):
        lookup = await room.library.look_up(ASKED)
        assert (lookup.paper, lookup.stale, lookup.fetched_at) == (NEWEST, True, START)
        await room.until_asked(number)


async def test_when_the_source_is_down_and_nothing_is_kept_that_is_said(room: Room) -> None:
    """The error is a sentence for people, with the cause behind it."""
    room.source.down = True
    with pytest.raises(SourceDown, match=r"cannot be reached.*Nobody has looked 2103\.06255 up before") as caught:
        await room.library.look_up(ASKED)
    assert isinstance(caught.value.__cause__, SourceDown)
    assert room.store.kept == {}


async def test_no_such_paper_is_said_and_not_kept(room: Room) -> None:
    """The source's sentence arrives as it is."""
    with pytest.raises(NoSuchPaper, match=r"^arXiv has no paper 2103\.99999\.$"):
        await room.library.look_up(Reference(ReferenceKind.ARXIV, "2103.99999"))
    assert room.store.kept == {}


@pytest.mark.parametrize(
    "reference",
    [Reference(ReferenceKind.OPENREVIEW, "YicbFdNTTy"), Reference(ReferenceKind.DOI, "10.1038/nature14539")],
)
async def test_papers_of_a_kind_without_a_source_are_refused(room: Room, reference: Reference) -> None:
    """A paper that nobody here can be asked for is not looked up; the sentence gives its address."""
    with pytest.raises(Refused, match="cannot look that paper up here") as caught:
        await room.library.look_up(reference)
    assert reference.url in str(caught.value)


async def test_who_asks_at_once_shares_one_request(room: Room) -> None:
    """Ten look-ups of one paper ask the source once."""
    room.source.gate.clear()
    lookups = [asyncio.create_task(room.library.look_up(ASKED)) for _ in range(10)]
    await room.until_asked(1)
    room.source.gate.set()
    assert {lookup.paper for lookup in await asyncio.gather(*lookups)} == {NEWEST}
    assert room.source.asked == [(ID, None)]


async def test_one_who_no_longer_waits_spoils_nothing_for_others(room: Room) -> None:
    """A cancelled look-up leaves the request to the others, and to the cache."""
    room.source.gate.clear()
    first, second = (asyncio.create_task(room.library.look_up(ASKED)) for _ in range(2))
    await room.until_asked(1)
    first.cancel()
    await room.until_asked(1)
    assert first.cancelled()
    room.source.gate.set()
    assert (await second).paper == NEWEST
    assert room.source.asked == [(ID, None)]


async def test_an_older_version_comes_with_the_number_of_the_newest(room: Room) -> None:
    """Asked for version 1, the library knows that there is a third; the second time it asks nobody."""
    for _ in range(2):
        lookup = await room.library.look_up(replace(ASKED, version=1))
        assert (lookup.paper.version, lookup.newest, lookup.instead_of) == (1, 3, None)
    assert room.source.asked == [(ID, None), (ID, 1)]


async def test_the_newest_version_asked_for_by_number_costs_one_request(room: Room) -> None:
    """It is the answer for the paper without a version too."""
    lookup = await room.library.look_up(replace(ASKED, version=3))
    assert (lookup.paper.version, lookup.newest) == (3, None)
    assert (await room.library.look_up(ASKED)).paper == NEWEST
    assert room.source.asked == [(ID, None)]


async def test_an_older_version_of_a_known_paper_costs_one_request(room: Room) -> None:
    """The newest is known already."""
    await room.library.look_up(ASKED)
    assert (await room.library.look_up(replace(ASKED, version=2))).newest == 3
    assert room.source.asked == [(ID, None), (ID, 2)]


async def test_a_version_that_may_be_new_is_not_denied_by_the_cache(room: Room) -> None:
    """Version 4 came out after the paper was looked up: the source is asked before it is said not to exist."""
    await room.library.look_up(ASKED)
    room.source.newest = replace(NEWEST, version=4)
    assert (await room.library.look_up(replace(ASKED, version=4))).paper.version == 4


async def test_a_version_beyond_the_newest_is_denied(room: Room) -> None:
    """The sentence says which one is the newest."""
    with pytest.raises(NoSuchPaper, match=r"^arXiv has no version 9 of 2103\.06255: the newest is 3\.$"):
        await room.library.look_up(replace(ASKED, version=9))
    assert room.source.asked == [(ID, None)]


async def test_another_version_stands_in_when_the_source_is_down(room: Room) -> None:
    """What is kept of the paper is given, and said to be another version than asked for."""
    await room.library.look_up(ASKED)
    room.source.down = True
    lookup = await room.library.look_up(replace(ASKED, version=1))
    assert (lookup.paper.version, lookup.instead_of, lookup.stale) == (3, 1, True)


async def test_old_answers_for_a_version_are_refreshed_with_the_newest(room: Room) -> None:
    """Both the version and the paper's newest are asked for again behind the answer."""
    await room.library.look_up(replace(ASKED, version=1))
    room.clock.advance(FRESH_FOR * 2)
    assert (await room.library.look_up(replace(ASKED, version=1))).stale
    await room.until_asked(4)
    assert set(room.source.asked[2:]) == {(ID, None), (ID, 1)}
    assert not (await room.library.look_up(replace(ASKED, version=1))).stale


async def test_a_refresh_that_fails_leaves_what_is_kept(room: Room) -> None:
    """Whether the source is down, the paper gone or the store full: the old answer stays."""
    await room.library.look_up(ASKED)
    room.clock.advance(FRESH_FOR * 2)
    room.store.broken = True
    await room.library.look_up(ASKED)
    await room.until_asked(2)
    assert (await room.library.look_up(ASKED)).fetched_at == START


async def test_a_store_that_cannot_write_is_said(room: Room) -> None:
    """The error is the store's own."""
    room.store.broken = True
    with pytest.raises(StoreError):
        await room.library.look_up(ASKED)


async def test_closing_ends_what_is_under_way(room: Room) -> None:
    """No task is left, whoever still waits is told, and nobody is asked any more."""
    room.source.gate.clear()
    waiting = asyncio.create_task(room.library.look_up(ASKED))
    await room.until_asked(1)
    await room.library.close()
    with pytest.raises(SourceDown, match="about to stop"):
        await waiting
    with pytest.raises(SourceDown, match="about to stop"):
        await room.library.look_up(ASKED)
    assert room.source.asked == [(ID, None)]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_closed_library_still_gives_what_is_kept(room: Room) -> None:
    """Without refreshing it."""
    await room.library.look_up(ASKED)
    await room.library.close()
    room.clock.advance(FRESH_FOR * 2)
    assert (await room.library.look_up(ASKED)).stale
    await room.until_asked(1)
    assert room.source.asked == [(ID, None)]


DOI = Reference(ReferenceKind.DOI, "10.1038/nature14539")
ARTICLE = replace(NEWEST, id=DOI.id, kind=ReferenceKind.DOI, version=1, title="Deep learning", journal="Nature")


class OneSource:
    """Has one paper, which is no one's on arXiv."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.down = False

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        assert (paper_id, version) == (self.paper.id, None)
        if self.down:
            raise SourceDown("Crossref cannot help just now.")
        return self.paper


async def test_each_kind_of_paper_has_its_source(room: Room) -> None:
    """A DOI is looked up where DOIs are, kept, and given with its date when its source is down."""
    source = OneSource(ARTICLE)
    library = Library(cast("Store", room.store), room.source, room.clock, elsewhere={ReferenceKind.DOI: source})
    assert (await library.look_up(DOI)).paper == ARTICLE
    source.down = True
    room.clock.advance(FRESH_FOR * 2)
    lookup = await library.look_up(DOI)
    assert (lookup.paper, lookup.stale, lookup.fetched_at) == (ARTICLE, True, START)
    await library.close()
    assert room.source.asked == []


@pytest.fixture
async def indexed(room: Room) -> AsyncIterator[tuple[Library, GatedIndex]]:
    """A library over an index of 60 papers, none of them kept."""
    papers = [replace(NEWEST, id=f"2101.{number:05}", title=f"Title {number}") for number in range(1, 61)]
    index = GatedIndex(NEWEST, *papers)
    library = Library(cast("Store", room.store), room.source, room.clock, index=index)
    yield library, index
    await library.close()


async def settled() -> None:
    """Let tasks run to where they wait for something."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_papers_are_refreshed_together(room: Room, indexed: tuple[Library, GatedIndex]) -> None:
    """What grows stale while a request is under way is asked for in the next one, each paper once."""
    library, index = indexed
    for paper in (*tuple(index.papers.values())[:4], NEWEST):
        await room.store.put(paper, START, newest=True)
    room.clock.advance(FRESH_FOR * 2)
    index.gate.clear()
    asked = [Reference(ReferenceKind.ARXIV, each) for each in tuple(index.papers)[:4]]
    for each in (*asked, *asked):
        assert (await library.look_up(each)).stale
        await settled()
    index.gate.set()
    await settled()
    assert index.asked == [(asked[0].id,), tuple(each.id for each in asked[1:])]
    assert not any([(await library.look_up(each)).stale for each in asked])
    assert room.source.asked == []


async def test_expected_papers_come_behind(room: Room, indexed: tuple[Library, GatedIndex]) -> None:
    """Those that are not kept are asked for, `AT_ONCE` in a request; what is no paper of arXiv is nobody's business."""
    library, index = indexed
    await room.store.put(NEWEST, START, newest=True)
    await library.expect([DOI, ASKED, *(Reference(ReferenceKind.ARXIV, each) for each in index.papers)])
    await settled()
    assert [len(each) for each in index.asked] == [AT_ONCE, 60 - AT_ONCE]
    assert (await library.look_up(Reference(ReferenceKind.ARXIV, "2101.00060"))).paper.title == "Title 60"
    assert room.source.asked == []


async def test_a_refresh_of_many_that_fails_leaves_what_is_kept(
    room: Room, indexed: tuple[Library, GatedIndex]
) -> None:
    """It is tried again at the next look-up."""
    library, index = indexed
    index.down = True
    await room.store.put(NEWEST, START, newest=True)
    room.clock.advance(FRESH_FOR * 2)
    for _ in range(2):
        assert (await library.look_up(ASKED)).stale
        await settled()
    assert index.asked == [(ID,), (ID,)]


async def test_papers_are_found_by_title_and_kept(room: Room, indexed: tuple[Library, GatedIndex]) -> None:
    """Whichever hit is opened then, it comes at once."""
    library, index = indexed
    hits = await library.search("Title 1")
    assert len(hits) == HITS
    index.down = room.source.down = True
    assert (await library.look_up(hits[3].reference)).paper == hits[3]


async def test_a_title_nobody_has_is_said(room: Room, indexed: tuple[Library, GatedIndex]) -> None:
    """With what to try instead; without an index, titles are no reference."""
    with pytest.raises(NoSuchPaper, match="no paper called “Nothing”"):
        await indexed[0].search("Nothing")
    with pytest.raises(NoSuchPaper, match="names no paper I know of"):
        await room.library.search("Title")


async def test_closing_ends_a_refresh(indexed: tuple[Library, GatedIndex]) -> None:
    """No task is left, and nothing is asked for any more."""
    library, index = indexed
    index.gate.clear()
    await library.expect([ASKED])
    await settled()
    await library.close()
    await library.expect([Reference(ReferenceKind.ARXIV, "2101.00001")])
    assert index.asked == [(ID,)]
    assert asyncio.all_tasks() == {asyncio.current_task()}
