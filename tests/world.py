"""A whole bot in a test: the real core and store, a chat platform and a paper source in memory."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from bot.core.ballots import KEYCAPS
from bot.core.commands import Caller, File
from bot.core.communities import Communities
from bot.core.desk import Desk
from bot.core.errors import NoSuchPaper, SourceDown
from bot.core.following import Following
from bot.core.importing import Importer
from bot.core.issues import one_message
from bot.core.model import Channel, Member, Message, Newsletter, Paper, Schedule
from bot.core.nominations import Nominations
from bot.core.papers import Library
from bot.core.plain import plain
from bot.core.post import Answer, Form
from bot.core.publishing import Publisher
from bot.core.voting import Voting
from bot.core.week import Week
from bot.store import SqlStore, open_store
from tests.fakes.chat import FakeChat, Sent
from tests.fakes.clock import FakeClock
from tests.fakes.letters import FakeLetters

SUNDAY = datetime(2026, 11, 22, 20, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)

PAPER = Channel("web", "town", "paper")
EDITORS = Channel("web", "town", "editors")

ADA = Member("web", "town", "ada", "Ada")
BEN = Member("web", "town", "ben", "Ben")
CHEN = Member("web", "town", "chen", "Chen")
DORA = Member("web", "town", "dora", "Dora")


class FakeSource:
    """Knows the papers it is given."""

    def __init__(self, *papers: Paper) -> None:
        self.papers = {each.id: each for each in papers}
        self.down = False

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        if self.down:
            raise SourceDown("arXiv does not answer just now.")
        if paper_id not in self.papers:
            raise NoSuchPaper(f"arXiv has no paper {paper_id}.")
        return self.papers[paper_id]


INVOLUTION = Paper(
    "2103.06255",
    2,
    "Involution: Inverting the Inherence of Convolution for Visual Recognition",
    ("Duo Li", "Jie Hu", "Changhu Wang", "Xiangtai Li"),
    "Turns convolution around.",
    datetime(2021, 3, 10, 18, 40, tzinfo=UTC),
    datetime(2021, 4, 11, 12, 30, tzinfo=UTC),
    ("cs.CV",),
)


@dataclass
class World:
    """The bot and what stands around it."""

    store: SqlStore
    clock: FakeClock
    chat: FakeChat
    source: FakeSource
    desk: Desk
    week: Week
    publisher: Publisher
    voting: Voting
    letters: FakeLetters
    following: Following

    async def say(self, line: str, who: Member = BEN, channel: Channel = PAPER, *, forms: bool = False) -> str:
        """Type a line; what comes back is its plain text."""
        return said(await self.desk.typed(caller(who, channel, forms=forms), line))

    async def press(self, command: str, who: Member = BEN, **values: str | File) -> str:
        """Run a command with values, as a button or a form does."""
        return said(await self.desk.invoke(caller(who, PAPER), command, values))

    async def work(self) -> None:
        """Do everything that is due now."""
        await self.following.work()
        await self.week.work()
        await self.publisher.work()

    async def at(self, moment: datetime) -> None:
        """Let it become a moment, and do what is due then."""
        self.clock.move_to(moment)
        await self.work()

    async def vote(self, position: int, *voters: Member) -> None:
        """Put the reaction for a place on the newest ballot message, on the platform and as an event."""
        message, emoji = self.ballot((position - 1) // 10), KEYCAPS[(position - 1) % 10]
        for voter in voters:
            message.reactions.setdefault(emoji, set()).add(voter)
            await self.desk.reacted(Message(message.channel, message.id), emoji, voter, True, "")

    async def withdraw(self, position: int, voter: Member) -> None:
        """Take a reaction back."""
        message, emoji = self.ballot((position - 1) // 10), KEYCAPS[(position - 1) % 10]
        message.reactions[emoji].remove(voter)
        await self.desk.reacted(Message(message.channel, message.id), emoji, voter, False, "")

    def ballot(self, page: int = 0, channel: Channel = PAPER) -> Sent:
        """The newest ballot's message of this page."""
        suffix = f", page {page + 1}" if page else ""
        ballots = [each for each in self.chat.sent if each.channel == channel and ": ballot " in each.post.title]
        number = max(int(each.post.title.split(": ballot ")[1].split(",")[0]) for each in ballots)
        return next(each for each in ballots if each.post.title.endswith(f": ballot {number}{suffix}"))

    def texts(self, channel: Channel = PAPER) -> list[str]:
        """The plain text of every message in a channel, oldest first."""
        return [plain(each.post) for each in self.chat.sent if each.channel == channel]


def caller(who: Member, channel: Channel = PAPER, *, forms: bool = False) -> Caller:
    """Who asks; Ada runs the community."""
    return Caller(who, channel, admin=who == ADA, forms=forms)


def said(answer: Answer) -> str:
    """An answer's plain text; a form is its command with its fields."""
    if isinstance(answer, Form):
        return f"form {answer.command}: " + ", ".join(f"{each.option}={each.value}" for each in answer.fields)
    return plain(answer)


@asynccontextmanager
async def world(folder: Path, start: datetime = SUNDAY, *papers: Paper) -> AsyncIterator[World]:
    """A bot on a store in this folder, with nothing set up yet; the same folder again is a restart."""
    clock = FakeClock(start)
    chat = FakeChat(clock)
    source = FakeSource(*(papers or (INVOLUTION,)))
    fits = {"web": one_message}
    async with open_store(folder / "broadsheet.sqlite") as store:
        library = Library(store, source, clock)
        voting = Voting(store, {"web": chat})
        week = Week(store, voting, clock, fits)
        letters, importer = FakeLetters(), Importer(store, clock, fits)
        chance = random.Random(7)  # noqa: S311  # jitter, not secrets
        following = Following(store, letters, importer, clock, chance, lambda: None)
        desk = Desk(
            store,
            clock,
            library,
            Nominations(store, library, clock, timedelta(0)),
            voting,
            week,
            importer,
            Communities(store, clock),
            Newsletter(0, "The Paper", Schedule(0, time(9), "UTC")),
            letters,
            following,
            lambda: None,
        )
        publisher = Publisher(store, {"web": chat}, clock, chance)
        try:
            yield World(store, clock, chat, source, desk, week, publisher, voting, letters, following)
        finally:
            await library.close()
