"""Feeds that are followed, and previews that wait."""

from __future__ import annotations

from dataclasses import replace

from bot.core.feeds import Feed
from bot.core.ports import Store
from tests.store.examples import HOUR, NOON, add_newsletter

URL = "https://weekly.example.org/feed"


def feed(url: str = URL) -> Feed:
    """A feed of the first newsletter, due at noon."""
    return Feed(0, 1, url, NOON, "The Weekly", next_at=NOON)


async def test_a_feed_is_followed_once(store: Store) -> None:
    """A newsletter that follows a feed already keeps it as it is, with what it knows of it."""
    await add_newsletter(store)
    async with store.transaction() as tx:
        first = await tx.feeds.follow(feed(), ["a", "b", "a"])
        assert first == replace(feed(), id=first.id)
        again = await tx.feeds.follow(replace(feed(), title="Other"), ["c"])
        assert again == first
        assert await tx.feeds.known(first.id) == {"a", "b"}
        assert await tx.feeds.of(1) == (first,)


async def test_an_entry_is_taken_once(store: Store) -> None:
    """Whoever takes it first has it; that of a feed that is followed no longer, nobody."""
    await add_newsletter(store)
    async with store.transaction() as tx:
        made = await tx.feeds.follow(feed(), ["a"])
        assert not await tx.feeds.take(made.id, "a")
        assert await tx.feeds.take(made.id, "b")
        assert not await tx.feeds.take(made.id, "b")
        await tx.feeds.unfollow(made.id)
        assert not await tx.feeds.take(made.id, "c")
        assert await tx.feeds.get(made.id) is None
        assert await tx.feeds.of(1) == ()


async def test_feeds_come_up_when_they_are_due(store: Store) -> None:
    """At their time and not before; one that is put off, or not waited for, later or never."""
    await add_newsletter(store)
    async with store.transaction() as tx:
        one, two = [await tx.feeds.follow(feed(f"{URL}/{name}"), []) for name in ("one", "two")]
        await tx.feeds.save(replace(two, next_at=NOON + HOUR, failures=2, failing_since=NOON, reason="no", told=True))
        assert await tx.feeds.due(NOON - HOUR) == ()
        assert await tx.feeds.due(NOON) == (one,)
        assert [each.id for each in await tx.feeds.due(NOON + HOUR)] == [one.id, two.id]
        assert await tx.feeds.next_due() == NOON
        await tx.feeds.save(replace(one, next_at=None))
        assert await tx.feeds.next_due() == NOON + HOUR
        kept = await tx.feeds.get(two.id)
        assert kept is not None
        assert (kept.failures, kept.failing_since, kept.reason, kept.told) == (2, NOON, "no", True)


async def test_a_preview_is_taken_once_by_its_newsletter(store: Store) -> None:
    """Its key is good for one taking, in its own newsletter, until it is too old."""
    await add_newsletter(store)
    await add_newsletter(store, "Other")
    async with store.transaction() as tx:
        await tx.previews.put(1, "key", NOON, "what was read")
        assert await tx.previews.take(2, "key") is None
        assert await tx.previews.take(1, "key") == "what was read"
        assert await tx.previews.take(1, "key") is None
        await tx.previews.put(1, "old", NOON, "x")
        await tx.previews.forget(NOON)
        await tx.previews.put(1, "new", NOON + HOUR, "y")
        await tx.previews.forget(NOON + HOUR)
        assert await tx.previews.take(1, "old") is None
        assert await tx.previews.take(1, "new") == "y"
