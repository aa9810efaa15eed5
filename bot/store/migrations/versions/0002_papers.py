"""Papers that are not on arXiv, what indexes add to papers, and lanes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Integer, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Say of every paper kept so far that it is arXiv's, with its whole date; make the new tables."""
    defaults = {"kind": "arxiv", "precision": "day"}
    for name in ("kind", "venue", "publisher", "volume", "number", "pages", "decision", "pdf", "precision"):
        op.add_column("papers", Column(name, Text, nullable=False, server_default=defaults.get(name, "")))
    op.create_table(
        "paper_extras",
        Column("paper", Text, primary_key=True),
        Column("citations", Integer),
        *(Column(name, Text, nullable=False) for name in ("tldr", "venue", "url")),
        Column("fetched_at", DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "lanes",
        Column("name", Text, primary_key=True),
        Column("since", DateTime(timezone=True), nullable=False),
        Column("free_at", DateTime(timezone=True), nullable=False),
    )
