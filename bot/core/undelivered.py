"""What becomes of a delivery that its platform will not take, and what the editors hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.ballots import SUCCESSOR, post_anew
from bot.core.errors import BroadsheetError, ChannelGone, EditsSpent, MessageGone
from bot.core.model import Delivery, DeliveryKind, DeliveryState
from bot.core.outbox import tell_editors, waiting
from bot.core.ports import Transaction
from bot.core.text import clip

log = structlog.get_logger()

LONG_WAIT = timedelta(hours=1)
"""Discord's limit on edits of older messages is lifted in about so long."""

UNKNOWN = timedelta(minutes=10)
"""Editors hear of a message when by then it is still not known whether the platform took it."""


async def give_up(tx: Transaction, claimed: Delivery, error: BroadsheetError, now: datetime) -> None:
    """Keep what came of a try that need not be made again as it was.

    claimed: the delivery as the try began; a message that is gone at once was not delivered.
    """
    delivery = await tx.outbox.get(claimed.id)
    match error:
        case EditsSpent():
            await _carry_on(tx, delivery, error, now)
        case MessageGone() if claimed.message_id:
            await _deleted(tx, delivery, error, now)
        case _:
            await _fail(tx, delivery, error, now)


async def _carry_on(tx: Transaction, delivery: Delivery, error: EditsSpent, now: datetime) -> None:
    """Post a ballot's page anew below the message that takes no more edits; both count votes from then on."""
    part = delivery.part + SUCCESSOR
    there = await tx.outbox.of(delivery.kind, delivery.subject)
    carried = any((each.channel, each.part) == (delivery.channel, part) for each in there)
    if carried or delivery.kind is not DeliveryKind.BALLOT:
        await tx.outbox.save(replace(delivery, next_at=now + LONG_WAIT, error=str(error)))
        return
    await tx.outbox.save(replace(delivery, next_at=None, error=None, attempts=0))
    page = (delivery.kind, delivery.subject, delivery.newsletter_id, delivery.channel, part, delivery.post, now)
    await tx.outbox.put(waiting(*page))


async def _deleted(tx: Transaction, delivery: Delivery, error: MessageGone, now: datetime) -> None:
    """A message that was posted and then deleted was delivered all the same; a ballot's comes again."""
    if delivery.kind is DeliveryKind.BALLOT:
        await post_anew(tx, delivery.id, now)
    else:
        await tx.outbox.save(replace(delivery, state=DeliveryState.SENT, error=str(error), next_at=None))


async def _fail(tx: Transaction, delivery: Delivery, error: BroadsheetError, now: datetime) -> None:
    """Tell why nothing more is tried; a channel that is gone gets no more messages until it is set up again."""
    await tx.outbox.save(replace(delivery, state=DeliveryState.FAILED, next_at=None, error=str(error)))
    await _fail_below(tx, delivery)
    text = f"A message could not be delivered: {clip(delivery.post.title, 80)}: {error}"
    if isinstance(error, ChannelGone):
        await tx.newsletters.suspend(delivery.channel, str(error))
        text = f"A channel gets no more messages: {error}"
    elif delivery.kind is DeliveryKind.NOTICE:
        text = ""
    if text:
        await tell_editors(tx, await tx.newsletters.get(delivery.newsletter_id), now, text)
    log.error("delivery failed", delivery=delivery.id, channel=delivery.channel.id, reason=str(error))


async def _fail_below(tx: Transaction, head: Delivery) -> None:
    """The parts of an issue whose head message cannot be delivered fail with it."""
    if head.kind is DeliveryKind.ISSUE and head.part == 0 and head.message_id is None:
        for each in await tx.outbox.of(head.kind, head.subject):
            if each.channel == head.channel and each.state is DeliveryState.WAITING and each.part > 0:
                reason = "the issue's head message was not delivered"
                await tx.outbox.save(replace(each, state=DeliveryState.FAILED, next_at=None, error=reason))


async def tell_unknown(tx: Transaction, delivery: Delivery, error: BroadsheetError, now: datetime) -> None:
    """Tell the editors, once, of a message of which it has not been known for long whether it was posted."""
    first, mark = delivery.first_attempt_at, f"unknown {delivery.key}"
    if delivery.message_id or delivery.kind is DeliveryKind.NOTICE or first is None:
        return
    if now - first < UNKNOWN or await tx.marks.get(mark):
        return
    await tx.marks.put(mark, "told")
    text = (
        f"It is not known whether a message was posted: {clip(delivery.post.title, 80)}: {error} "
        "It is not posted again before that can be looked up."
    )
    await tell_editors(tx, await tx.newsletters.get(delivery.newsletter_id), now, text)
