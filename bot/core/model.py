"""The words of DESIGN.md as frozen, typed records: newsletters, items, ballots, issues, deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.core.references import Reference, ReferenceKind

if TYPE_CHECKING:
    from bot.core.post import Post


class Kind(StrEnum):
    """What sort of thing an item is."""

    PAPER = "paper"
    ARTICLE = "article"
    REPOSITORY = "repository"
    VIDEO = "video"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's address on a platform; a community is a Discord guild or a Slack workspace."""

    platform: str
    community: str
    id: str


@dataclass(frozen=True, slots=True)
class Member:
    """Someone on a platform; two members are the same by their ids, whatever name they show."""

    platform: str
    community: str
    id: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A message's address: the channel it stands in and its id on the platform."""

    channel: Channel
    id: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The weekly hour at which issues are due: weekday 0 is Monday, `zone` an IANA name."""

    weekday: int
    at: time
    zone: str

    @property
    def tz(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a vote fills an issue.

    picks: winners an issue takes at most. threshold: votes a winner needs at least. per_section: winners
    from one section at most. carry: ballots that a nomination without a place is carried over to.
    """

    picks: int = 5
    threshold: int = 2
    per_section: int = 3
    carry: int = 4


@dataclass(frozen=True, slots=True)
class Newsletter:
    """What is published, and when.

    `next_slot` is the next weekly slot to deal with; `next_at` is when there is work to do: at that slot,
    at a draft's deadline, or when something that failed is tried again.
    """

    id: int
    name: str
    schedule: Schedule
    language: str = "en"
    sections: tuple[str, ...] = ("Papers", "Articles", "Tools")
    rules: Rules = Rules()
    review: timedelta | None = None
    grace: timedelta = timedelta(hours=48)
    paused: bool = False
    next_slot: datetime | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel that gets a newsletter; an editors' channel gets its notices and drafts instead.

    mention: the role that an issue's head message calls, empty for none. crosspost: whether the head message is
    passed on to the channels that follow this one, where the platform has such.
    """

    newsletter_id: int
    channel: Channel
    editors: bool = False
    suspended: str | None = None
    mention: str = ""
    crosspost: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to read, known by its canonical URL; `paper` is its arXiv id where it has one."""

    id: int
    url: str
    title: str
    site: str
    kind: Kind
    summary: str = ""
    figure: str | None = None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself; what it does not say is empty or None.

    url: canonical, and as the page itself has it where that is on its own site. site: its name, or its host.
    dated: the day it was published. language: as in BCP 47. stars: how many people marked a repository.
    """

    url: str
    title: str = ""
    site: str = ""
    description: str = ""
    picture: str | None = None
    author: str = ""
    dated: date | None = None
    kind: Kind | None = None
    language: str = ""
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class Nomination:
    """A member's proposal of an item; position counts from 1 and is its place on the ballot.

    `title` and `summary` are what an editor put in place of the item's own, `at` is when the item was
    first nominated (a carried nomination keeps it), `votes` is the standing.
    """

    id: int
    ballot_id: int
    item: Item
    position: int
    section: str
    at: datetime
    by: Member | None = None
    note: str = ""
    title: str | None = None
    summary: str | None = None
    carried: int = 0
    pinned: bool = False
    dropped: bool = False
    votes: int = 0

    @property
    def heading(self) -> str:
        """The title to show."""
        return self.title or self.item.title


@dataclass(frozen=True, slots=True)
class Ballot:
    """The nominations of one week, open for votes until `closed_at`; the receipt says what was counted."""

    id: int
    newsletter_id: int
    number: int
    opened_at: datetime
    closed_at: datetime | None = None
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Highlight:
    """A sentence or two on top of an issue, with the links it speaks of, under an optional group."""

    text: str
    links: tuple[str, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as one issue prints it; in a draft, editors may have pinned it or dropped it."""

    section: str
    url: str
    title: str
    site: str
    kind: Kind
    summary: str = ""
    figure: str | None = None
    paper: str | None = None
    votes: int | None = None
    by: str = ""
    pinned: bool = False
    dropped: bool = False


class IssueState(StrEnum):
    """A draft waits for its editors; a published issue is out and numbered."""

    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Issue:
    """A numbered, dated issue: highlights, then sections of entries.

    `slot` is the weekly slot it fills (None for one read in from elsewhere, whose address is
    `source_url`), `deadline` is when a draft goes out by itself, `late_since` the slot it missed, if so.
    """

    id: int
    newsletter_id: int
    number: int | None
    title: str
    dated: date
    state: IssueState
    highlights: tuple[Highlight, ...] = ()
    sections: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    slot: datetime | None = None
    published_at: datetime | None = None
    deadline: datetime | None = None
    late_since: datetime | None = None
    ballot_id: int | None = None
    source_url: str | None = None
    week: int | None = None
    past_issues: tuple[str, ...] = ()

    def in_section(self, section: str) -> tuple[Entry, ...]:
        """The entries of one section, in their order."""
        return tuple(entry for entry in self.entries if entry.section == section)


class DeliveryKind(StrEnum):
    """What a delivery is a message of."""

    ISSUE = "issue"
    BALLOT = "ballot"
    NOTICE = "notice"


class DeliveryState(StrEnum):
    """Where a delivery stands: waiting (not yet sent), sent, or failed for good."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that one channel must get exactly once.

    `subject` is the id of the issue, ballot or notice it belongs to; part 0 is the head message, the
    parts above it stand in its thread (those of a ballot or a notice stand side by side). `key` travels in the message.
    `revision` is the version of `post` wanted, `shown` the one the platform has. `next_at` is None when
    nothing is left to do.
    """

    id: int
    key: str
    kind: DeliveryKind
    subject: int
    newsletter_id: int
    channel: Channel
    part: int
    post: Post
    state: DeliveryState = DeliveryState.WAITING
    revision: int = 1
    shown: int = 0
    attempts: int = 0
    first_attempt_at: datetime | None = None
    next_at: datetime | None = None
    message_id: str | None = None
    error: str | None = None


class Precision(StrEnum):
    """How much of a paper's date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper source says of a paper; times are aware, the abstract is plain text.

    `kind` and `id` are those of its reference; versions are arXiv's alone, elsewhere there is one. `journal` or
    `venue` (the proceedings) is where it appeared, `decision` what became of it there, `pdf` a file free to read.
    """

    id: str
    version: int
    title: str
    authors: tuple[str, ...]
    abstract: str
    published: datetime
    updated: datetime
    categories: tuple[str, ...] = ()
    comment: str = ""
    doi: str = ""
    journal: str = ""
    kind: ReferenceKind = ReferenceKind.ARXIV
    venue: str = ""
    publisher: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    decision: str = ""
    pdf: str = ""
    precision: Precision = Precision.DAY

    @property
    def reference(self) -> Reference:
        """The paper as its readers name it, whatever its version."""
        return Reference(self.kind, self.id)

    @property
    def url(self) -> str:
        """The canonical address, which names no version."""
        return self.reference.url

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back: arXiv says so in the comment alone, others in the decision."""
        decided = self.decision.lower()
        said = self.comment.lower()
        return "withdrawn" in decided or "retracted" in decided or ("withdrawn" in said and "not withdrawn" not in said)


@dataclass(frozen=True, slots=True)
class CachedPaper:
    """A paper as it was at `fetched_at`."""

    paper: Paper
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Extras:
    """What an index adds to a paper, none of which is needed: all of it is empty for a paper that it does not know.

    citations: how often others cite it. tldr: its sentence. venue: where it appeared. url: where the index says so.
    """

    citations: int | None = None
    tldr: str = ""
    venue: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CachedExtras:
    """A paper's extras as they were at `fetched_at`."""

    extras: Extras
    fetched_at: datetime
