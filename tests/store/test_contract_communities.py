"""Communities that were left, newsletters that are forgotten, and small facts by key."""

from __future__ import annotations

from bot.core.model import Channel, Subscription
from bot.core.ports import Store
from bot.store import SqlStore
from tests.store.examples import DESK, HOUR, NOON, READING, add_newsletter, fill


async def test_a_departure_is_noted_once_and_undone_by_a_return(store: Store) -> None:
    """The first moment of leaving stands, and a community that is back is no longer listed."""
    async with store.transaction() as tx:
        await tx.communities.left("discord", "1", NOON)
        await tx.communities.left("discord", "1", NOON + HOUR)
        assert await tx.communities.left_before(NOON) == ()
        assert await tx.communities.left_before(NOON + HOUR) == (("discord", "1"),)
        await tx.communities.returned("discord", "1")
        assert await tx.communities.left_before(NOON + HOUR) == ()


async def test_forgetting_a_newsletter_leaves_nothing_of_it(store: SqlStore) -> None:
    """No row of any table belongs to it afterwards; papers, items and members stay."""
    await fill(store)
    async with store.transaction() as tx:
        for newsletter in await tx.newsletters.all():
            await tx.newsletters.forget(newsletter.id)
    left = {str(row["table"]) for row in [row async for row in store.rows()]}
    assert left <= {"papers", "newest_papers", "paper_extras", "items", "members", "departures", "marks", "lanes"}


async def test_forgetting_a_community_spares_the_others(store: Store) -> None:
    """Its own newsletter goes, one that another community has too loses its channels alone."""
    own, shared, other = [await add_newsletter(store, name) for name in ("Own", "Shared", "Other")]
    second = Channel(READING.platform, READING.community, "2002")
    async with store.transaction() as tx:
        for newsletter, channel in ((own, READING), (shared, second), (shared, DESK)):
            await tx.newsletters.subscribe(Subscription(newsletter.id, channel))
        await tx.communities.forget(READING.platform, READING.community)
        assert await tx.newsletters.all() == (shared, other)
        assert [each.channel for each in await tx.newsletters.subscriptions(shared.id)] == [DESK]


async def test_a_mark_is_kept_and_replaced(store: Store) -> None:
    """A key holds the value put last; an unknown one holds none."""
    async with store.transaction() as tx:
        assert await tx.marks.get("digest") is None
        await tx.marks.put("digest", "one")
        await tx.marks.put("digest", "two")
        assert await tx.marks.get("digest") == "two"


async def test_a_mark_is_taken_once(store: Store) -> None:
    """Whoever takes it first has it; for everybody else it is gone."""
    async with store.transaction() as tx:
        await tx.marks.put("state 1", "now")
        assert await tx.marks.take("state 1") == "now"
        assert await tx.marks.take("state 1") is None
        assert await tx.marks.get("state 1") is None


async def test_marks_are_listed_by_how_their_keys_begin(store: Store) -> None:
    """What is asked for is taken letter by letter: a wildcard of SQL means itself."""
    async with store.transaction() as tx:
        for key in ("slack T1", "slack T2", "slackT3", "sl_ck T4"):
            await tx.marks.put(key, key.upper())
        assert await tx.marks.under("slack ") == {"slack T1": "SLACK T1", "slack T2": "SLACK T2"}
        assert await tx.marks.under("sl_ck") == {"sl_ck T4": "SL_CK T4"}
