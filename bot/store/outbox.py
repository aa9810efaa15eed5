"""Deliveries and notices, as rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, and_, exists, or_, select, update

from bot.core import post
from bot.core.errors import Refused
from bot.core.model import Channel, Delivery, DeliveryKind, DeliveryState, Message
from bot.store.rows import Rows
from bot.store.schema import deliveries, notices, subscriptions
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """The port `Outbox` within one transaction."""

    rows: Rows

    async def put(self, delivery: Delivery) -> Delivery:
        """Keep a new delivery; raises `Refused` for a second one of (kind, subject, channel, part) or key."""
        query = insert(deliveries).values(_values(delivery)).returning(deliveries.c.id)
        twice = "This message is to be delivered to this channel already."
        return await self.get(await self.rows.keep(query, twice))

    async def notice(self, newsletter_id: int, at: datetime, text: str) -> int:
        """Keep a notice to the newsletter's editors; returns its id."""
        query = insert(notices).values(newsletter_id=newsletter_id, at=at, text=text)
        return cast(int, await self.rows.value(query.returning(notices.c.id)))

    async def notices(self, newsletter_id: int, limit: int) -> tuple[tuple[datetime, str], ...]:
        """The notices written last, latest first."""
        query = select(notices).where(notices.c.newsletter_id == newsletter_id)
        query = query.order_by(notices.c.at.desc(), notices.c.id.desc()).limit(limit)
        return tuple((row["at"], row["text"]) for row in await self.rows.all(query))

    async def due(self, now: datetime, limit: int, platforms: Collection[str]) -> tuple[Delivery, ...]:
        """Deliveries that may go out to these platforms and whose time has come, oldest first."""
        query = _ready(select(deliveries), platforms).where(deliveries.c.next_at <= now)
        return await self._all(query.order_by(deliveries.c.id).limit(limit))

    async def next_due(self, platforms: Collection[str]) -> datetime | None:
        """The earliest `next_at` of deliveries that may go out: `due` gives one as soon as it has come."""
        query = _ready(select(deliveries.c.next_at), platforms).order_by(deliveries.c.next_at).limit(1)
        return cast("datetime | None", await self.rows.value(query))

    async def release(self, now: datetime) -> int:
        """Have every delivery that was claimed, and not put off since, come up now; returns how many there were."""
        kept = deliveries.c
        # A claim bears no reason; a delivery that was put off does.
        claimed = and_(kept.next_at > now, kept.attempts > 0, kept.error.is_(None))
        return await self.rows.change(update(deliveries).where(claimed).values(next_at=now))

    async def hold(self, channel: Channel, until: datetime) -> None:
        """Let nothing that waits for the channel come up before then."""
        kept = deliveries.c
        query = update(deliveries).where(
            kept.platform == channel.platform,
            kept.community == channel.community,
            kept.channel == channel.id,
            kept.next_at < until,
        )
        await self.rows.change(query.values(next_at=until))

    async def get(self, delivery_id: int) -> Delivery:
        """The delivery with this id; raises `Refused` if there is none."""
        row = await self.rows.first(select(deliveries).where(deliveries.c.id == delivery_id))
        if row is None:
            raise Refused(_missing(delivery_id))
        return _delivery(row)

    async def save(self, delivery: Delivery) -> None:
        """Keep what became of a delivery; raises `Refused` for an unknown id."""
        query = update(deliveries).where(deliveries.c.id == delivery.id).values(_values(delivery))
        if await self.rows.change(query) == 0:
            raise Refused(_missing(delivery.id))

    async def of(self, kind: DeliveryKind, subject: int) -> tuple[Delivery, ...]:
        """The deliveries of an issue, a ballot or a notice, by channel and part."""
        kept = deliveries.c
        query = select(deliveries).where(kept.kind == kind, kept.subject == subject)
        return await self._all(query.order_by(kept.platform, kept.community, kept.channel, kept.part))

    async def head(self, part: Delivery) -> str | None:
        """The id of the message in whose thread an issue's part stands."""
        kept, channel = deliveries.c, part.channel
        query = select(kept.message_id).where(
            kept.kind == part.kind,
            kept.subject == part.subject,
            kept.platform == channel.platform,
            kept.community == channel.community,
            kept.channel == channel.id,
            kept.part == 0,
        )
        return cast("str | None", await self.rows.value(query))

    async def by_message(self, message: Message) -> Delivery | None:
        """The delivery that this message is."""
        kept, channel = deliveries.c, message.channel
        query = select(deliveries).where(
            kept.platform == channel.platform,
            kept.community == channel.community,
            kept.channel == channel.id,
            kept.message_id == message.id,
        )
        row = await self.rows.first(query)
        return None if row is None else _delivery(row)

    async def troubled(self, newsletter_id: int) -> tuple[Delivery, ...]:
        """Deliveries that failed, were tried more than once and still wait, or could not be edited; latest first."""
        kept = deliveries.c
        query = select(deliveries).where(
            kept.newsletter_id == newsletter_id,
            or_(
                kept.state == DeliveryState.FAILED,
                and_(kept.state == DeliveryState.WAITING, kept.attempts > 1),
                and_(kept.state == DeliveryState.SENT, kept.error.is_not(None)),
            ),
        )
        return await self._all(query.order_by(kept.id.desc()))

    async def _all(self, query: Select[Any]) -> tuple[Delivery, ...]:
        return tuple(_delivery(row) for row in await self.rows.all(query))


def _ready(query: Select[Any], platforms: Collection[str]) -> Select[Any]:
    """Only deliveries that wait for nothing but their time: no earlier part or message, no suspended channel."""
    kept, head, earlier = deliveries.c, deliveries.alias("head"), deliveries.alias("earlier")
    head_is_out = exists().where(_beside(head), head.c.part == 0, head.c.state == DeliveryState.SENT)
    one_waits = exists().where(_beside(earlier), earlier.c.part < kept.part, earlier.c.state == DeliveryState.WAITING)
    suspended = exists().where(
        subscriptions.c.platform == kept.platform,
        subscriptions.c.community == kept.community,
        subscriptions.c.channel == kept.channel,
        subscriptions.c.suspended.is_not(None),
    )
    # What was written first, and tried in vain, is posted first, whenever it falls due. Without an id: so it is found
    # by an index, without the channel's history.
    ahead = deliveries.alias("ahead")
    one_is_put_off = exists().where(
        ahead.c.platform == kept.platform,
        ahead.c.community == kept.community,
        ahead.c.channel == kept.channel,
        ahead.c.message_id.is_(None),
        ahead.c.id < kept.id,
        ahead.c.attempts > 0,
        ahead.c.next_at.is_not(None),
    )
    stands_below = and_(kept.kind == DeliveryKind.ISSUE, kept.part > 0)
    # An expression, so that the index on `next_at` is used rather than the one that begins with the platform.
    query = query.where(kept.platform.concat("").in_(platforms))
    # Sent and without an id: the message was deleted, and is not to come back by itself.
    query = query.where(or_(kept.state != DeliveryState.SENT, kept.message_id.is_not(None)))
    return query.where(
        kept.next_at.is_not(None), or_(~stands_below, and_(head_is_out, ~one_waits)), ~suspended, ~one_is_put_off
    )


def _beside(other: FromClause) -> ColumnElement[bool]:
    kept = deliveries.c
    return and_(
        other.c.kind == kept.kind,
        other.c.subject == kept.subject,
        other.c.platform == kept.platform,
        other.c.community == kept.community,
        other.c.channel == kept.channel,
    )


def _missing(delivery_id: int) -> str:
    return f"There is no delivery with the id {delivery_id}."


def _values(delivery: Delivery) -> dict[str, Any]:
    return {
        "key": delivery.key,
        "kind": delivery.kind,
        "subject": delivery.subject,
        "newsletter_id": delivery.newsletter_id,
        "platform": delivery.channel.platform,
        "community": delivery.channel.community,
        "channel": delivery.channel.id,
        "part": delivery.part,
        "post": post.dump(delivery.post),
        "state": delivery.state,
        "revision": delivery.revision,
        "shown": delivery.shown,
        "attempts": delivery.attempts,
        "first_attempt_at": delivery.first_attempt_at,
        "next_at": delivery.next_at,
        "message_id": delivery.message_id,
        "error": delivery.error,
    }


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        kind=DeliveryKind(row["kind"]),
        subject=row["subject"],
        newsletter_id=row["newsletter_id"],
        channel=Channel(row["platform"], row["community"], row["channel"]),
        part=row["part"],
        post=post.load(row["post"]),
        state=DeliveryState(row["state"]),
        revision=row["revision"],
        shown=row["shown"],
        attempts=row["attempts"],
        first_attempt_at=row["first_attempt_at"],
        next_at=row["next_at"],
        message_id=row["message_id"],
        error=row["error"],
    )
