"""Feeds that newsletters follow, and their entries that have been dealt with, as rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import RowMapping, delete, func, select, update

from bot.core.feeds import Feed
from bot.store.rows import Rows
from bot.store.schema import feed_entries, feeds
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlFeeds:
    """The port `Feeds` within one transaction."""

    rows: Rows

    async def follow(self, feed: Feed, known: Collection[str]) -> Feed:
        """Follow a feed, whose entries so far are known; one that the newsletter follows already is kept as it is."""
        made = insert(feeds).values(_values(feed)).on_conflict_do_nothing().returning(feeds.c.id)
        feed_id = cast("int | None", await self.rows.value(made))
        if feed_id is not None and known:
            listed = [{"feed_id": feed_id, "entry": entry} for entry in dict.fromkeys(known)]
            await self.rows.put_all(insert(feed_entries), listed)
        query = select(feeds).where(feeds.c.newsletter_id == feed.newsletter_id, feeds.c.url == feed.url)
        return _feed(await self.rows.one(query))

    async def unfollow(self, feed_id: int) -> None:
        """Follow the feed no longer."""
        await self.rows.change(delete(feed_entries).where(feed_entries.c.feed_id == feed_id))
        await self.rows.change(delete(feeds).where(feeds.c.id == feed_id))

    async def of(self, newsletter_id: int) -> tuple[Feed, ...]:
        """The feeds that a newsletter follows, oldest first."""
        query = select(feeds).where(feeds.c.newsletter_id == newsletter_id).order_by(feeds.c.id)
        return tuple(map(_feed, await self.rows.all(query)))

    async def due(self, now: datetime) -> tuple[Feed, ...]:
        """Feeds whose `next_at` has come, the one that waits longest first."""
        query = select(feeds).where(feeds.c.next_at <= now).order_by(feeds.c.next_at, feeds.c.id)
        return tuple(map(_feed, await self.rows.all(query)))

    async def next_due(self) -> datetime | None:
        """The earliest `next_at` there is."""
        query = select(func.min(feeds.c.next_at)).where(feeds.c.next_at.is_not(None))
        return cast("datetime | None", await self.rows.value(query))

    async def get(self, feed_id: int) -> Feed | None:
        """The feed with this id, if it is still followed."""
        row = await self.rows.first(select(feeds).where(feeds.c.id == feed_id))
        return None if row is None else _feed(row)

    async def save(self, feed: Feed) -> None:
        """Keep what became of asking a feed; one that is followed no longer stays so."""
        await self.rows.change(update(feeds).where(feeds.c.id == feed.id).values(_values(feed)))

    async def known(self, feed_id: int) -> frozenset[str]:
        """The ids of the entries that have been dealt with."""
        query = select(feed_entries.c.entry).where(feed_entries.c.feed_id == feed_id)
        return frozenset(row["entry"] for row in await self.rows.all(query))

    async def take(self, feed_id: int, entry: str) -> bool:
        """Mark an entry as dealt with; False if it was, or if its feed is followed no longer."""
        if await self.get(feed_id) is None:
            return False
        made = insert(feed_entries).values(feed_id=feed_id, entry=entry).on_conflict_do_nothing()
        return await self.rows.change(made) == 1


def _values(feed: Feed) -> dict[str, Any]:
    return {
        "newsletter_id": feed.newsletter_id,
        "url": feed.url,
        "title": feed.title,
        "etag": feed.etag,
        "modified": feed.modified,
        "since": feed.since,
        "next_at": feed.next_at,
        "failures": feed.failures,
        "failing_since": feed.failing_since,
        "reason": feed.reason,
        "told": feed.told,
    }


def _feed(row: RowMapping) -> Feed:
    return Feed(**dict(row))
