"""What the port `Newsletters` promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from bot.core.errors import Refused, SlotTaken
from bot.core.model import Channel, Member, Subscription
from bot.core.ports import Store
from tests.store.examples import ADA, BOB, DESK, HOUR, NOON, READING, add_newsletter, newsletter


async def test_a_newsletter_comes_back_as_it_was(store: Store) -> None:
    """Every field that was added or saved comes back, whatever it is set to."""
    kept = await add_newsletter(store)
    assert kept == newsletter(id=kept.id)
    changed = replace(kept, review=None, paused=True, next_slot=None, next_at=None, sections=(), language="en")
    async with store.transaction() as tx:
        await tx.newsletters.save(changed)
    async with store.snapshot() as snapshot:
        assert await snapshot.newsletters.get(kept.id) == changed
        assert await snapshot.newsletters.all() == (changed,)


async def test_times_come_back_in_utc(store: Store) -> None:
    """A moment in any zone comes back as the same moment in UTC, to the microsecond."""
    moment = (NOON + timedelta(microseconds=7)).astimezone(timezone(-9 * HOUR))
    kept = await add_newsletter(store, next_at=moment)
    assert kept.next_at == moment
    assert kept.next_at.utcoffset() == timedelta(0)


async def test_two_communities_may_have_newsletters_of_one_name(store: Store) -> None:
    """A name belongs to nobody: newsletters are told apart by their channels."""
    one, other = await add_newsletter(store, "Weekly"), await add_newsletter(store, "weekly")
    assert one.id != other.id


async def test_an_unknown_newsletter_is_refused(store: Store) -> None:
    """Asking for an id that nobody has, or saving it, raises `Refused`."""
    async with store.transaction() as tx:
        with pytest.raises(Refused, match="no newsletter with the id 7"):
            await tx.newsletters.get(7)
        with pytest.raises(Refused, match="no newsletter with the id 7"):
            await tx.newsletters.save(newsletter(id=7))


async def test_due_newsletters(store: Store) -> None:
    """Due is what has a `next_at` that has come, the longest wait first; next due is the earliest of all."""
    later = await add_newsletter(store, "Later", next_at=NOON + HOUR)
    soon = await add_newsletter(store, "Soon", next_at=NOON)
    await add_newsletter(store, "Never", next_at=None)
    async with store.snapshot() as snapshot:
        assert await snapshot.newsletters.due(NOON - HOUR) == ()
        assert await snapshot.newsletters.due(NOON) == (soon,)
        assert await snapshot.newsletters.due(NOON + HOUR) == (soon, later)
        assert await snapshot.newsletters.next_due() == NOON


async def test_nothing_is_due_where_nothing_waits(store: Store) -> None:
    """Without a newsletter that waits there is no next moment."""
    await add_newsletter(store, next_at=None)
    async with store.snapshot() as snapshot:
        assert await snapshot.newsletters.next_due() is None


async def test_a_channel_gets_one_newsletter(store: Store) -> None:
    """Subscribing a channel again moves it; the newsletter it had loses it."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    async with store.transaction() as tx:
        assert await tx.newsletters.of_channel(READING) is None
        await tx.newsletters.subscribe(Subscription(one.id, READING))
        await tx.newsletters.subscribe(Subscription(one.id, DESK, editors=True))
        assert await tx.newsletters.of_channel(READING) == one
        assert await tx.newsletters.of_channel(DESK) == one
        await tx.newsletters.subscribe(Subscription(two.id, READING))
        assert await tx.newsletters.of_channel(READING) == two
        assert await tx.newsletters.subscriptions(one.id) == (Subscription(one.id, DESK, editors=True),)


async def test_a_suspension_lasts_until_the_channel_is_subscribed_again(store: Store) -> None:
    """A suspended channel keeps its subscription and says why; subscribing lifts it."""
    kept = await add_newsletter(store)
    async with store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(kept.id, READING))
        await tx.newsletters.suspend(READING, "the bot may not post there")
        suspended = Subscription(kept.id, READING, suspended="the bot may not post there")
        assert await tx.newsletters.subscriptions(kept.id) == (suspended,)
        assert await tx.newsletters.of_channel(READING) == kept
        await tx.newsletters.subscribe(suspended)
        assert await tx.newsletters.subscriptions(kept.id) == (Subscription(kept.id, READING),)


async def test_newsletters_of_a_community(store: Store) -> None:
    """A community has the newsletters of its channels, each once, oldest first."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    async with store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(two.id, Channel("discord", "1001", "a")))
        await tx.newsletters.subscribe(Subscription(one.id, Channel("discord", "1001", "b")))
        await tx.newsletters.subscribe(Subscription(one.id, Channel("discord", "1001", "c")))
        await tx.newsletters.subscribe(Subscription(two.id, Channel("slack", "1001", "d")))
        assert await tx.newsletters.of_community("discord", "1001") == (one, two)
        assert await tx.newsletters.of_community("slack", "1001") == (two,)
        assert await tx.newsletters.of_community("discord", "9") == ()


async def test_editors_are_named_for_each_community(store: Store) -> None:
    """Naming editors replaces those of that community alone, keeps their order, and counts each once."""
    kept = await add_newsletter(store)
    eve, zoe = Member("discord", "1001", "77", "Eve"), Member("discord", "1001", "5", "Zoe")
    async with store.transaction() as tx:
        await tx.newsletters.set_editors(kept.id, "discord", "1001", [ADA])
        await tx.newsletters.set_editors(kept.id, "slack", "T01", [BOB])
        await tx.newsletters.set_editors(kept.id, "discord", "1001", [zoe, eve, zoe])
        assert await tx.newsletters.editors(kept.id, "discord", "1001") == (zoe, eve)
        assert await tx.newsletters.editors(kept.id, "slack", "T01") == (BOB,)
        await tx.newsletters.set_editors(kept.id, "discord", "1001", [])
        assert await tx.newsletters.editors(kept.id, "discord", "1001") == ()


async def test_the_name_of_a_member_is_kept_up_to_date(store: Store) -> None:
    """A member's newest name is shown; a member seen without a name keeps the one known."""
    kept = await add_newsletter(store)
    async with store.transaction() as tx:
        for name, shown in (("Ada", "Ada"), ("Countess", "Countess"), ("", "Countess")):
            member = Member(ADA.platform, ADA.community, ADA.id, name)
            await tx.newsletters.set_editors(kept.id, "discord", "1001", [member])
            assert [each.name for each in await tx.newsletters.editors(kept.id, "discord", "1001")] == [shown]


async def test_a_slot_is_taken_once(store: Store) -> None:
    """A slot dealt with is refused, whatever the outcome was, and the transaction may go on."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    async with store.transaction() as tx:
        assert await tx.newsletters.last_slot(one.id) is None
        await tx.newsletters.take_slot(one.id, NOON + HOUR, "published")
        await tx.newsletters.take_slot(one.id, NOON, "skipped")
        await tx.newsletters.take_slot(two.id, NOON, "empty")
        with pytest.raises(SlotTaken):
            await tx.newsletters.take_slot(one.id, NOON.astimezone(timezone(HOUR)), "draft")
        assert await tx.newsletters.last_slot(one.id) == NOON + HOUR
        assert await tx.newsletters.last_slot(two.id) == NOON
