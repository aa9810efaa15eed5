"""What is wrong when all is done: messages that are missing, doubled, out of order, or still to be sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.core.model import Channel, Delivery, DeliveryKind, DeliveryState
from bot.core.ports import Store


async def deliveries(store: Store) -> list[Delivery]:
    """Every delivery of the store's one newsletter."""
    found: list[Delivery] = []
    async with store.snapshot() as tx:
        (newsletter,) = await tx.newsletters.all()
        last = await tx.ballots.current(newsletter.id)
        subjects: Mapping[DeliveryKind, Collection[int]] = {
            DeliveryKind.ISSUE: [each.id for each in await tx.issues.recent(newsletter.id, 10_000)],
            DeliveryKind.BALLOT: range(1, (last.id if last else 0) + 1),
            DeliveryKind.NOTICE: range(1, len(await tx.outbox.notices(newsletter.id, 10_000)) + 1),
        }
        for kind, ids in subjects.items():
            for each in ids:
                found += await tx.outbox.of(kind, each)
    return found


def wrong(kept: Sequence[Delivery], there: Mapping[Channel, Sequence[str]]) -> list[str]:
    """A line for each thing that is not as it ought to be.

    there: the ids of the bot's messages in each channel, as the core names them, oldest first.
    """
    found = [f"{_name(each)}: {each.state}, {each.error}, next {each.next_at}" for each in kept if not _done(each)]
    for channel, messages in there.items():
        expected = {each.message_id: each for each in kept if each.channel == channel}
        found += [f"{_name(each)} is not there" for key, each in expected.items() if key not in messages]
        found += [f"{channel.id}: {each} is one too many" for each in messages if each not in expected]
        found += _out_of_order(channel, [expected[each] for each in messages if each in expected])
    return found


def _done(delivery: Delivery) -> bool:
    sent = delivery.state is DeliveryState.SENT and delivery.next_at is None and delivery.attempts == 0
    return sent and delivery.shown == delivery.revision


def _out_of_order(channel: Channel, posted: Sequence[Delivery]) -> list[str]:
    """Issues come one after the other, by their heads, and in each the head before its sections, these in order."""
    issues = [(each.subject, each.part) for each in posted if each.kind is DeliveryKind.ISSUE]
    heads = [subject for subject, part in issues if part == 0]
    inside = {subject: [part for of, part in issues if of == subject] for subject in heads}
    right = heads == sorted(heads) and all(parts == sorted(parts) for parts in inside.values())
    return [] if right else [f"{channel.id}: {issues}"]


def _name(delivery: Delivery) -> str:
    return f"{delivery.channel.id}: {delivery.kind} {delivery.subject}, part {delivery.part}"
