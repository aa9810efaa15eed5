"""What the port `Outbox` promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import Refused
from bot.core.model import Channel, DeliveryKind, DeliveryState, Message, Subscription
from bot.core.ports import Store
from bot.core.post import sentence
from tests.store.examples import DESK, HOUR, NOON, PLATFORMS, READING, add_newsletter, delivery

SENT: dict[str, Any] = {"state": DeliveryState.SENT, "next_at": None, "shown": 1}


async def test_a_delivery_comes_back_as_it_was(store: Store) -> None:
    """Every field that was put or saved comes back."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        kept = await tx.outbox.put(delivery(made, 5, 2))
        assert kept == replace(delivery(made, 5, 2), id=kept.id)
        changed = replace(
            kept, post=sentence("Other"), state=DeliveryState.SENT, revision=3, shown=2, attempts=4,
            first_attempt_at=NOON, next_at=None, message_id="771", error="too slow",
        )  # fmt: skip
        await tx.outbox.save(changed)
        assert await tx.outbox.get(kept.id) == changed


async def test_an_unknown_delivery_is_refused(store: Store) -> None:
    """Asking for an id that no delivery has, or saving it, raises `Refused`."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        with pytest.raises(Refused, match="no delivery with the id 7"):
            await tx.outbox.get(7)
        with pytest.raises(Refused, match="no delivery with the id 7"):
            await tx.outbox.save(delivery(made, 1, id=7))


async def test_a_channel_gets_a_part_once(store: Store) -> None:
    """A second delivery of the same part to the same channel is refused; any difference makes it another."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        await tx.outbox.put(delivery(made, 1))
        with pytest.raises(Refused, match="already"):
            await tx.outbox.put(delivery(made, 1, key="another key"))
        with pytest.raises(Refused, match="already"):
            await tx.outbox.put(delivery(made, 2, key=delivery(made, 1).key))
        for other in (
            delivery(made, 1, 1),
            delivery(made, 2),
            delivery(made, 1, channel=DESK),
            delivery(made, 1, kind=DeliveryKind.BALLOT),
        ):
            await tx.outbox.put(other)


async def test_due_deliveries(store: Store) -> None:
    """Due is what has a `next_at` that has come, sent or not, oldest first; never a message that was deleted."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        later = await tx.outbox.put(delivery(made, 1, next_at=NOON + HOUR))
        first = await tx.outbox.put(delivery(made, 2, next_at=NOON))
        shown: dict[str, Any] = {"state": DeliveryState.SENT, "revision": 2, "shown": 1}
        edit = await tx.outbox.put(delivery(made, 3, message_id="there", **shown))
        await tx.outbox.put(delivery(made, 6, message_id=None, **shown))
        await tx.outbox.put(delivery(made, 4, **SENT))
        await tx.outbox.put(delivery(made, 5, next_at=None))
        assert await tx.outbox.due(NOON - HOUR, 9, PLATFORMS) == ()
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == (first, edit)
        assert await tx.outbox.due(NOON + HOUR, 9, PLATFORMS) == (later, first, edit)
        assert await tx.outbox.due(NOON + HOUR, 2, PLATFORMS) == (later, first)
        assert await tx.outbox.next_due(PLATFORMS) == NOON


@pytest.mark.parametrize("head", [DeliveryState.WAITING, DeliveryState.FAILED])
async def test_parts_of_an_issue_wait_for_their_head(store: Store, head: DeliveryState) -> None:
    """A part is due once the head of its own issue and channel is out, and never wakes anybody before."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        kept = await tx.outbox.put(delivery(made, 1, 0, state=head, next_at=NOON + HOUR))
        part = await tx.outbox.put(delivery(made, 1, 1, next_at=NOON - HOUR))
        for other in (delivery(made, 2, 0, **SENT), delivery(made, 1, 0, channel=DESK, **SENT)):
            await tx.outbox.put(other)
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == ()
        assert await tx.outbox.next_due(PLATFORMS) == NOON + HOUR
        await tx.outbox.save(replace(kept, message_id="1", **SENT))
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == (part,)
        assert await tx.outbox.next_due(PLATFORMS) == NOON - HOUR


async def test_what_was_written_first_is_due_first(store: Store) -> None:
    """A message waits for one written before it that was put off, until that is out, and for no other channel's."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        put_off = await tx.outbox.put(delivery(made, 1, attempts=1, next_at=NOON + HOUR, error="away"))
        behind = await tx.outbox.put(delivery(made, 2, next_at=NOON))
        elsewhere = await tx.outbox.put(delivery(made, 3, channel=DESK, next_at=NOON))
        later = await tx.outbox.put(delivery(made, 4, next_at=NOON + 2 * HOUR))
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == (elsewhere,)
        assert await tx.outbox.due(NOON + 3 * HOUR, 9, PLATFORMS) == (put_off, elsewhere)
        await tx.outbox.save(replace(elsewhere, **SENT))
        assert await tx.outbox.next_due(PLATFORMS) == NOON + HOUR
        assert await tx.outbox.due(NOON + HOUR, 9, PLATFORMS) == (put_off,)
        await tx.outbox.save(replace(put_off, message_id="there", **SENT))
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == (behind,)
        assert await tx.outbox.due(NOON + 3 * HOUR, 9, PLATFORMS) == (behind, later)


async def test_parts_of_a_ballot_stand_side_by_side(store: Store) -> None:
    """A ballot's second message does not wait for the first."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        second = await tx.outbox.put(delivery(made, 1, 1, kind=DeliveryKind.BALLOT))
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == (second,)


async def test_nothing_is_due_in_a_suspended_channel(store: Store) -> None:
    """Deliveries to a suspended channel wait, and wake nobody, until it is subscribed again."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(made, READING))
        await tx.newsletters.subscribe(Subscription(made, DESK, editors=True))
        here = await tx.outbox.put(delivery(made, 1))
        there = await tx.outbox.put(delivery(made, 1, channel=DESK, next_at=NOON + HOUR))
        await tx.newsletters.suspend(READING, "gone")
        assert await tx.outbox.due(NOON + HOUR, 9, PLATFORMS) == (there,)
        assert await tx.outbox.next_due(PLATFORMS) == NOON + HOUR
        await tx.newsletters.subscribe(Subscription(made, READING))
        assert await tx.outbox.due(NOON, 9, PLATFORMS) == (here,)


async def test_nothing_due_nothing_next(store: Store) -> None:
    """With everything sent or blocked there is no next moment."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        await tx.outbox.put(delivery(made, 1, 0, state=DeliveryState.FAILED, next_at=None))
        await tx.outbox.put(delivery(made, 1, 1))
        assert await tx.outbox.next_due(PLATFORMS) is None


async def test_deliveries_of_a_subject(store: Store) -> None:
    """The deliveries of an issue come by channel and part; a ballot of the same id is another subject."""
    made = (await add_newsletter(store)).id
    there = Channel("discord", "1001", "1999")
    async with store.transaction() as tx:
        for channel, part in ((DESK, 0), (READING, 1), (there, 1), (READING, 0), (there, 0)):
            await tx.outbox.put(delivery(made, 1, part, channel=channel))
        await tx.outbox.put(delivery(made, 1, kind=DeliveryKind.BALLOT))
        found = await tx.outbox.of(DeliveryKind.ISSUE, 1)
        assert [(each.channel, each.part) for each in found] == [
            (there, 0),
            (there, 1),
            (READING, 0),
            (READING, 1),
            (DESK, 0),
        ]
        assert await tx.outbox.of(DeliveryKind.NOTICE, 1) == ()


async def test_a_delivery_is_found_by_its_message(store: Store) -> None:
    """A message's address finds its delivery; the same id in another channel is another message."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        kept = await tx.outbox.put(delivery(made, 1, message_id="5", **SENT))
        assert await tx.outbox.by_message(Message(READING, "5")) == kept
        assert await tx.outbox.by_message(Message(DESK, "5")) is None
        assert await tx.outbox.by_message(Message(READING, "6")) is None


async def test_a_part_knows_the_head_of_its_own_channel(store: Store) -> None:
    """The message that an issue's part stands below is that of the same issue in the same channel."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        part = await tx.outbox.put(delivery(made, 1, 1))
        assert await tx.outbox.head(part) is None
        for number, other in enumerate((delivery(made, 1), delivery(made, 2), delivery(made, 1, channel=DESK)), 5):
            await tx.outbox.put(replace(other, **SENT, message_id=str(number)))
        assert await tx.outbox.head(part) == "5"


async def test_troubled_deliveries(store: Store) -> None:
    """Troubled is what failed, what waits after more than one try, and what could not be edited, latest first."""
    one, two = (await add_newsletter(store, "One")).id, (await add_newsletter(store, "Two")).id
    troubled = (
        delivery(one, 1, state=DeliveryState.FAILED, next_at=None),
        delivery(one, 2, attempts=2),
        delivery(one, 3, state=DeliveryState.SENT, revision=2, shown=1, error="refused"),
    )
    fine = (
        delivery(one, 4, attempts=1),
        delivery(one, 5),
        delivery(one, 6, attempts=3, **SENT),
        delivery(two, 7, attempts=2),
    )
    async with store.transaction() as tx:
        for each in (*fine, *troubled):
            await tx.outbox.put(each)
        assert [each.subject for each in await tx.outbox.troubled(one)] == [3, 2, 1]


async def test_notices_come_latest_first(store: Store) -> None:
    """Notices are kept by newsletter; the latest come first, at most as many as asked for."""
    one, two = (await add_newsletter(store, "One")).id, (await add_newsletter(store, "Two")).id
    async with store.transaction() as tx:
        ids = [await tx.outbox.notice(one, NOON + hour * HOUR, f"Hour {hour}") for hour in (1, 0, 2)]
        await tx.outbox.notice(two, NOON, "Elsewhere")
        assert len(set(ids)) == 3
        assert await tx.outbox.notices(one, 2) == ((NOON + 2 * HOUR, "Hour 2"), (NOON + HOUR, "Hour 1"))
        assert await tx.outbox.notices(two, 9) == ((NOON, "Elsewhere"),)


async def test_a_platform_that_is_not_served_is_not_due(store: Store) -> None:
    """What waits for a platform that this process does not speak to neither comes up nor wakes anybody."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        await tx.outbox.put(delivery(made, 5, 0, channel=DESK))
        assert await tx.outbox.due(NOON + HOUR, 9, {"discord"}) == ()
        assert await tx.outbox.next_due({"discord"}) is None
        assert len(await tx.outbox.due(NOON + HOUR, 9, {"slack"})) == 1
