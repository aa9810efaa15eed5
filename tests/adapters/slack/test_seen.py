from __future__ import annotations

import asyncio

from bot.adapters.slack.seen import UNKNOWN, Latest, Seen, moment


def test_the_oldest_are_forgotten_first() -> None:
    """What was seen is known, as long as there is room for it."""
    seen = Seen(most=2)
    assert [seen.first(each) for each in "aabac"] == [True, False, True, False, True]
    assert seen.first("a")
    assert not seen.first("c")


async def test_the_latest_wins() -> None:
    """What happened earlier than what is known is no news; about something else, or at the same time, it is."""
    latest = Latest(most=2)

    async def news(what: str, ts: str) -> bool:
        async with latest.turn(what, ts) as is_news:
            return is_news

    assert await news("a", "1700000000.000200")
    assert not await news("a", "1700000000.000100")
    assert await news("a", "1700000000.000200")
    assert await news("a", "1700000000.000300")
    assert await news("b", "1700000000.000100")
    assert await news("c", "1700000000.000100")
    assert await news("a", "1700000000.000100")
    assert await news("d", "")
    assert await news("d", "")


async def test_one_at_a_time() -> None:
    """Who is at the same thing waits, and whoever is at another does not."""
    latest = Latest()
    order: list[str] = []
    go_on = asyncio.Event()

    async def first() -> None:
        async with latest.turn("a", "1.1"):
            await go_on.wait()
            order.append("first")

    async def second() -> None:
        async with latest.turn("a", "1.2"):
            order.append("second")

    async def other() -> None:
        async with latest.turn("b", "1.0"):
            order.append("other")
            go_on.set()

    await asyncio.gather(first(), second(), other())
    assert order == ["other", "first", "second"]


def test_times_are_exact() -> None:
    """Two times that differ in their last place differ; what is no time is before all."""
    assert moment("1700000000.000100") < moment("1700000000.000101")
    for text in ("", "now", "1700000000", "-1.0", "1" * 30 + ".0"):
        assert moment(text) == UNKNOWN
