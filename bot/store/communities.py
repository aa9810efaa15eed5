"""Communities that the bot has left, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.store import schema
from bot.store.forgetting import forget_newsletter
from bot.store.rows import Rows
from bot.store.schema import deliveries, departures, members, newsletters, subscriptions
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlCommunities:
    """The port `Communities` within one transaction."""

    rows: Rows

    async def left(self, platform: str, community: str, at: datetime) -> None:
        """Note when the bot left a community; the first time stands until it returns."""
        query = insert(departures).values(platform=platform, community=community, left_at=at)
        await self.rows.change(query.on_conflict_do_nothing())

    async def returned(self, platform: str, community: str) -> None:
        """Forget that the bot had left."""
        kept = departures.c
        await self.rows.change(delete(departures).where(kept.platform == platform, kept.community == community))

    async def left_before(self, moment: datetime) -> tuple[tuple[str, str], ...]:
        """The communities, as (platform, community), that the bot left before then and has not returned to."""
        query = select(departures).where(departures.c.left_at < moment).order_by(departures.c.left_at)
        return tuple((row["platform"], row["community"]) for row in await self.rows.all(query))

    async def forget(self, platform: str, community: str) -> None:
        """Delete the community's channels and editors, and the newsletters that no other community has."""
        here = (subscriptions.c.platform == platform) & (subscriptions.c.community == community)
        elsewhere = select(subscriptions.c.newsletter_id).where(~here)
        its_own = select(newsletters.c.id).where(
            newsletters.c.id.in_(select(subscriptions.c.newsletter_id).where(here)),
            newsletters.c.id.not_in(elsewhere),
        )
        for row in await self.rows.all(its_own):
            await forget_newsletter(self.rows, row["id"])
        await self.rows.change(delete(subscriptions).where(here))
        waits = (deliveries.c.platform == platform) & (deliveries.c.community == community)
        await self.rows.change(update(deliveries).where(waits).values(next_at=None))
        its_members = select(members.c.id).where(members.c.platform == platform, members.c.community == community)
        await self.rows.change(delete(schema.editors).where(schema.editors.c.member_id.in_(its_members)))
        await self.returned(platform, community)
