"""What the demo begins with: a newsletter with one issue out and a ballot open, and people to speak as."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from importlib.resources import files

from bot.core.ballots import refresh
from bot.core.issues import one_message, send_out
from bot.core.model import (
    Channel,
    Entry,
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
from bot.core.schedule import next_slot
from bot.core.urls import site
from bot.core.week import schedule_next

SECTIONS = ("Papers", "Articles", "Tools")

NAME = "The Reading Room"


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the demo."""

    id: str
    name: str
    editor: bool = False


PEOPLE = (
    Someone("ada", "Ada", editor=True),
    Someone("ben", "Ben"),
    Someone("chen", "Chen"),
    Someone("dora", "Dora"),
    Someone("emre", "Emre"),
)

PAPER_CHANNEL, TALK_CHANNEL, EDITORS_CHANNEL = "the-paper", "reading-group", "editors"

CHANNELS = {
    PAPER_CHANNEL: "Issues and ballots come out here",
    TALK_CHANNEL: "Talk about what you read",
    EDITORS_CHANNEL: "What editors are told",
}


def papers() -> tuple[Paper, ...]:
    """Papers that the demo knows without a network: facts from arXiv, abstracts in the demo's own words."""
    rows = json.loads(files("bot.demo").joinpath("papers.json").read_text(encoding="utf-8"))
    return tuple(
        Paper(
            **row
            | {
                "authors": tuple(row["authors"]),
                "categories": tuple(row["categories"]),
                "published": datetime.fromisoformat(row["published"]),
                "updated": datetime.fromisoformat(row["updated"]),
            }
        )
        for row in rows
    )


def figures() -> dict[str, bytes]:
    """The demo's drawings by file name."""
    folder = files("bot.demo").joinpath("figures")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.endswith(".svg")}


@dataclass(frozen=True, slots=True)
class _Read:
    """Something that was in the demo's first issue, or is on its ballot."""

    section: str
    url: str
    title: str
    by: str
    words: str
    kind: Kind = Kind.PAPER
    figure: str | None = None
    votes: int = 0
    days_ago: int = 1


_FIRST_ISSUE = (
    _Read(
        "Papers", "https://arxiv.org/abs/1706.03762", "Attention Is All You Need", "chen",
        "Translation with attention alone: no recurrence, no convolution, and so quick to train that the rest of the "
        "field followed.", figure="/figures/attention.svg", votes=4,
    ),
    _Read(
        "Papers", "https://arxiv.org/abs/1512.03385", "Deep Residual Learning for Image Recognition", "ben",
        "Blocks that learn a correction to their input, and pass the input around themselves, make networks of 152 "
        "layers trainable.", figure="/figures/residual.svg", votes=3,
    ),
    _Read(
        "Articles", "https://distill.pub/2021/gnn-intro/", "A Gentle Introduction to Graph Neural Networks", "dora",
        "What a graph is good for, how a network reads one, and a playground in the page to try each choice in.",
        Kind.ARTICLE, votes=3,
    ),
    _Read(
        "Tools", "https://github.com/karpathy/nanoGPT", "karpathy/nanoGPT", "emre",
        "A GPT that one can read in an afternoon: two files of about 300 lines, enough to train GPT-2 again.",
        Kind.REPOSITORY, votes=2,
    ),
)  # fmt: skip

_ON_THE_BALLOT = (
    _Read(
        "Papers", "https://arxiv.org/abs/2010.11929",
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", "ben",
        "Images read as words. We said we would come back to this one.", days_ago=5,
    ),
    _Read(
        "Papers", "https://arxiv.org/abs/2005.14165", "Language Models are Few-Shot Learners", "dora",
        "Long, but the figure with the three sizes says most of it.", figure="/figures/prompt.svg", days_ago=4,
    ),
    _Read(
        "Articles", "https://lilianweng.github.io/posts/2018-06-24-attention/", "Attention? Attention!", "chen",
        "The history that the Transformer paper leaves out.", Kind.ARTICLE, days_ago=3,
    ),
    _Read(
        "Tools", "https://github.com/google-deepmind/alphafold", "google-deepmind/alphafold", "emre",
        "The code behind the protein structures, with the weights.", Kind.REPOSITORY, days_ago=2,
    ),
)  # fmt: skip


def member(person_id: str, community: str = "demo") -> Member:
    """A person of the demo as a member of the web platform."""
    name = next(each.name for each in PEOPLE if each.id == person_id)
    return Member("web", community, person_id, name)


async def seed(store: Store, now: datetime, community: str = "demo") -> None:
    """Fill an empty store; one that has a newsletter is left as it is."""
    async with store.transaction() as tx:
        if await tx.newsletters.all():
            return
        for paper in papers():
            await tx.papers.put(paper, now, newest=True)
        schedule = Schedule(0, time(9), "UTC")
        newsletter = await tx.newsletters.add(Newsletter(0, NAME, schedule, sections=SECTIONS, rules=Rules(picks=3)))
        for channel, editors in ((PAPER_CHANNEL, False), (EDITORS_CHANNEL, True)):
            address = Channel("web", community, channel)
            await tx.newsletters.subscribe(Subscription(newsletter.id, address, editors))
        newsletter = await schedule_next(tx, _scheduled(newsletter, now))
        await _first_issue(tx, newsletter, now)
        await _ballot(tx, newsletter, now, community)


def _scheduled(newsletter: Newsletter, now: datetime) -> Newsletter:
    return replace(newsletter, next_slot=next_slot(newsletter.schedule, now))


async def _first_issue(tx: Transaction, newsletter: Newsletter, now: datetime) -> None:
    assert newsletter.next_slot is not None
    slot = newsletter.next_slot - timedelta(days=7)
    ballot = await tx.ballots.open(newsletter.id, slot - timedelta(days=7))
    await tx.ballots.close(ballot.id, slot, ())
    await tx.newsletters.take_slot(newsletter.id, slot, "published")
    entries = tuple(
        Entry(
            each.section, each.url, each.title, site(each.url), each.kind, each.words, each.figure,
            each.url.rsplit("/", 1)[-1] if each.kind is Kind.PAPER else None, each.votes, member(each.by).name,
        )
        for each in _FIRST_ISSUE
    )  # fmt: skip
    issue = await tx.issues.add(
        Issue(
            id=0,
            newsletter_id=newsletter.id,
            number=1,
            title=f"{NAME} #1",
            dated=slot.date(),
            state=IssueState.PUBLISHED,
            highlights=tuple(Highlight(each.title, (each.url,)) for each in entries[:3]),
            sections=SECTIONS,
            entries=entries,
            slot=slot,
            published_at=now,
            ballot_id=ballot.id,
        )
    )
    await send_out(tx, {"web": one_message}, newsletter, issue)


async def _ballot(tx: Transaction, newsletter: Newsletter, now: datetime, community: str) -> None:
    ballot = await tx.ballots.open(newsletter.id, now - timedelta(days=6))
    for each in _ON_THE_BALLOT:
        paper = each.url.rsplit("/", 1)[-1] if each.kind is Kind.PAPER else None
        item = await tx.items.ensure(
            Item(0, each.url, each.title, site(each.url), each.kind, each.words, each.figure, paper)
        )
        nominated = now - timedelta(days=each.days_ago)
        by = member(each.by, community)
        await tx.ballots.nominate(Nomination(0, ballot.id, item, 0, each.section, nominated, by, each.words))
    await refresh(tx, newsletter, ballot, now)
