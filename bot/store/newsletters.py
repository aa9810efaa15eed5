"""Newsletters, the channels that get them, their editors and slots, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, select, update

from bot.core.errors import Refused, SlotTaken
from bot.core.model import Channel, Member, Newsletter, Rules, Schedule, Subscription
from bot.store import schema
from bot.store.forgetting import forget_newsletter
from bot.store.rows import Rows, keep_member, to_member
from bot.store.schema import members, newsletters, slots, subscriptions
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlNewsletters:
    """The port `Newsletters` within one transaction."""

    rows: Rows

    async def add(self, newsletter: Newsletter) -> Newsletter:
        """Keep a new newsletter; its id is given here."""
        query = insert(newsletters).values(_values(newsletter)).returning(newsletters.c.id)
        return await self.get(cast(int, await self.rows.value(query)))

    async def save(self, newsletter: Newsletter) -> None:
        """Keep a changed newsletter; raises `Refused` if the id is nobody's."""
        query = update(newsletters).where(newsletters.c.id == newsletter.id).values(_values(newsletter))
        if await self.rows.change(query) == 0:
            raise Refused(_missing(newsletter.id))

    async def get(self, newsletter_id: int) -> Newsletter:
        """The newsletter with this id; raises `Refused` if there is none."""
        query = select(newsletters).where(newsletters.c.id == newsletter_id)
        row = await self.rows.first(query)
        if row is None:
            raise Refused(_missing(newsletter_id))
        return _newsletter(row)

    async def all(self) -> tuple[Newsletter, ...]:
        """Every newsletter, oldest first."""
        query = select(newsletters).order_by(newsletters.c.id)
        return tuple(_newsletter(row) for row in await self.rows.all(query))

    async def due(self, now: datetime) -> tuple[Newsletter, ...]:
        """Newsletters whose `next_at` has come, the one that waits longest first."""
        query = select(newsletters).where(newsletters.c.next_at <= now)
        query = query.order_by(newsletters.c.next_at, newsletters.c.id)
        return tuple(_newsletter(row) for row in await self.rows.all(query))

    async def next_due(self) -> datetime | None:
        """The earliest `next_at` there is."""
        query = select(func.min(newsletters.c.next_at)).where(newsletters.c.next_at.is_not(None))
        return cast("datetime | None", await self.rows.value(query))

    async def of_channel(self, channel: Channel) -> Newsletter | None:
        """The newsletter of this channel, which may be an editors' channel."""
        query = select(newsletters).join(subscriptions).where(_gets(channel))
        row = await self.rows.first(query)
        return None if row is None else _newsletter(row)

    async def of_community(self, platform: str, community: str) -> tuple[Newsletter, ...]:
        """The newsletters with a channel in this community, oldest first."""
        here = select(subscriptions.c.newsletter_id).where(
            subscriptions.c.platform == platform, subscriptions.c.community == community
        )
        query = select(newsletters).where(newsletters.c.id.in_(here)).order_by(newsletters.c.id)
        return tuple(_newsletter(row) for row in await self.rows.all(query))

    async def subscribe(self, subscription: Subscription) -> None:
        """Let a channel get this newsletter and no other; lifts a suspension."""
        channel = subscription.channel
        given = {
            "newsletter_id": subscription.newsletter_id,
            "editors": subscription.editors,
            "mention": subscription.mention,
            "crosspost": subscription.crosspost,
        }
        query = insert(subscriptions).values(
            platform=channel.platform, community=channel.community, channel=channel.id, **given
        )
        await self.rows.change(
            query.on_conflict_do_update(
                index_elements=["platform", "community", "channel"], set_={**given, "suspended": None}
            )
        )

    async def unsubscribe(self, channel: Channel) -> None:
        """Let the channel get nothing any more."""
        await self.rows.change(delete(subscriptions).where(_gets(channel)))

    async def suspend(self, channel: Channel, reason: str) -> None:
        """Send nothing to the channel until it is subscribed again."""
        query = update(subscriptions).where(_gets(channel)).values(suspended=reason)
        await self.rows.change(query)

    async def forget(self, newsletter_id: int) -> None:
        """Delete a newsletter and all that belongs to it."""
        await forget_newsletter(self.rows, newsletter_id)

    async def subscriptions(self, newsletter_id: int) -> tuple[Subscription, ...]:
        """The newsletter's channels, suspended ones among them, oldest first."""
        query = select(subscriptions).where(subscriptions.c.newsletter_id == newsletter_id)
        found = await self.rows.all(query.order_by(subscriptions.c.id))
        return tuple(_subscription(row) for row in found)

    async def editors(self, newsletter_id: int, platform: str, community: str) -> tuple[Member, ...]:
        """The editors named in this community, in the order in which they were named."""
        query = select(members).join(schema.editors).where(
            schema.editors.c.newsletter_id == newsletter_id,
            members.c.platform == platform,
            members.c.community == community,
        )  # fmt: skip
        found = await self.rows.all(query.order_by(schema.editors.c.position))
        return tuple(to_member(row) for row in found)

    async def set_editors(self, newsletter_id: int, platform: str, community: str, editors: Sequence[Member]) -> None:
        """Name the community's editors, instead of those named before."""
        kept = schema.editors
        here = select(members.c.id).where(members.c.platform == platform, members.c.community == community)
        await self.rows.change(delete(kept).where(kept.c.newsletter_id == newsletter_id, kept.c.member_id.in_(here)))
        for position, member in enumerate(dict.fromkeys(editors)):
            member_id = await keep_member(self.rows, member)
            query = insert(kept).values(newsletter_id=newsletter_id, member_id=member_id, position=position)
            await self.rows.change(query)

    async def take_slot(self, newsletter_id: int, slot: datetime, outcome: str) -> None:
        """Mark a slot as dealt with; raises `SlotTaken` if it was."""
        query = insert(slots).values(newsletter_id=newsletter_id, at=slot, outcome=outcome)
        taken = await self.rows.value(query.on_conflict_do_nothing().returning(slots.c.newsletter_id))
        if taken is None:
            raise SlotTaken(slot)

    async def last_slot(self, newsletter_id: int) -> datetime | None:
        """The latest slot dealt with."""
        query = select(func.max(slots.c.at)).where(slots.c.newsletter_id == newsletter_id)
        return cast("datetime | None", await self.rows.value(query))


def _gets(channel: Channel) -> ColumnElement[bool]:
    return and_(
        subscriptions.c.platform == channel.platform,
        subscriptions.c.community == channel.community,
        subscriptions.c.channel == channel.id,
    )


def _missing(newsletter_id: int) -> str:
    return f"There is no newsletter with the id {newsletter_id}."


def _values(newsletter: Newsletter) -> dict[str, Any]:
    return {
        "name": newsletter.name,
        "weekday": newsletter.schedule.weekday,
        "at": newsletter.schedule.at,
        "zone": newsletter.schedule.zone,
        "language": newsletter.language,
        "sections": newsletter.sections,
        "picks": newsletter.rules.picks,
        "threshold": newsletter.rules.threshold,
        "per_section": newsletter.rules.per_section,
        "carry": newsletter.rules.carry,
        "review": newsletter.review,
        "grace": newsletter.grace,
        "paused": newsletter.paused,
        "next_slot": newsletter.next_slot,
        "next_at": newsletter.next_at,
    }


def _newsletter(row: RowMapping) -> Newsletter:
    return Newsletter(
        id=row[newsletters.c.id],
        name=row["name"],
        schedule=Schedule(row["weekday"], row["at"], row["zone"]),
        language=row["language"],
        sections=tuple(row["sections"]),
        rules=Rules(row["picks"], row["threshold"], row["per_section"], row["carry"]),
        review=row["review"],
        grace=row["grace"],
        paused=row["paused"],
        next_slot=row["next_slot"],
        next_at=row["next_at"],
    )


def _subscription(row: RowMapping) -> Subscription:
    channel = Channel(row["platform"], row["community"], row["channel"])
    return Subscription(
        row["newsletter_id"], channel, row["editors"], row["suspended"], row["mention"], row["crosspost"]
    )
