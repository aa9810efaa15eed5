"""A flood of reactions on one ballot, made from a seed: what the platform shows in the end, and which events came.

Run as a program it is a process that takes a part of the flood in, until it is killed.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.ballots import KEYCAPS
from bot.core.model import Channel, DeliveryKind, Member, Message, Subscription
from bot.core.voting import Recount, Voting
from bot.store import check_votes, open_store
from tests.world import ADA, PAPER, world

ROOT = Path(__file__).parents[1]
OTHER = Channel("web", "town", "other")
ITEMS = 9
ABREAST = 400
"""So many events are taken in at the same time."""

LEAVE = 0.005
"""The share of members whose reactions are gone in the end without an event, as their accounts are."""

Event = tuple[int, str, int, bool]
"""The message's number, the emoji, the member's number, and whether the reaction came or went."""

Truth = dict[tuple[int, str], set[int]]
"""By message and emoji: the members whose reactions stand."""


def seed() -> int:
    """The seed of this run, which is printed: BROADSHEET_SEED where it is set, so that a failure can be replayed."""
    number = int(os.environ.get("BROADSHEET_SEED") or secrets.randbits(32))
    sys.stdout.write(f"BROADSHEET_SEED={number}\n")
    return number


def flood(number: int, events: int, members: int) -> tuple[list[Event], Truth]:
    """The events in the order in which they arrive, and the truth.

    Members put reactions on and take them off again over an hour, on two messages. Each event arrives within a
    minute, one in twenty never, one in ten twice. Some are no votes: other emoji, and messages that are no ballot's.
    """
    chance = random.Random(number)  # noqa: S311  # a flood that can be made again
    truth: Truth = {}
    arriving: list[tuple[float, Event]] = []
    for turn in range(events):
        on = chance.choices((0, 1, 2), (60, 36, 4))[0]
        emoji = (
            chance.choice(KEYCAPS[:ITEMS]) if chance.random() < 0.96 else chance.choice(("🎉", KEYCAPS[ITEMS], "❌"))
        )
        who = chance.randrange(members)
        there = truth.setdefault((on, emoji), set())
        added = who not in there
        (there.add if added else there.remove)(who)
        times = chance.choices((0, 1, 2), (5, 85, 10))[0]
        arriving += [(turn * 3600 / events + chance.uniform(0, 60), (on, emoji, who, added)) for _ in range(times)]
    gone = set(chance.sample(range(members), int(members * LEAVE)))
    for left in truth.values():
        left.difference_update(gone)
    return [event for _, event in sorted(arriving, key=lambda each: each[0])], truth


def member(number: int) -> Member:
    """The member of this number."""
    return Member("web", "town", f"u{number}", f"Voter {number}")


async def take_in(voting: Voting, messages: Sequence[Message], events: Sequence[Event]) -> None:
    """Take events in, many at the same time, each begun in its order."""
    for start in range(0, len(events), ABREAST):
        wave = events[start : start + ABREAST]
        await asyncio.gather(
            *(voting.reacted(messages[on], emoji, member(who), added=added) for on, emoji, who, added in wave)
        )
        sys.stdout.write(f"{start + len(wave)}\n")
        sys.stdout.flush()


async def until_killed(folder: str, number: int, events: int, members: int, begin: int, end: int) -> None:
    """Be a process that takes a part of the flood in."""
    flooding, _ = flood(number, events, members)
    async with open_store(Path(folder) / "broadsheet.sqlite") as store:
        async with store.snapshot() as tx:
            deliveries = await tx.outbox.of(DeliveryKind.BALLOT, 1)
        found = {each.channel: each.message_id or "" for each in deliveries}
        await take_in(Voting(store, {}), _messages(found[PAPER], found[OTHER]), flooding[begin:end])
        await asyncio.Event().wait()


def _messages(paper: str, other: str) -> tuple[Message, ...]:
    return (Message(PAPER, paper), Message(OTHER, other), Message(PAPER, "no ballot"))


@dataclass(frozen=True)
class Outcome:
    """What the store has after the flood and its recount, beside what the platform shows."""

    repaired: Recount
    again: Recount
    votes: set[tuple[str, str]]
    truth: set[tuple[str, str]]
    standing: dict[str, int]
    counted: dict[str, int]
    right: bool


async def withstand(folder: Path, number: int, events: int, members: int) -> Outcome:
    """Let the flood come over three processes, the first two of them killed at its height, and count again."""
    flooding, truth = flood(number, events, members)
    async with world(folder) as town:
        await town.say("/newsletter setup The Paper", ADA)
        async with town.store.transaction() as tx:
            await tx.newsletters.subscribe(Subscription(1, OTHER))
        for each in range(ITEMS):
            await town.say(f"/nominate https://example.org/{each}")
        await town.work()
        sent = town.chat.sent
    third = len(flooding) // 3
    for begin in (0, third):
        await _killed_within(folder, number, events, members, begin, begin + third)
    async with world(folder) as town:
        town.chat.sent = sent
        pages = (town.ballot(), town.ballot(channel=OTHER))
        await take_in(town.voting, _messages(pages[0].id, pages[1].id), flooding[2 * third :])
        for (on, emoji), there in truth.items():
            if on < len(pages):
                pages[on].reactions[emoji] = {member(who) for who in there}
        repaired, again = await town.voting.recount(1), await town.voting.recount(1)
        async with town.store.snapshot() as tx:
            nominations = await tx.ballots.nominations(1)
            kept = await tx.ballots.votes(1)
        checked = await check_votes(town.store)
    emojis = {each.id: KEYCAPS[each.position - 1] for each in nominations}
    shown = {(emoji, f"u{who}") for (on, emoji), there in truth.items() for who in there if on < len(pages)}
    shown = {each for each in shown if each[0] in KEYCAPS[:ITEMS]}
    return Outcome(
        repaired,
        again,
        {(emojis[of], who.id) for of, who in kept},
        shown,
        {emojis[each.id]: each.votes for each in nominations},
        Counter(emoji for emoji, _ in shown),
        all(each.right for each in checked),
    )


async def _killed_within(folder: Path, number: int, events: int, members: int, begin: int, end: int) -> None:
    """Have a process take in a part of the flood, and kill it when it is about half-way."""
    given = [str(each) for each in (folder, number, events, members, begin, end)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.flood", *given, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            while int(await process.stdout.readline()) < (end - begin) // 2:
                continue
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(until_killed(sys.argv[1], *map(int, sys.argv[2:])))
