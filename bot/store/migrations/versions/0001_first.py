"""The first schema.

A copy of what `bot.store.schema` was, for later changes of that file must not change what this makes.
"""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


def upgrade() -> None:
    """Make every table."""
    metadata.create_all(op.get_bind(), checkfirst=False)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of(table: str, name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=null)


def _words(*names: str, null: bool = False) -> list[Column[str]]:
    return [Column(name, Text, nullable=null) for name in names]


def _numbers(*names: str, least: int = 0) -> list[Column[int] | CheckConstraint]:
    columns = [Column(name, Integer, nullable=False) for name in names]
    return [*columns, *(CheckConstraint(f"{name} >= {least}", name=name) for name in names)]


def _flags(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean, nullable=False) for name in names]


def _one_of(name: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


def _some(name: str, column: str, where: str, *, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, column, unique=unique, sqlite_where=condition, postgresql_where=condition)


Table(
    "newsletters",
    metadata,
    _id(),
    *_words("name"),
    *_numbers("weekday"),
    Column("at", Time, nullable=False),
    *_words("zone", "language"),
    Column("sections", Text, nullable=False),
    *_numbers("picks", "threshold", "per_section", "carry"),
    Column("review", Integer),
    Column("grace", Integer, nullable=False),
    *_flags("paused"),
    Column("next_slot", DateTime(timezone=True)),
    Column("next_at", DateTime(timezone=True)),
    CheckConstraint("weekday <= 6", name="weekday_last"),
    CheckConstraint("name <> ''", name="name"),
    _some("ix_newsletters_next_at", "next_at", "next_at IS NOT NULL"),
)

Table(
    "slots",
    metadata,
    Column("newsletter_id", Integer, ForeignKey("newsletters.id"), primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    *_words("outcome"),
    _one_of("outcome", ("draft", "published", "empty", "skipped")),
)

Table(
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

Table(
    "departures",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("community", Text, primary_key=True),
    Column("left_at", DateTime(timezone=True), nullable=False),
)

Table(
    "marks",
    metadata,
    Column("key", Text, primary_key=True),
    *_words("value"),
)

Table(
    "members",
    metadata,
    _id(),
    *_words("platform", "community", "member", "name"),
    UniqueConstraint("platform", "community", "member"),
)

Table(
    "editors",
    metadata,
    Column("newsletter_id", Integer, ForeignKey("newsletters.id"), primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), primary_key=True),
    *_numbers("position"),
)

Table(
    "items",
    metadata,
    _id(),
    Column("url", Text, nullable=False, unique=True),
    *_words("title", "site", "kind", "summary"),
    *_words("figure", "paper", null=True),
    _one_of("kind", ("paper", "article", "repository", "video", "post")),
)

Table(
    "ballots",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    *_numbers("number", least=1),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("receipt", Text, nullable=False),
    UniqueConstraint("newsletter_id", "number"),
    _some("uq_ballots_open", "newsletter_id", "closed_at IS NULL", unique=True),
)

Table(
    "nominations",
    metadata,
    _id(),
    _of("ballots", "ballot_id"),
    _of("items", "item_id"),
    *_numbers("position", least=1),
    *_words("section"),
    Column("at", DateTime(timezone=True), nullable=False),
    _of("members", "by_id", null=True),
    *_words("note"),
    *_words("title", "summary", null=True),
    *_numbers("carried"),
    *_flags("pinned", "dropped"),
    *_numbers("votes"),
    UniqueConstraint("ballot_id", "item_id"),
    UniqueConstraint("ballot_id", "position"),
)

Table(
    "notices",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    Column("at", DateTime(timezone=True), nullable=False),
    *_words("text"),
    Index(None, "newsletter_id"),
)

Table(
    "deliveries",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    *_words("kind"),
    *_numbers("subject"),
    _of("newsletters", "newsletter_id"),
    *_words("platform", "community", "channel"),
    *_numbers("part"),
    *_words("post", "state"),
    *_numbers("revision", least=1),
    *_numbers("shown", "attempts"),
    Column("first_attempt_at", DateTime(timezone=True)),
    Column("next_at", DateTime(timezone=True)),
    *_words("message_id", "error", null=True),
    _one_of("kind", ("issue", "ballot", "notice")),
    _one_of("state", ("waiting", "sent", "failed")),
    CheckConstraint("shown <= revision", name="shown_last"),
    UniqueConstraint("kind", "subject", "platform", "community", "channel", "part"),
    UniqueConstraint("platform", "community", "channel", "message_id"),
    Index(None, "newsletter_id"),
    _some("ix_deliveries_next_at", "next_at", "next_at IS NOT NULL"),
)

Table(
    "reactions",
    metadata,
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), primary_key=True),
    Column("nomination_id", Integer, ForeignKey("nominations.id"), primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), primary_key=True),
    Index(None, "nomination_id", "member_id"),
)

Table(
    "votes",
    metadata,
    Column("ballot_id", Integer, primary_key=True),
    Column("item_id", Integer, primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id"), primary_key=True),
    ForeignKeyConstraint(["ballot_id", "item_id"], ["nominations.ballot_id", "nominations.item_id"]),
)

Table(
    "issues",
    metadata,
    _id(),
    _of("newsletters", "newsletter_id"),
    Column("number", Integer),
    *_words("title"),
    Column("dated", Date, nullable=False),
    *_words("state"),
    Column("highlights", Text, nullable=False),
    Column("sections", Text, nullable=False),
    Column("slot", DateTime(timezone=True)),
    Column("published_at", DateTime(timezone=True)),
    Column("deadline", DateTime(timezone=True)),
    Column("late_since", DateTime(timezone=True)),
    _of("ballots", "ballot_id", null=True),
    *_words("source_url", null=True),
    Column("week", Integer),
    Column("past_issues", Text, nullable=False),
    _one_of("state", ("draft", "published")),
    UniqueConstraint("newsletter_id", "number"),
    UniqueConstraint("newsletter_id", "slot"),
    UniqueConstraint("newsletter_id", "source_url"),
    _some("uq_issues_draft", "newsletter_id", "state = 'draft'", unique=True),
    Index(None, "newsletter_id", "dated"),
)

Table(
    "entries",
    metadata,
    Column("issue_id", Integer, ForeignKey("issues.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    *_words("section"),
    Column("url", Text, nullable=False, index=True),
    *_words("title", "site", "kind", "summary"),
    *_words("figure", "paper", null=True),
    Column("votes", Integer),
    *_words("by"),
    *_flags("pinned", "dropped"),
    _one_of("kind", ("paper", "article", "repository", "video", "post")),
)

Table(
    "papers",
    metadata,
    Column("paper_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    *_words("title"),
    Column("authors", Text, nullable=False),
    *_words("abstract"),
    Column("published", DateTime(timezone=True), nullable=False),
    Column("updated", DateTime(timezone=True), nullable=False),
    Column("categories", Text, nullable=False),
    *_words("comment", "doi", "journal"),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("version >= 1", name="version"),
)

Table(
    "newest_papers",
    metadata,
    Column("paper_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["paper_id", "version"], ["papers.paper_id", "papers.version"]),
)
