"""A bot that is killed again and again: the real process, on platforms of our own, with much to post."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.core.ballots import refresh
from bot.core.model import (
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Item,
    Kind,
    Newsletter,
    Nomination,
    Schedule,
    Subscription,
)
from bot.core.ports import Store
from bot.store import open_store
from tests.acceptance.shell import ROOT, run, variables

SECTIONS = ("Papers", "Articles", "Tools")

LIFE = 12.0
"""Seconds after which a process that asked for nothing at all is killed."""

IDLE = 5.0
"""Seconds without a request after which a process has nothing left to do, and is killed too; a look takes four."""


class Platform(Protocol):
    """A platform of our own that stays up while the bot dies."""

    channels: Sequence[Channel]

    def settings(self) -> Mapping[str, str]:
        """The variables that point the bot at it."""
        ...

    def watch(self, told: Callable[[bool], None]) -> None:
        """Tell of every request twice, and whether it posts: as it comes, and when its answer is about to go out."""
        ...

    def messages(self, channel: Channel) -> Sequence[str]:
        """The ids of the bot's messages in a channel and its threads, as the core names them, oldest first."""
        ...


@dataclass
class Crashing:
    """The bot in a folder, with platforms around it; `code` is the folder of the program that is run."""

    folder: Path
    platforms: Sequence[Platform]
    chance: random.Random
    code: Path = ROOT
    kills: int = 0
    letters: int = 0

    @property
    def path(self) -> Path:
        """The store's file."""
        return self.folder / "broadsheet.sqlite"

    @property
    def log(self) -> str:
        """The last lines that the bot wrote."""
        return (self.folder / "log").read_text(encoding="utf-8")[-4000:]

    @property
    def channels(self) -> list[Channel]:
        """Every channel, on whichever platform."""
        return [channel for platform in self.platforms for channel in platform.channels]

    async def found(self) -> None:
        """Start a newsletter that comes out in every channel."""
        async with open_store(self.path) as store, store.transaction() as tx:
            schedule = Schedule(0, datetime.now(UTC).time(), "UTC")
            made = await tx.newsletters.add(Newsletter(0, "The Paper", schedule, sections=SECTIONS))
            for channel in self.channels:
                await tx.newsletters.subscribe(Subscription(made.id, channel))
            ballot = await tx.ballots.open(made.id, datetime.now(UTC))
            await refresh(tx, made, ballot, datetime.now(UTC))

    async def nominate(self) -> None:
        """Put something on the ballot that is in for certain."""
        now = datetime.now(UTC)
        async with open_store(self.path) as store, store.transaction() as tx:
            newsletter = (await tx.newsletters.all())[0]
            ballot = await tx.ballots.current(newsletter.id)
            assert ballot is not None
            for section in SECTIONS[:2]:
                name = f"{self.chance.getrandbits(40):x}"
                url = f"https://example.org/{name}"
                item = await tx.items.ensure(Item(0, url, f"About {name}", "example.org", Kind.ARTICLE))
                await tx.ballots.nominate(Nomination(0, ballot.id, item, 0, section, now, pinned=True))
            await refresh(tx, newsletter, ballot, now)

    async def slot(self) -> None:
        """Let the newsletter's hour come."""
        now = datetime.now(UTC) - timedelta(seconds=1)
        async with open_store(self.path) as store, store.transaction() as tx:
            newsletter = (await tx.newsletters.all())[0]
            await tx.newsletters.save(replace(newsletter, next_slot=now, next_at=now))

    async def letter(self) -> None:
        """Read a newsletter in from a shell that is killed on the way, and then from one that is not."""
        self.letters += 1
        file = self.folder / f"letter{self.letters}.md"
        file.write_text(LETTER.format(number=self.letters), encoding="utf-8")
        process = await self._process("import", str(file))
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), self.chance.uniform(1, 4))
        await self._kill(process)
        ended = await run(self.folder, "import", str(file))
        assert ended.code == 0, ended.err

    async def die(self) -> None:
        """Start the bot and kill it at a moment that chance picks: after a time, or in the middle of a request."""
        process = await self._process("run")
        if self.chance.random() < 0.2:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.chance.uniform(0.2, 5))
        else:
            only_posts = self.chance.random() < 0.7
            left = self.chance.randrange(1, 50 if only_posts else 160)
            idle: list[asyncio.TimerHandle] = []

            def told(posts: bool) -> None:
                nonlocal left
                left -= posts or not only_posts
                for each in idle:
                    each.cancel()
                idle[:] = [asyncio.get_running_loop().call_later(IDLE, end)]
                if left <= 0:
                    end()

            def end() -> None:
                if process.returncode is None:
                    process.kill()

            self.chance.choice(self.platforms).watch(told)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), LIFE)
        assert process.returncode in (None, -9), (process.returncode, self.log)
        await self._kill(process)
        self.kills += 1

    async def finish(self, within: float = 120) -> None:
        """Let the bot do all there is to do, and stop it as one should."""
        process = await self._process("run")
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        quiet: list[asyncio.TimerHandle] = []

        def told(_: bool = False) -> None:
            # Whenever nothing was asked for a while, the store says whether anything is left to do.
            for each in quiet:
                each.cancel()
            quiet[:] = [loop.call_later(2, done.set)]

        for platform in self.platforms:
            platform.watch(told)
        async with asyncio.timeout(within), open_store(self.path, lock=False) as store:
            while await self._open_ends(store):
                done.clear()
                told()
                await done.wait()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0, self.log
        await self._kill(process)

    async def _open_ends(self, store: Store) -> list[Delivery]:
        return [each for each in await deliveries(store) if each.next_at is not None]

    async def _process(self, *words: str) -> asyncio.subprocess.Process:
        settings = {key: value for platform in self.platforms for key, value in platform.settings().items()}
        environment = variables({**settings, "PYTHONPATH": str(self.code), "BROADSHEET_LOG__LEVEL": "warning"})
        log = (self.folder / "log").open("ab")
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *words, cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        finally:
            log.close()

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        for platform in self.platforms:
            platform.watch(lambda _: None)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def deliveries(store: Store) -> list[Delivery]:
    """Every delivery there is."""
    found: list[Delivery] = []
    async with store.snapshot() as tx:
        for newsletter in await tx.newsletters.all():
            issues = await tx.issues.recent(newsletter.id, 10_000)
            last = await tx.ballots.current(newsletter.id)
            for issue in issues:
                found += await tx.outbox.of(DeliveryKind.ISSUE, issue.id)
            for ballot in range(1, (last.id if last else 0) + 1):
                found += await tx.outbox.of(DeliveryKind.BALLOT, ballot)
    return found


async def faults(bot: Crashing) -> list[str]:
    """What is wrong now that all is done: a part that is missing, doubled, out of order, or left claimed."""
    async with open_store(bot.path) as store:
        kept = await deliveries(store)
    wrong = [f"{each.kind} {each.subject} part {each.part}: {each.state}" for each in kept if not _done(each)]
    for platform in bot.platforms:
        for channel in platform.channels:
            expected = [each.message_id or "" for each in kept if each.channel == channel]
            there = list(platform.messages(channel))
            wrong += [f"{channel.id}: {each} is not there" for each in expected if each not in there]
            wrong += [f"{channel.id}: {each} is one too many" for each in there if each not in expected]
            wrong += _out_of_order(channel, kept, there)
    return wrong


def _done(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.SENT and delivery.next_at is None and delivery.attempts == 0


def _out_of_order(channel: Channel, kept: Sequence[Delivery], there: Sequence[str]) -> list[str]:
    places = {message: place for place, message in enumerate(there)}
    wrong = []
    issues = {each.subject for each in kept if each.kind is DeliveryKind.ISSUE}
    for issue in sorted(issues):
        parts = [e for e in kept if (e.kind, e.subject, e.channel) == (DeliveryKind.ISSUE, issue, channel)]
        order = [places.get(each.message_id or "", -1) for each in sorted(parts, key=lambda each: each.part)]
        wrong += [f"{channel.id}: issue {issue} is out of order"] if order != sorted(order) else []
    return wrong


def seed() -> int:
    """What chance begins with: BROADSHEET_SEED where it is set, so that a failure plays again, else a new number."""
    given = os.environ.get("BROADSHEET_SEED")
    return int(given) if given else random.SystemRandom().randrange(10**6)


LETTER = """\
# Our Letter #{number}

## Papers

### [The first of letter {number}](https://example.org/letters/{number}/first)

What the first says.

## Tools

### [The second of letter {number}](https://example.org/letters/{number}/second)

What the second says.
"""
