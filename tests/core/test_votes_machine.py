"""The vote against a model a page long: whatever people, platforms and processes do, a recount ends at the truth."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.core.ballots import ANEW, KEYCAPS
from bot.core.model import Channel, Member, Message, Subscription
from bot.store import check_votes
from tests.fakes.chat import Sent
from tests.world import ADA, BEN, CHEN, DORA, MONDAY, PAPER, SUNDAY, World, world

OTHER = Channel("web", "town", "other")
BIN = Channel("web", "town", "bin")
CHANNELS = (PAPER, OTHER)
VOTERS = (ADA, BEN, CHEN, DORA)
PICKS, THRESHOLD, CARRY = 1, 2, 1
Result = TypeVar("Result")


@dataclass
class Paper:
    """What the model knows of one nomination."""

    word: str
    first: int
    carried: int = 0
    held: dict[Channel, set[Member]] = field(default_factory=lambda: {channel: set() for channel in CHANNELS})
    kept: dict[Channel, set[Member]] = field(default_factory=lambda: {channel: set() for channel in CHANNELS})

    def voters(self) -> set[Member]:
        """Who votes for it: on a message that is there, or on one that was deleted and not voted on since."""
        return set().union(*self.held.values(), *self.kept.values())


class Model:
    """The rules in a page: a ballot of papers in the order of their places, and what was printed."""

    def __init__(self) -> None:
        self.ballot: list[Paper] = []
        self.printed: list[list[str]] = []
        self.count = 0

    def nominate(self, word: str) -> None:
        """What is on the ballot, or was printed, is not put up again."""
        if word not in [each.word for each in self.ballot] and not any(word in issue for issue in self.printed):
            self.count += 1
            self.ballot.append(Paper(word, self.count))

    def close(self) -> None:
        """The most votes win, of equal ones the earlier; without a winner the vote goes on, else the rest moves on."""
        ranked = sorted(self.ballot, key=lambda each: (-len(each.voters()), each.first))
        winners = [each for each in ranked if len(each.voters()) >= THRESHOLD][:PICKS]
        if winners:
            self.printed.append([each.word for each in winners])
            rest = [each for each in self.ballot if each not in winners and each.carried < CARRY]
            self.ballot = [Paper(each.word, each.first, each.carried + 1) for each in rest]


class Votes(RuleBasedStateMachine):
    """Drives the real core and store, with a chat in memory, beside the model."""

    @initialize()
    def begin(self) -> None:
        """A newsletter in two channels."""
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.model = Model()
        self.weeks = 0
        self.deleted: dict[Channel, int] = dict.fromkeys(CHANNELS, 0)
        self.late: list[tuple[Paper, Message, str, Member, bool]] = []
        self.sent: list[Sent] = []
        self.run(self.open())
        setup = f"/newsletter setup The Paper picks:{PICKS} threshold:{THRESHOLD}"
        self.run(self.town.say(setup, ADA))
        self.run(self.arrange())

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def open(self) -> None:
        self.stack = AsyncExitStack()
        start = SUNDAY + self.weeks * timedelta(days=7)
        self.town: World = await self.stack.enter_async_context(world(Path(self.folder.name), start))
        self.town.chat.sent = self.sent
        await self.town.work()

    async def arrange(self) -> None:
        async with self.town.store.transaction() as tx:
            kept = await tx.newsletters.get(1)
            await tx.newsletters.save(replace(kept, rules=replace(kept.rules, carry=CARRY)))
            await tx.newsletters.subscribe(Subscription(1, OTHER))

    @rule(word=st.sampled_from(["fig", "kiwi", "lime", "pear"]))
    def nominate(self, word: str) -> None:
        """Put something up."""
        self.run(self.town.say(f"/nominate https://example.org/{word}"))
        self.run(self.town.work())
        self.model.nominate(word)

    @precondition(lambda self: self.model.ballot)
    @rule(
        place=st.integers(0, 3),
        who=st.sampled_from(VOTERS),
        where=st.sampled_from(CHANNELS),
        fate=st.sampled_from(["once", "once", "twice", "lost", "late"]),
    )
    def vote_or_withdraw(self, place: int, who: Member, where: Channel, fate: str) -> None:
        """Toggle a reaction; its event comes once, twice, never, or late and out of order."""
        if self.deleted[where] > ANEW:
            return
        place %= len(self.model.ballot)
        page = self.town.ballot(channel=where)
        there = page.reactions.setdefault(KEYCAPS[place], set())
        added = who not in there
        (there.add if added else there.discard)(who)
        paper = self.model.ballot[place]
        (paper.held[where].add if added else paper.held[where].discard)(who)
        event = (Message(where, page.id), KEYCAPS[place], who, added)
        for _ in range({"once": 1, "twice": 2}.get(fate, 0)):
            self.arrive(paper, *event)
        if fate == "late":
            self.late.insert(0, (paper, *event))

    def arrive(self, paper: Paper, message: Message, emoji: str, who: Member, added: bool) -> None:
        """An event comes in; whoever touches the number on a new message takes the vote on the old one in hand."""
        self.run(self.town.desk.reacted(message, emoji, who, added, ""))
        paper.kept[message.channel].discard(who)

    @rule()
    def late_events_come(self) -> None:
        """What was held up arrives, the latest first, and the recount mends what it spoiled."""
        late, self.late = self.late, []
        for event in late:
            self.arrive(*event)
        self.recount()

    @rule()
    def restart(self) -> None:
        """The process ends and another one starts; what had not arrived is lost."""
        self.late.clear()
        self.run(self.stack.aclose())
        self.run(self.open())

    @precondition(lambda self: self.model.ballot)
    @rule(where=st.sampled_from(CHANNELS))
    def delete(self, where: Channel) -> None:
        """A moderator deletes the ballot's message; the votes that were noted on it are kept."""
        if self.deleted[where] > ANEW:
            return
        self.recount()
        page = self.town.ballot(channel=where)
        message = Message(where, page.id)
        page.id, page.channel = f"deleted {page.id}", BIN
        self.deleted[where] += 1
        self.late = [each for each in self.late if each[1] != message]
        self.run(self.town.voting.deleted(message, self.town.clock.now()))
        self.run(self.town.work())
        for each in self.model.ballot:
            each.kept[where] |= each.held[where]
            each.held[where] = set()

    @rule()
    def recount(self) -> None:
        """Votes and standing are the model's after it, and a second recount finds nothing more to do."""
        number = self.run(self.ballot_id())
        self.run(self.town.voting.recount(number))
        for each in self.model.ballot:
            for channel in CHANNELS:
                each.kept[channel] -= each.held[channel]
        expected = [(each.word, len(each.voters())) for each in self.model.ballot]
        assert self.run(self.standing(number)) == expected
        again = self.run(self.town.voting.recount(number))
        assert (again.added, again.removed, again.unread) == (0, 0, ())

    @rule()
    def close(self) -> None:
        """The week ends: its issue prints what the model says, and what is left is on the next ballot."""
        before = len(self.model.printed)
        self.run(self.town.at(MONDAY + self.weeks * timedelta(days=7)))
        self.model.close()
        self.weeks += 1
        if len(self.model.printed) > before:
            self.deleted = dict.fromkeys(CHANNELS, 0)
        else:
            self.recount()
        assert self.run(self.issues()) == self.model.printed
        self.run(self.town.at(SUNDAY + self.weeks * timedelta(days=7)))
        assert [word for word, _ in self.run(self.standing(self.run(self.ballot_id())))] == [
            each.word for each in self.model.ballot
        ]

    async def ballot_id(self) -> int:
        async with self.town.store.snapshot() as tx:
            ballot = await tx.ballots.current(1)
        assert ballot is not None
        return ballot.id

    async def standing(self, number: int) -> list[tuple[str, int]]:
        async with self.town.store.snapshot() as tx:
            found = await tx.ballots.nominations(number)
        return [(each.item.url.rsplit("/", 1)[-1], each.votes) for each in found]

    async def issues(self) -> list[list[str]]:
        async with self.town.store.snapshot() as tx:
            found = await tx.issues.recent(1, 99)
        return [
            [entry.url.rsplit("/", 1)[-1] for entry in each.entries]
            for each in sorted(found, key=lambda each: each.number or 0)
        ]

    @invariant()
    def the_standing_is_a_count_of_the_rows(self) -> None:
        """At every step what is kept incrementally is what counting gives, and each vote is held by a reaction."""
        if hasattr(self, "town"):
            assert [str(each) for each in self.run(check_votes(self.town.store)) if not each.right] == []

    def teardown(self) -> None:
        """Leave nothing open."""
        if hasattr(self, "town"):
            self.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()


def test_the_votes_keep_to_the_model() -> None:
    """Nominations, votes, lost and late events, restarts, deletions, recounts and closings agree with the model."""
    run_state_machine_as_test(Votes, settings=settings(max_examples=12, stateful_step_count=20))
