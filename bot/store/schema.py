"""The tables. What must not happen twice is unique here, so that the database refuses it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    Time,
    UniqueConstraint,
    text,
)

from bot.core.model import DeliveryKind, DeliveryState, IssueState, Kind
from bot.store.columns import Json, Span, Utc, Whole, Words

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

OUTCOMES = ("draft", "published", "empty", "skipped")

metadata = MetaData(naming_convention=NAMING)


def _id() -> Column[int]:
    return Column("id", Whole, primary_key=True)


def _of(table: str, name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Whole, ForeignKey(f"{table}.id"), nullable=null)


def _words(*names: str, null: bool = False) -> list[Column[str]]:
    return [Column(name, Words, nullable=null) for name in names]


def _numbers(*names: str, least: int = 0) -> list[Column[int] | CheckConstraint]:
    columns = [Column(name, Whole, nullable=False) for name in names]
    return [*columns, *(CheckConstraint(f"{name} >= {least}", name=name) for name in names)]


def _flags(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean, nullable=False) for name in names]


def _one_of(name: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


def _some(name: str, column: str, where: str, *, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, column, unique=unique, sqlite_where=condition, postgresql_where=condition)


newsletters = Table(
    "newsletters",
    metadata,
    _id(),
    *_words("name"),
    *_numbers("weekday"),
    Column("at", Time, nullable=False),
    *_words("zone", "language"),
    Column("sections", Json, nullable=False),
    *_numbers("picks", "threshold", "per_section", "carry"),
    Column("review", Span),
    Column("grace", Span, nullable=False),
    *_flags("paused"),
    Column("next_slot", Utc),
    Column("next_at", Utc),
    CheckConstraint("weekday <= 6", name="weekday_last"),
    CheckConstraint("name <> ''", name="name"),
    _some("ix_newsletters_next_at", "next_at", "next_at IS NOT NULL"),
)

slots = Table(
    "slots",
    metadata,
    Column("newsletter_id", Whole, ForeignKey("newsletters.id"), primary_key=True),
    Column("at", Utc, primary_key=True),
    *_words("outcome"),
    _one_of("outcome", OUTCOMES),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    *_words("platform", "community", "channel"),
    *_flags("editors"),
    *_words("suspended", null=True),
    *_words("mention"),
    *_flags("crosspost"),
    UniqueConstraint("platform", "community", "channel"),
    Index(None, "newsletter_id"),
)

departures = Table(
    "departures",
    metadata,
    Column("platform", Words, primary_key=True),
    Column("community", Words, primary_key=True),
    Column("left_at", Utc, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("key", Words, primary_key=True),
    *_words("value"),
)

members = Table(
    "members",
    metadata,
    _id(),
    *_words("platform", "community", "member", "name"),
    UniqueConstraint("platform", "community", "member"),
)

editors = Table(
    "editors",
    metadata,
    Column("newsletter_id", Whole, ForeignKey("newsletters.id"), primary_key=True),
    Column("member_id", Whole, ForeignKey("members.id"), primary_key=True),
    *_numbers("position"),
)

items = Table(
    "items",
    metadata,
    _id(),
    Column("url", Words, nullable=False, unique=True),
    *_words("title", "site", "kind", "summary"),
    *_words("figure", "paper", null=True),
    _one_of("kind", Kind),
)

ballots = Table(
    "ballots",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    *_numbers("number", least=1),
    Column("opened_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Column("receipt", Json, nullable=False),
    UniqueConstraint("newsletter_id", "number"),
    _some("uq_ballots_open", "newsletter_id", "closed_at IS NULL", unique=True),
)

nominations = Table(
    "nominations",
    metadata,
    _id(),
    _of("ballots", "ballot_id"),
    _of("items", "item_id"),
    *_numbers("position", least=1),
    *_words("section"),
    Column("at", Utc, nullable=False),
    _of("members", "by_id", null=True),
    *_words("note"),
    *_words("title", "summary", null=True),
    *_numbers("carried"),
    *_flags("pinned", "dropped"),
    *_numbers("votes"),
    UniqueConstraint("ballot_id", "item_id"),
    UniqueConstraint("ballot_id", "position"),
)

notices = Table(
    "notices",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    Column("at", Utc, nullable=False),
    *_words("text"),
    Index(None, "newsletter_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("key", Words, nullable=False, unique=True),
    *_words("kind"),
    *_numbers("subject"),
    _of("newsletters", "newsletter_id"),
    *_words("platform", "community", "channel"),
    *_numbers("part"),
    *_words("post", "state"),
    *_numbers("revision", least=1),
    *_numbers("shown", "attempts"),
    Column("first_attempt_at", Utc),
    Column("next_at", Utc),
    *_words("message_id", "error", null=True),
    _one_of("kind", DeliveryKind),
    _one_of("state", DeliveryState),
    CheckConstraint("shown <= revision", name="shown_last"),
    UniqueConstraint("kind", "subject", "platform", "community", "channel", "part"),
    UniqueConstraint("platform", "community", "channel", "message_id"),
    Index(None, "newsletter_id"),
    _some("ix_deliveries_next_at", "next_at", "next_at IS NOT NULL"),
)

reactions = Table(
    "reactions",
    metadata,
    Column("delivery_id", Whole, ForeignKey("deliveries.id"), primary_key=True),
    Column("nomination_id", Whole, ForeignKey("nominations.id"), primary_key=True),
    Column("member_id", Whole, ForeignKey("members.id"), primary_key=True),
    Index(None, "nomination_id", "member_id"),
)

votes = Table(
    "votes",
    metadata,
    Column("ballot_id", Whole, primary_key=True),
    Column("item_id", Whole, primary_key=True),
    Column("member_id", Whole, ForeignKey("members.id"), primary_key=True),
    ForeignKeyConstraint(["ballot_id", "item_id"], ["nominations.ballot_id", "nominations.item_id"]),
)

issues = Table(
    "issues",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    Column("number", Whole),
    *_words("title"),
    Column("dated", Date, nullable=False),
    *_words("state"),
    Column("highlights", Json, nullable=False),
    Column("sections", Json, nullable=False),
    Column("slot", Utc),
    Column("published_at", Utc),
    Column("deadline", Utc),
    Column("late_since", Utc),
    _of("ballots", "ballot_id", null=True),
    *_words("source_url", null=True),
    Column("week", Whole),
    Column("past_issues", Json, nullable=False),
    _one_of("state", IssueState),
    UniqueConstraint("newsletter_id", "number"),
    UniqueConstraint("newsletter_id", "slot"),
    UniqueConstraint("newsletter_id", "source_url"),
    _some("uq_issues_draft", "newsletter_id", "state = 'draft'", unique=True),
    Index(None, "newsletter_id", "dated"),
)

entries = Table(
    "entries",
    metadata,
    Column("issue_id", Whole, ForeignKey("issues.id"), primary_key=True),
    Column("position", Whole, primary_key=True),
    *_words("section"),
    Column("url", Words, nullable=False, index=True),
    *_words("title", "site", "kind", "summary"),
    *_words("figure", "paper", null=True),
    Column("votes", Whole),
    *_words("by"),
    *_flags("pinned", "dropped"),
    _one_of("kind", Kind),
)

papers = Table(
    "papers",
    metadata,
    Column("paper_id", Words, primary_key=True),
    Column("version", Whole, primary_key=True),
    *_words("title"),
    Column("authors", Json, nullable=False),
    *_words("abstract"),
    Column("published", Utc, nullable=False),
    Column("updated", Utc, nullable=False),
    Column("categories", Json, nullable=False),
    *_words("comment", "doi", "journal"),
    Column("fetched_at", Utc, nullable=False),
    *_words("kind", "venue", "publisher", "volume", "number", "pages", "decision", "pdf", "precision"),
    CheckConstraint("version >= 1", name="version"),
)

newest_papers = Table(
    "newest_papers",
    metadata,
    Column("paper_id", Words, primary_key=True),
    Column("version", Whole, nullable=False),
    Column("fetched_at", Utc, nullable=False),
    ForeignKeyConstraint(["paper_id", "version"], ["papers.paper_id", "papers.version"]),
)

paper_extras = Table(
    "paper_extras",
    metadata,
    Column("paper", Words, primary_key=True),
    Column("citations", Whole),
    *_words("tldr", "venue", "url"),
    Column("fetched_at", Utc, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    Column("name", Words, primary_key=True),
    Column("since", Utc, nullable=False),
    Column("free_at", Utc, nullable=False),
)

feeds = Table(
    "feeds",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    *_words("url", "title", "etag", "modified"),
    Column("since", Utc, nullable=False),
    Column("next_at", Utc),
    *_numbers("failures"),
    Column("failing_since", Utc),
    *_words("reason"),
    *_flags("told"),
    UniqueConstraint("newsletter_id", "url"),
    _some("ix_feeds_next_at", "next_at", "next_at IS NOT NULL"),
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("feed_id", Whole, ForeignKey("feeds.id"), primary_key=True),
    Column("entry", Words, primary_key=True),
)

previews = Table(
    "previews",
    metadata,
    Column("key", Words, primary_key=True),
    _of("newsletters", "newsletter_id"),
    Column("at", Utc, nullable=False),
    *_words("content"),
    Index(None, "newsletter_id"),
)
