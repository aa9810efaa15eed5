"""Newsletters, ballots and deliveries for the store's tests, with one of everything in `fill`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.core.feeds import Feed
from bot.core.model import (
    Ballot,
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entry,
    Extras,
    Highlight,
    Issue,
    IssueState,
    Item,
    Kind,
    Member,
    Newsletter,
    Nomination,
    Paper,
    Rules,
    Schedule,
    Subscription,
)
from bot.core.ports import Store, Transaction
from bot.core.post import sentence

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLATFORMS = frozenset({"discord", "slack"})
READING = Channel("discord", "1001", "2001")
DESK = Channel("slack", "T01", "C09")
ADA = Member("discord", "1001", "31", "Ada")
BOB = Member("slack", "T01", "U42", "Bob")


def newsletter(name: str = "Morning Papers", **changes: Any) -> Newsletter:
    """A newsletter with every field set to something of its own."""
    made = Newsletter(
        id=0,
        name=name,
        schedule=Schedule(4, time(17, 30), "Europe/Zurich"),
        language="ja",
        sections=("Papers", "Tools"),
        rules=Rules(picks=7, threshold=1, per_section=4, carry=2),
        review=timedelta(hours=3),
        grace=timedelta(hours=30),
        next_slot=NOON + HOUR,
        next_at=NOON,
    )
    return replace(made, **changes)


def item(number: int = 1) -> Item:
    """An item; each number is one of its own."""
    paper = f"2103.{number:05}"
    url = f"https://arxiv.org/abs/{paper}"
    return Item(0, url, f"Title {number}", "arxiv.org", Kind.PAPER, "It works.", "https://x.test/1.png", paper)


def issue(newsletter_id: int, number: int | None = 1, **changes: Any) -> Issue:
    """A published issue with two entries, dated by its number."""
    day = date(2026, 1, 1) + timedelta(weeks=number or 0)
    made = Issue(
        id=0,
        newsletter_id=newsletter_id,
        number=number,
        title=f"Issue {number}",
        dated=day,
        state=IssueState.PUBLISHED,
        highlights=(Highlight("Much to read.", ("https://a.test/",), "News"), Highlight("And more.")),
        sections=("Papers", "Tools"),
        entries=(entry("https://a.test/"), entry("https://b.test/", pinned=True, votes=None, by="")),
        published_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        week=day.isocalendar().week,
        past_issues=("https://a.test/issue-0",),
    )
    return replace(made, **changes)


def entry(url: str, **changes: Any) -> Entry:
    """An entry that prints this address."""
    made = Entry("Papers", url, "A title", "a.test", Kind.ARTICLE, "It says.", None, "2103.00001", 3, "Ada")
    return replace(made, **changes)


def delivery(newsletter_id: int, subject: int, part: int = 0, **changes: Any) -> Delivery:
    """A part of an issue for `READING`, due at noon."""
    key = f"{changes.get('kind', 'issue')}-{subject}-{part}-{changes.get('channel', READING).id}"
    post = sentence(f"Part {part} of {subject}")
    made = Delivery(0, key, DeliveryKind.ISSUE, subject, newsletter_id, READING, part, post, next_at=NOON)
    return replace(made, **changes)


def paper(version: int = 1) -> Paper:
    """A version of a paper."""
    return Paper(
        "2103.06255", version, "Involution", ("Li", "Hu"), "An abstract.", NOON, NOON + version * HOUR,
        ("cs.CV",), "CVPR 2021", "10.1109/x", "Proceedings",
    )  # fmt: skip


async def add_newsletter(store: Store, name: str = "Morning Papers", **changes: Any) -> Newsletter:
    """Keep a newsletter."""
    async with store.transaction() as tx:
        return await tx.newsletters.add(newsletter(name, **changes))


@dataclass(frozen=True, slots=True)
class Vote:
    """An open ballot with its nominations and its messages."""

    ballot: Ballot
    nominations: tuple[Nomination, ...]
    messages: tuple[Delivery, ...]


async def nominate(tx: Transaction, ballot: Ballot, number: int = 1, **changes: Any) -> Nomination:
    """Nominate the item of this number."""
    kept = await tx.items.ensure(item(number))
    return await tx.ballots.nominate(replace(Nomination(0, ballot.id, kept, 0, "Papers", NOON), **changes))


async def open_vote(store: Store, name: str = "Morning Papers", items: int = 2, messages: int = 2) -> Vote:
    """Open a new newsletter's ballot with so many nominations, shown by so many messages."""
    async with store.transaction() as tx:
        made = await tx.newsletters.add(newsletter(name))
        ballot = await tx.ballots.open(made.id, NOON)
        nominations = [await nominate(tx, ballot, number) for number in range(1, items + 1)]
        sent = [
            delivery(made.id, ballot.id, part, kind=DeliveryKind.BALLOT, state=DeliveryState.SENT,
                     message_id=f"{ballot.id}-{part}")
            for part in range(messages)
        ]  # fmt: skip
        kept = [await tx.outbox.put(each) for each in sent]
    return Vote(ballot, tuple(nominations), tuple(kept))


async def fill(store: Store) -> None:
    """Keep a row in every table."""
    vote = await open_vote(store)
    made = vote.ballot.newsletter_id
    async with store.transaction() as tx:
        await tx.ballots.vote(vote.messages[0].id, vote.nominations[0].id, ADA)
        await tx.newsletters.subscribe(Subscription(made, READING))
        await tx.newsletters.set_editors(made, "slack", "T01", [BOB])
        await tx.newsletters.take_slot(made, NOON, "published")
        await tx.issues.add(issue(made, slot=NOON, source_url="https://a.test/issue-1"))
        await tx.issues.add(issue(made, 2, state=IssueState.DRAFT))
        await tx.outbox.notice(made, NOON, "Somebody should look.")
        await tx.communities.left("slack", "T01", NOON)
        await tx.marks.put("discord commands", "a digest")
        await tx.papers.put(paper(), NOON, newest=True)
        await tx.papers.put_extras(paper().reference, Extras(7, "It works.", "CVPR", "https://s.test/1"), NOON)
        await tx.lanes.take("arxiv", NOON, NOON + HOUR)
        await tx.feeds.follow(Feed(0, 1, "https://weekly.test/feed", NOON, "The Weekly", next_at=NOON), ["tag:1"])
        await tx.previews.put(1, "a key", NOON, "what was read")
