"""Nominating links: the page is read for its title, and what leads to one thing is one item."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import Refused, Unreadable
from bot.core.model import Item, Kind, Newsletter, Page
from bot.core.nominations import Nominations
from tests.world import ADA, BEN, CHEN, MONDAY, PAPER, World, world

BEES = "https://example.org/2026/how-bees-count"


@dataclass
class Pages:
    """Knows the pages it is given; the others cannot be read, or take for ever."""

    known: dict[str, Page] = field(default_factory=dict)
    slow: bool = False
    asked: list[str] = field(default_factory=list)

    async def read(self, url: str) -> Page:
        self.asked.append(url)
        if self.slow:
            await asyncio.Event().wait()
        if url not in self.known:
            raise Unreadable("The page cannot be reached.")
        return self.known[url]


@dataclass
class Town:
    """A newsletter with an open ballot, and pages to nominate for it."""

    world: World
    pages: Pages
    nominations: Nominations
    newsletter: Newsletter

    async def nominate(self, link: str) -> tuple[Item, bool]:
        done = await self.nominations.nominate(self.newsletter, link, BEN)
        return done.nomination.item, done.new


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The Paper is set up, and its pages can be read."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper sections:Papers, Articles, Tools", ADA)
        await made.work()
        pages = Pages()
        nominations = Nominations(
            made.store, made.desk.library, made.clock, timedelta(0), pages=pages, patience=timedelta(milliseconds=50)
        )
        newsletter = await made.desk.newsletter(PAPER)
        assert newsletter
        yield Town(made, pages, nominations, newsletter)


async def test_the_page_gives_title_summary_picture_and_kind(town: Town) -> None:
    """What a page says of itself is what the ballot shows."""
    town.pages.known[BEES] = Page(
        BEES, "How bees count", "The Example", "On bees.", "https://example.org/b.png", kind=Kind.POST
    )
    item, new = await town.nominate(f"{BEES}?utm_source=x")
    assert new
    assert (item.url, item.title, item.site) == (BEES, "How bees count", "example.org")
    assert (item.summary, item.figure, item.kind) == ("On bees.", "https://example.org/b.png", Kind.POST)


async def test_a_page_that_cannot_be_read_is_nominated_all_the_same(town: Town) -> None:
    """No page, or none in time: the title is the member's own, or comes from the address."""
    assert (await town.nominate(BEES))[0].title == "How bees count"
    assert (await town.nominate("[My bees](https://example.org/x)"))[0].title == "My bees"
    item, _ = await town.nominate("<https://example.org/y|Your bees>")
    assert (item.url, item.title) == ("https://example.org/y", "Your bees")
    town.pages.slow = True
    assert (await town.nominate("https://example.org/slow"))[0].title == "example.org/slow"


async def test_the_page_s_own_address_is_the_item_s(town: Town) -> None:
    """A shortened link and the page it leads to are one item."""
    town.pages.known["https://bit.ly/x"] = Page(BEES, "Bees")
    town.pages.known[BEES] = Page(BEES, "Bees")
    item, _ = await town.nominate("https://bit.ly/x")
    assert item.url == BEES
    assert await town.nominate(BEES) == (item, False)
    assert await town.nominate("https://bit.ly/x") == (item, False)


async def test_a_link_that_leads_to_a_paper_is_the_paper(town: Town) -> None:
    """Where a page turns out to be on arXiv, the paper is looked up."""
    town.pages.known["https://t.co/x"] = Page("https://arxiv.org/abs/2103.06255", "arXiv page")
    item, _ = await town.nominate("https://t.co/x")
    assert (item.paper, item.kind) == ("2103.06255", Kind.PAPER)
    assert item.title.startswith("Involution")


async def test_a_doi_keeps_its_address(town: Town) -> None:
    """What a publisher's page says is taken, but a paper is known by its DOI."""
    doi = "https://doi.org/10.1234/bees.7"
    town.pages.known[doi] = Page("https://publisher.example/7", "Counting in hives", kind=Kind.PAPER)
    item, _ = await town.nominate("https://doi.org/10.1234/BEES.7")
    assert (item.url, item.title) == (doi, "Counting in hives")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (BEES, BEES.replace("https", "http") + "/"),
        (BEES, BEES.replace("example.org", "www.example.org") + "?utm_source=x#top"),
        ("https://example.org/x?b=1&a=2", "https://www.example.org/x/?a=2&b=1"),
        ("https://twitter.com/ada/status/1?s=20", "https://x.com/ada/status/1"),
        ("https://youtu.be/abcdefghijk", "https://m.youtube.com/watch?v=abcdefghijk&feature=share"),
        ("https://github.com/Ada/Bees", "http://github.com/ada/bees.git"),
    ],
)
async def test_two_links_to_one_thing_are_one_item(town: Town, first: str, second: str) -> None:
    """However a thing is linked to, it stands on the ballot once."""
    item, _ = await town.nominate(first)
    assert await town.nominate(second) == (item, False)


async def test_what_is_kept_is_not_fetched_again(town: Town) -> None:
    """A page is read for its first nomination, and not for the next ones by any of its addresses."""
    town.pages.known[BEES] = Page(BEES, "Bees")
    for link in (BEES, BEES, BEES.replace("https", "http")):
        await town.nominate(link)
    assert town.pages.asked == [BEES]


async def test_a_title_that_stood_in_is_replaced_when_the_page_can_be_read(town: Town) -> None:
    """What was nominated while its page was down gets the page's words with the next nomination, on the ballot too."""
    plain, _ = await town.nominate(BEES)
    town.pages.known["x"] = Page(BEES, "Bees: a count", description="On bees.")
    item, new = await town.nominate(BEES.replace("https", "http"))
    assert (item.id, item.title, item.summary, new) == (plain.id, "How bees count", "", False)
    town.pages.known[BEES] = Page(BEES, "Bees: a count", description="On bees.")
    item, new = await town.nominate(BEES)
    assert (item.id, item.url, item.title, item.summary, new) == (plain.id, BEES, "Bees: a count", "On bees.", False)
    town.pages.known.clear()
    assert await town.nominate(BEES) == (item, False)


async def test_what_an_issue_had_is_refused_by_any_address(town: Town) -> None:
    """A thing that was printed is not nominated again by another spelling of its address."""
    town.pages.known[BEES] = Page(BEES, "Bees")
    await town.nominate(BEES)
    await town.world.at(town.world.clock.now())
    await town.world.vote(1, BEN, CHEN)
    await town.world.at(MONDAY)
    await town.world.work()
    with pytest.raises(Refused, match="was in issue 1"):
        await town.nominate(BEES.replace("https://", "http://www.") + "/")


async def test_without_a_reader_the_address_is_all(town: Town) -> None:
    """A bot that opens no pages takes links as they are."""
    plain = Nominations(town.world.store, town.world.desk.library, town.world.clock, timedelta(0))
    done = await plain.nominate(town.newsletter, BEES, BEN)
    assert done.nomination.item.title == "How bees count"


async def test_what_is_no_link_is_refused(town: Town) -> None:
    """A word is neither a link nor a paper, and nothing is fetched for it."""
    with pytest.raises(Refused, match="is no link"):
        await town.nominate("bees")
    assert town.pages.asked == []
