"""Newsletters read in that wait for an editor's word, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete

from bot.store.rows import Rows
from bot.store.schema import previews
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlPreviews:
    """The port `Previews` within one transaction."""

    rows: Rows

    async def put(self, newsletter_id: int, key: str, at: datetime, content: str) -> None:
        """Keep a preview."""
        await self.rows.change(insert(previews).values(newsletter_id=newsletter_id, key=key, at=at, content=content))

    async def take(self, newsletter_id: int, key: str) -> str | None:
        """The preview of this key, which is kept no longer: of two who take it, one gets it."""
        gone = delete(previews).where(previews.c.key == key, previews.c.newsletter_id == newsletter_id)
        return cast("str | None", await self.rows.value(gone.returning(previews.c.content)))

    async def forget(self, before: datetime) -> None:
        """Delete the previews of every newsletter that were kept before then."""
        await self.rows.change(delete(previews).where(previews.c.at < before))
