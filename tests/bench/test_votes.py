"""How fast votes are taken in, as a ratio within one run: what a machine does alone, every machine does likewise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

from bot.core.ballots import KEYCAPS
from bot.core.model import Member, Message
from bot.core.ports import Store
from bot.store import check_votes
from tests.world import ADA, World, world

FEW = 200
MANY = 4000

LEAST = 10
"""Measured on two cores: 170 votes a second one by one, 11,000 together, some sixty times as many."""


async def one_by_one(store: Store, message: Message, number: int, member: Member) -> None:
    """A transaction for each vote, as it would be without the group commit."""
    async with store.transaction() as tx:
        delivery = await tx.outbox.by_message(message)
        assert delivery is not None
        nominations = await tx.ballots.nominations(delivery.subject)
        await tx.ballots.vote(delivery.id, nominations[number % 3].id, member)


async def rate(number: int, vote: Callable[[int], Awaitable[object]]) -> float:
    """Votes a second, when so many come at once."""
    begun = perf_counter()
    await asyncio.gather(*(vote(each) for each in range(number)))
    return number / (perf_counter() - begun)


async def ballot(town: World) -> Message:
    """A ballot of three."""
    await town.say("/newsletter setup The Paper", ADA)
    for word in ("one", "two", "three"):
        await town.say(f"/nominate https://example.org/{word}")
    await town.work()
    return Message(town.ballot().channel, town.ballot().id)


async def test_votes_together_are_many_times_as_fast_as_one_by_one(tmp_path: Path) -> None:
    """The group commit takes in at least ten times as many votes a second, and counts every one."""
    async with world(tmp_path) as town:
        message = await ballot(town)

        async def alone(number: int) -> None:
            await one_by_one(town.store, message, number, Member("web", "town", f"a{number}"))

        async def together(number: int) -> None:
            who = Member("web", "town", f"t{number}")
            await town.voting.reacted(message, KEYCAPS[number % 3], who, added=True)

        before, after = await rate(FEW, alone), await rate(MANY, together)
        print(f"votes a second: {before:,.0f} one by one, {after:,.0f} together, {after / before:.0f} times as many")  # noqa: T201
        (checked,) = await check_votes(town.store)
        assert (checked.right, checked.kept) == (True, FEW + MANY)
        assert after > LEAST * before


async def test_reading_a_standing_costs_by_nominations_not_votes(tmp_path: Path) -> None:
    """After thousands of votes a standing is read about as fast as before them."""

    async def standings(town: World) -> float:
        async def read(_: int) -> None:
            async with town.store.snapshot() as tx:
                await tx.ballots.nominations(1)

        return max([await rate(100, read) for _ in range(3)])

    async with world(tmp_path) as town:
        message = await ballot(town)
        before = await standings(town)
        voters = [Member("web", "town", str(each)) for each in range(MANY)]
        await asyncio.gather(*(town.voting.reacted(message, "1️⃣", each, added=True) for each in voters))
        assert await standings(town) > before / 3
