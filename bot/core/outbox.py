"""What the outbox holds: deliveries as they are written, and notices to editors."""

from __future__ import annotations

import hashlib
from datetime import datetime

from bot.core.model import Channel, Delivery, DeliveryKind, Newsletter
from bot.core.ports import Transaction
from bot.core.post import Heading, Paragraph, Post


def waiting(
    kind: DeliveryKind,
    subject: int,
    newsletter_id: int,
    channel: Channel,
    part: int,
    post: Post,
    at: datetime,
) -> Delivery:
    """A delivery that is due at `at`."""
    key = delivery_key(kind, subject, channel, part)
    return Delivery(0, key, kind, subject, newsletter_id, channel, part, post, next_at=at)


def delivery_key(kind: DeliveryKind, subject: int, channel: Channel, part: int) -> str:
    """The key that a delivery's message carries: 20 letters, as Discord's nonce takes 25 at most."""
    words = "\x1f".join((kind, str(subject), channel.platform, channel.community, channel.id, str(part)))
    return hashlib.blake2s(words.encode("utf-8", "replace"), digest_size=10).hexdigest()


async def tell_editors(
    tx: Transaction, newsletter: Newsletter, now: datetime, text: str, post: Post | None = None
) -> None:
    """Keep a notice for the newsletter's status, and post it in its editors' channels."""
    subject = await tx.outbox.notice(newsletter.id, now, text)
    shown = post or Post(text, (Heading((newsletter.name,), 3), Paragraph((text,))))
    for subscription in await tx.newsletters.subscriptions(newsletter.id):
        if subscription.editors and not subscription.suspended:
            channel = subscription.channel
            await tx.outbox.put(waiting(DeliveryKind.NOTICE, subject, newsletter.id, channel, 0, shown, now))
