"""How long a slot's issue may wait, for the bot or for votes that cannot be read, and what is said of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.errors import SendLater
from bot.core.model import Newsletter
from bot.core.outbox import tell_editors
from bot.core.plain import moment
from bot.core.ports import Transaction
from bot.core.post import Moment
from bot.core.text import count
from bot.core.voting import Recount

LATE = timedelta(minutes=15)
"""An issue published later than this after its slot says so."""

LEAST_GRACE = timedelta(minutes=45)
"""However short the grace, a slot is this long in time: an issue that waits for its votes may still come out."""

SOON = timedelta(hours=1)
"""A slot that has come is tried again within it; a later time was set by a clock that was wrong."""

RECENT = 50
"""So many of the latest notices to editors are looked at, so that nothing is said twice."""


def ending(newsletter: Newsletter, slot: datetime) -> datetime:
    """Until when an issue may come out for the slot, and a ballot waits for its votes to be read again."""
    return slot + max(newsletter.grace, LEAST_GRACE)


def too_late(newsletter: Newsletter, slot: datetime, now: datetime) -> bool:
    """Whether nothing comes out for the slot any more.

    One that waited for its votes until its grace ended comes out then, which may be found a little later.
    """
    waited = newsletter.next_at is not None and newsletter.next_at > slot
    return now > ending(newsletter, slot) + (LATE if waited else timedelta(0))


def waits(newsletter: Newsletter, now: datetime) -> bool:
    """Whether the newsletter's slot has come and is to be tried again before long."""
    slot, again = newsletter.next_slot, newsletter.next_at
    return slot is not None and again is not None and slot < again <= now + SOON


async def say_waiting(
    tx: Transaction, newsletter: Newsletter, slot: datetime, reason: SendLater, now: datetime
) -> None:
    """Tell the editors, once for a slot, that its issue waits for votes that cannot be read."""
    zone = newsletter.schedule.zone
    due, end = (moment(Moment(each, zone=zone)) for each in (slot, ending(newsletter, slot)))
    text = f"The issue due {due} waits: its votes cannot be read again yet. It comes out by {end} at the latest"
    if not any(each.startswith(text) for _, each in await tx.outbox.notices(newsletter.id, RECENT)):
        await tell_editors(tx, newsletter, now, f"{text}, by the votes noted until then. Reason: {reason}")


def doubts(read: Recount) -> tuple[str, ...]:
    """What a receipt says of votes that were not read again."""
    lines = [f"Counted in part as noted before, since a message could not be read: {each}" for each in read.unread]
    if read.deleted:
        messages = count(read.deleted, "ballot message")
        lines.append(f"{messages} had been deleted: the votes there are counted as noted before.")
    return tuple(dict.fromkeys(lines))
