from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import unquote

import pytest
import pytest_asyncio

from bot.adapters.slack.fitting import fit
from bot.adapters.slack.text import address, shown
from bot.core.issues import issue_posts, read_in
from bot.core.model import Newsletter, Schedule
from bot.core.parsed import ParsedHighlight, ParsedIssue, ParsedItem, ParsedSection
from bot.core.post import Picture
from bot.sources.markdown import read_newsletter_file
from tests.adapters.slack.loopback import Loopback, loopback
from tests.adapters.slack.reader import Reading, bare, read
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEWSLETTER = Newsletter(1, "Tidal Letters", Schedule(0, time(10), "Europe/Berlin"))
NAMES = ("february-2021", "issue-18", "issue-30", "week-09-2021", "week-11-2021", "week-12-2021")


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Loopback]:
    async with loopback() as made:
        yield made


async def publish(here: Loopback, parsed: ParsedIssue) -> list[int]:
    """Post an issue as the publisher does, and check that all of it can be read; how many messages each part took."""
    issue = read_in(NEWSLETTER, parsed, 1, NOW)
    head: str | None = None
    taken: list[int] = []
    for post in issue_posts(NEWSLETTER, issue):
        messages = fit(post)
        taken.append(len(messages))
        for message in messages:
            sent = await here.chat.send(here.channel, message, f"part {len(here.server.asked)}", head)
            head = head or sent
    found = Reading()
    assert head is not None
    for each in (here.found(head), *here.sent(head)):
        found.add(read(each.blocks))
    seen, links = bare(found.text), {unquote(url) for _, url in found.links}
    pictures = {unquote(url) for url, _ in found.pictures}
    for entry in issue.entries:
        assert bare(entry.title)[:200] in seen
        assert bare(entry.summary) in seen
        assert address(entry.url) is None or unquote(entry.url) in links
        if entry.figure and shown(Picture(entry.figure, "")):
            assert unquote(entry.figure) in pictures
    for highlight in issue.highlights:
        assert bare(highlight.text) in seen
        assert {unquote(url) for url in highlight.links} <= links
    return taken


@needs_shared("newsletters")
@pytest.mark.parametrize("name", NAMES)
async def test_a_real_newsletter_is_posted_whole(here: Loopback, name: str) -> None:
    """Every item, link, picture and letter of a real newsletter reaches a channel, a message for each part."""
    for parsed in read_newsletter_file(SHARED / "newsletters" / f"{name}.md"):
        assert set(await publish(here, parsed)) == {1}


@pytest.mark.parametrize("path", sorted(Path("tests/sources/newsletters").glob("*.md")), ids=lambda path: path.stem)
async def test_a_newsletter_of_our_own_is_posted_whole(here: Loopback, path: Path) -> None:
    """The same holds of the newsletters that stand in for them here."""
    for parsed in read_newsletter_file(path):
        assert set(await publish(here, parsed)) == {1}


async def test_an_issue_longer_than_any_is_posted_whole(here: Loopback) -> None:
    """Eighty items with long summaries and pictures, and as many highlights, take many messages and lose nothing."""
    words = "the tide sorts what it finds, from the smallest shell to the *largest* <wreck> & 残骸 "
    items = tuple(
        ParsedItem(
            section=n % 3,
            title=f"Shell {n}",
            url=f"https://reef.example/{n}",
            arxiv_id=None,
            paper_title=None,
            image=f"https://reef.example/{n}.{'webp' if n % 7 == 0 else 'png'}",
            site="reef.example",
            summary=words * (n % 60 + 1),
        )
        for n in range(80)
    )
    highlights = tuple(ParsedHighlight(None, words * 3 + str(n), (f"https://reef.example/h{n}",)) for n in range(80))
    sections = tuple(ParsedSection(n, f"Beach {n}") for n in range(3))
    taken = await publish(here, ParsedIssue("Low tide", 5, 2026, 47, None, None, highlights, sections, items, ()))
    assert all(each > 1 for each in taken)
