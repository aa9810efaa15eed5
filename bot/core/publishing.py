"""The publisher: takes deliveries from the outbox to the platforms, each exactly once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.core.errors import (
    ChannelGone,
    EditsSpent,
    MessageGone,
    PictureRefused,
    Refused,
    SendLater,
    StoreError,
    Undeliverable,
)
from bot.core.model import Channel, Delivery, DeliveryKind, DeliveryState, Message
from bot.core.ports import Chat, Clock, Store
from bot.core.post import Card, Picture, Post
from bot.core.undelivered import give_up, tell_unknown

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
"""How long a claim holds: a delivery whose process died is tried again after it."""

LOOK_BACK = timedelta(minutes=1)
"""A look for an earlier try's message begins so much before it, as clocks of two machines differ."""

LONGEST_WAIT = timedelta(minutes=10)
"""Tries are never further apart, unless the platform itself asks for it."""

ANSWER = timedelta(seconds=90)
"""A platform that has not answered by then counts as not having answered; a claim holds longer."""

GLANCE = timedelta(seconds=2)
"""A channel that is slow keeps others for no longer from what has become due for them since."""

BATCH = 200


class Publisher:
    """Sends what is due: claims first, then calls the platform, then keeps the message's id."""

    def __init__(self, store: Store, chats: Mapping[str, Chat], clock: Clock, chance: random.Random) -> None:
        self._store = store
        self._chats = chats
        self._clock = clock
        self._chance = chance
        self._rests: dict[Channel | str, datetime] = {}

    async def take_over(self) -> None:
        """Have what an earlier process of this store was sending when it died come up at once.

        Only for a process that has the store to itself: another one's claims would be taken from it.
        """
        async with self._store.transaction() as tx:
            released = await tx.outbox.release(self._clock.now())
        if released:
            log.info("deliveries taken over", count=released)

    async def work(self) -> int:
        """Send everything that is due, channels side by side; returns how many deliveries were tried."""
        tried = 0
        failed: BaseException | None = None
        lanes: dict[Channel, asyncio.Task[int]] = {}
        try:
            while True:
                if failed is None:
                    lanes |= await self._begin(lanes.keys())
                if not lanes:
                    break
                done, _ = await asyncio.wait(lanes.values(), timeout=GLANCE.total_seconds())
                lanes = {channel: lane for channel, lane in lanes.items() if lane not in done}
                # One channel's trouble is told when the others have done.
                failed = failed or next((error for lane in done if (error := lane.exception())), None)
                tried += sum(lane.result() for lane in done if not lane.exception())
        finally:
            for lane in lanes.values():
                lane.cancel()
            await asyncio.gather(*lanes.values(), return_exceptions=True)
        if failed:
            raise failed
        return tried

    async def _begin(self, busy: Collection[Channel]) -> dict[Channel, asyncio.Task[int]]:
        """Begin what is due in the channels that are not busy."""
        async with self._store.snapshot() as tx:
            due = await tx.outbox.due(self._clock.now(), BATCH, self._chats.keys())
        idle = sorted((each for each in due if each.channel not in busy), key=_place)
        lanes = groupby(idle, key=lambda each: each.channel)
        return {channel: asyncio.create_task(self._lane(channel, list(waiting))) for channel, waiting in lanes}

    async def _lane(self, channel: Channel, deliveries: Sequence[Delivery]) -> int:
        """Send these, in order, up to the first that is put off; returns how many were tried."""
        for tried, delivery in enumerate(deliveries):
            if await self._rest(channel):
                return tried
            if not await self._deliver(delivery.id):
                return tried + 1
        return len(deliveries)

    async def _rest(self, channel: Channel) -> bool:
        """Whether a wait is not over yet that concerns the channel; what was written for it meanwhile waits as well."""
        until = max((self._rests[key] for key in (channel, channel.platform) if key in self._rests), default=None)
        if until is None or until <= self._clock.now():
            return False
        async with self._store.transaction() as tx:
            await tx.outbox.hold(channel, until)
        return True

    async def _deliver(self, delivery_id: int) -> bool:
        """Send one; returns whether the channel takes its next delivery now."""
        try:
            claimed = await self._claim(delivery_id)
            return claimed is None or await self._try(claimed)
        except Refused:
            log.info("delivery forgotten meanwhile", delivery=delivery_id)
            return True

    async def _try(self, claimed: Delivery) -> bool:
        try:
            async with asyncio.timeout(ANSWER.total_seconds()):
                await self._show(self._chats[claimed.channel.platform], claimed)
        except (Refused, StoreError):
            raise
        except Exception as error:  # noqa: BLE001  # what nobody foresaw in one channel is not the others' trouble
            return await self._amiss(claimed, error)
        return True

    async def _amiss(self, claimed: Delivery, error: Exception) -> bool:
        match error:
            case TimeoutError():
                return await self._later(claimed, SendLater("there was no answer in time", uncertain=True))
            case SendLater():
                return await self._later(claimed, error)
            case PictureRefused() if claimed.post != without_pictures(claimed.post):
                await self._without_pictures(claimed.id, error)
            case PictureRefused() | ChannelGone() | EditsSpent() | MessageGone() | Undeliverable():
                async with self._store.transaction() as tx:
                    await give_up(tx, claimed, error, self._clock.now())
                return not isinstance(error, ChannelGone)
            case _:
                log.error("delivery went wrong", delivery=claimed.id, exc_info=error)
                reason = f"something went wrong that nobody foresaw ({type(error).__name__})"
                await self._later(claimed, SendLater(reason, uncertain=True))
        return False

    async def _claim(self, delivery_id: int) -> Delivery | None:
        now = self._clock.now()
        async with self._store.transaction() as tx:
            delivery = await tx.outbox.get(delivery_id)
            if delivery.next_at is None or delivery.next_at > now:
                return None
            claimed = replace(
                delivery,
                attempts=delivery.attempts + 1,
                first_attempt_at=delivery.first_attempt_at or now,
                next_at=now + LEASE,
                error=None,
            )
            await tx.outbox.save(claimed)
        # The claim as the work sees it: `first_attempt_at` tells an earlier try whose end is not known.
        return replace(claimed, first_attempt_at=delivery.first_attempt_at)

    async def _show(self, chat: Chat, claimed: Delivery) -> None:
        message_id = claimed.message_id
        shown = claimed.shown
        if message_id is None:
            message_id, shown = await self._send(chat, claimed)
            await self._change(claimed.id, message_id=message_id, state=DeliveryState.SENT, shown=shown, error=None)
        message = Message(claimed.channel, message_id)
        if shown < claimed.revision:
            await chat.edit(message, claimed.post)
            await self._change(claimed.id, shown=claimed.revision)
        if claimed.post.reactions:
            await chat.seed(message, claimed.post.reactions)
        await self._settle(claimed)

    async def _send(self, chat: Chat, claimed: Delivery) -> tuple[str, int]:
        """The message's id and the revision it shows: 0 for one that an earlier try left, of whatever revision."""
        thread = await self._thread(claimed)
        if claimed.first_attempt_at is not None:
            since = claimed.first_attempt_at - LOOK_BACK
            found = await self._look(chat, claimed, since, thread)
            if found is not None:
                log.info("delivery found", key=claimed.key, message=found)
                return found, 0
        return await chat.send(claimed.channel, claimed.post, claimed.key, thread), claimed.revision

    async def _look(self, chat: Chat, claimed: Delivery, since: datetime, thread: str | None) -> str | None:
        try:
            return await chat.find(claimed.channel, claimed.key, since, thread)
        except (SendLater, Undeliverable) as error:
            # Nothing is posted on a look that could not be had: what the earlier try did is still not known.
            asked = error if isinstance(error, SendLater) else SendLater("")
            later = SendLater(str(error), retry_after=asked.retry_after, uncertain=True, everywhere=asked.everywhere)
            raise later from error

    async def _thread(self, delivery: Delivery) -> str | None:
        if delivery.kind is not DeliveryKind.ISSUE or delivery.part == 0:
            return None
        async with self._store.snapshot() as tx:
            return await tx.outbox.head(delivery)

    async def _settle(self, claimed: Delivery) -> None:
        async with self._store.transaction() as tx:
            fresh = await tx.outbox.get(claimed.id)
            newer = fresh.revision > claimed.revision
            next_at = self._clock.now() if newer else None
            settled = replace(fresh, state=DeliveryState.SENT, shown=claimed.revision, next_at=next_at)
            await tx.outbox.save(replace(settled, error=None, attempts=0))

    async def _later(self, claimed: Delivery, error: SendLater) -> bool:
        """Put the delivery off, and with it whatever else waits for its channel, so that the order stays.

        Returns whether the channel takes its next delivery now: a message that stands, and only lacks reactions of the
        bot's, holds up nothing.
        """
        async with self._store.transaction() as tx:
            fresh = await tx.outbox.get(claimed.id)
            wait = error.retry_after or self._wait(fresh.attempts)
            # A try that certainly did not go through leaves nothing to look for.
            first = fresh.first_attempt_at if error.uncertain else None
            next_at = self._clock.now() + wait
            await tx.outbox.save(replace(fresh, next_at=next_at, first_attempt_at=first, error=str(error)))
            stands = fresh.message_id is not None and fresh.shown >= claimed.revision
            if not stands:
                await tx.outbox.hold(claimed.channel, next_at)
            if error.uncertain:
                await tell_unknown(tx, fresh, error, self._clock.now())
        if error.everywhere or not stands:
            self._rests[claimed.channel.platform if error.everywhere else claimed.channel] = next_at
        log.warning("delivery put off", delivery=claimed.id, wait=wait.total_seconds(), reason=str(error))
        return stands

    def _wait(self, attempts: int) -> timedelta:
        longest = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)
        return longest * self._chance.uniform(0.5, 1)

    async def _change(self, delivery_id: int, **changes: object) -> None:
        async with self._store.transaction() as tx:
            fresh = await tx.outbox.get(delivery_id)
            await tx.outbox.save(replace(fresh, **changes))  # type: ignore[arg-type]  # fields by name

    async def _without_pictures(self, delivery_id: int, error: PictureRefused) -> None:
        async with self._store.transaction() as tx:
            fresh = await tx.outbox.get(delivery_id)
            bare, now = without_pictures(fresh.post), self._clock.now()
            await tx.outbox.save(replace(fresh, post=bare, error=str(error), first_attempt_at=None, next_at=now))

    async def next_due(self) -> datetime | None:
        """When there is something to send again."""
        async with self._store.snapshot() as tx:
            return await tx.outbox.next_due(self._chats.keys())


def _place(delivery: Delivery) -> tuple[str, str, str, int, int]:
    channel: Channel = delivery.channel
    return (channel.platform, channel.community, channel.id, delivery.id, delivery.part)


def without_pictures(post: Post) -> Post:
    """The post with every picture taken out, for a platform that refuses them."""
    blocks = (
        replace(block, picture=None) if isinstance(block, Card) else block
        for block in post.blocks
        if not isinstance(block, Picture)
    )
    return replace(post, blocks=tuple(blocks))
