from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from syrupy.assertion import SnapshotAssertion

from bot.adapters.slack.fitting import fit
from bot.adapters.slack.render import message
from bot.core.ballots import ballot_posts
from bot.core.issues import compose, issue_posts
from bot.core.model import Ballot, Item, Kind, Member, Newsletter, Nomination, Paper, Schedule
from bot.core.paper_post import abstract_post, bibtex_post, paper_post
from bot.core.papers import Lookup
from bot.core.post import Post

SLOT = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEWSLETTER = Newsletter(1, "Tidal Letters", Schedule(0, time(10), "Europe/Berlin"), next_slot=SLOT)
BALLOT = Ballot(3, 1, 7, datetime(2026, 11, 16, 9, tzinfo=UTC))
ADA = Member("slack", "T1", "U2", "Ada *the* first")


def item(number: int, title: str, **more: Any) -> Item:
    """Something to read, made up."""
    return Item(number, f"https://reef.example/{number}", title, "reef.example", Kind.ARTICLE, **more)


CORALS = item(1, "Corals [draft] that count_to_ten", figure="https://reef.example/1.png", summary="They *do*.")

NOMINATIONS = (
    Nomination(1, 3, CORALS, 1, "Papers", SLOT, ADA, votes=4),
    Nomination(2, 3, item(2, "# A* for crabs"), 2, "Tools", SLOT, ADA, note="Fast, and *small* <!channel>", votes=3),
    Nomination(3, 3, item(3, "שפת הים"), 3, "Articles", SLOT, votes=3, pinned=True, carried=1),
    Nomination(4, 3, item(4, "Left out"), 4, "Articles", SLOT, dropped=True),
)

PAPER = Paper(
    "2611.00042",
    2,
    "Tides as a Clock: $O(n)$ Sorting by the Moon",
    ("Ada Reef", "Ben Shore", "Chen Sand", "Dora Wave"),
    "We let the sea sort.\n\nIt is *slow*, and it is right.",
    datetime(2026, 11, 2, 18, tzinfo=UTC),
    datetime(2026, 11, 9, 18, tzinfo=UTC),
    ("cs.DS", "physics.ao-ph"),
    "12 pages, 3 figures",
    "10.1000/tide",
    "J. Sand 4",
)
LOOKUP = Lookup(PAPER, SLOT)


def shown(*posts: Post) -> list[dict[str, Any]]:
    """The messages that Slack gets."""
    return [message(each, "0123") for post in posts for each in fit(post)]


def test_an_issue(snapshot: SnapshotAssertion) -> None:
    """An issue is a head message and one for each section, whatever its titles hold."""
    issue = compose(NEWSLETTER, NOMINATIONS[:3], 12, SLOT, BALLOT)
    assert shown(*issue_posts(NEWSLETTER, issue)) == snapshot


def test_a_ballot(snapshot: SnapshotAssertion) -> None:
    """A ballot shows its nominations with their numbers, when it ends, and a button for the standing."""
    assert shown(*ballot_posts(NEWSLETTER, BALLOT, NOMINATIONS)) == snapshot


def test_a_paper(snapshot: SnapshotAssertion) -> None:
    """A paper shows what it is and where to read it; its abstract and its BibTeX entry are there letter by letter."""
    assert shown(paper_post(LOOKUP, now=SLOT), abstract_post(LOOKUP), bibtex_post(LOOKUP)) == snapshot
