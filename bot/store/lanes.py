"""Lanes as rows: until when each is taken, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.store.rows import Rows
from bot.store.schema import lanes
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlLanes:
    """The port `Lanes` within one transaction."""

    rows: Rows

    async def take(self, name: str, now: datetime, until: datetime) -> datetime:
        """Take the lane until then at the latest, if it is free; returns `now`, else when it will be."""
        span = {"since": now, "free_at": until}
        taking = insert(lanes).values(name=name, **span)
        taking = taking.on_conflict_do_update(index_elements=["name"], set_=span, where=lanes.c.free_at <= now)
        if await self.rows.change(taking):
            return now
        row = await self.rows.one(select(lanes).where(lanes.c.name == name))
        since: datetime = row["since"]
        free_at: datetime = row["free_at"]
        if since > now:  # somebody set the clock back
            free_at = now + (free_at - since)
            await self.rows.change(update(lanes).where(lanes.c.name == name).values(since=now, free_at=free_at))
        return free_at

    async def free(self, name: str, now: datetime, at: datetime) -> None:
        """Let the next one take the lane from `at` on."""
        span = {"since": now, "free_at": at}
        query = insert(lanes).values(name=name, **span)
        await self.rows.change(query.on_conflict_do_update(index_elements=["name"], set_=span))
