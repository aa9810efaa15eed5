"""Feeds that newsletters follow, and newsletters read in that wait for an editor's word."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Integer, Text, UniqueConstraint, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the new tables."""
    op.create_table(
        "feeds",
        Column("id", Integer, primary_key=True),
        Column("newsletter_id", Integer, ForeignKey("newsletters.id"), nullable=False),
        *(Column(name, Text, nullable=False) for name in ("url", "title", "etag", "modified")),
        Column("since", DateTime(timezone=True), nullable=False),
        Column("next_at", DateTime(timezone=True)),
        Column("failures", Integer, nullable=False),
        CheckConstraint("failures >= 0", name="failures"),
        Column("failing_since", DateTime(timezone=True)),
        Column("reason", Text, nullable=False),
        Column("told", Boolean, nullable=False),
        UniqueConstraint("newsletter_id", "url"),
    )
    waiting = text("next_at IS NOT NULL")
    op.create_index("ix_feeds_next_at", "feeds", ["next_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "feed_entries",
        Column("feed_id", Integer, ForeignKey("feeds.id"), primary_key=True),
        Column("entry", Text, primary_key=True),
    )
    op.create_table(
        "previews",
        Column("key", Text, primary_key=True),
        Column("newsletter_id", Integer, ForeignKey("newsletters.id"), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("content", Text, nullable=False),
    )
    op.create_index("ix_previews_newsletter_id", "previews", ["newsletter_id"])
