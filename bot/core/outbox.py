"""What the outbox holds: deliveries as they are written, and notices to editors."""

from __future__ import annotations

import secrets
from datetime import datetime

from bot.core.model import Channel, Delivery, DeliveryKind, Newsletter
from bot.core.ports import Fits, Transaction
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
    """A delivery that is due at `at`, with a key that no other ever had.

    The key is 20 letters, as Discord's nonce takes 25 at most.
    """
    return Delivery(0, secrets.token_hex(10), kind, subject, newsletter_id, channel, part, post, next_at=at)


async def tell_editors(
    tx: Transaction,
    newsletter: Newsletter,
    now: datetime,
    text: str,
    post: Post | None = None,
    fits: Fits | None = None,
) -> None:
    """Keep a notice for the newsletter's status, and post it in its editors' channels.

    post: what is posted there, if more than the text; `fits` has it in as many messages as it takes.
    """
    subject = await tx.outbox.notice(newsletter.id, now, text)
    shown = post or Post(text, (Heading((newsletter.name,), 3), Paragraph((text,))))
    for subscription in await tx.newsletters.subscriptions(newsletter.id):
        if subscription.editors and not subscription.suspended:
            channel = subscription.channel
            fit = (fits or {}).get(channel.platform)
            for part, page in enumerate(fit(shown) if fit else (shown,)):
                await tx.outbox.put(waiting(DeliveryKind.NOTICE, subject, newsletter.id, channel, part, page, now))
