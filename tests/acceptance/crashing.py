"""A bot that is killed again and again: the real process, on platforms of our own, with much to post."""

from __future__ import annotations

import asyncio
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
from tests.faults.counting import deliveries, wrong

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
    """The bot in a folder, with platforms around it.

    code: the folder of the program that is run. aim: the share of kills that come at a post, rather than at any request
    or at any time.
    """

    folder: Path
    platforms: Sequence[Platform]
    chance: random.Random
    code: Path = ROOT
    aim: float = 0.5
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
        only_posts = self.chance.random() < self.aim
        if not only_posts and self.chance.random() < 0.4:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.chance.uniform(0.2, 5))
        else:
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


async def faults(bot: Crashing) -> list[str]:
    """What is wrong now that all is done: a part that is missing, doubled, out of order, or left claimed."""
    async with open_store(bot.path) as store:
        kept = await deliveries(store)
    return wrong(kept, {each: side.messages(each) for side in bot.platforms for each in side.channels})


LETTER = """\
# Our Letter #{number}

## Papers

### [The first of letter {number}](https://example.org/letters/{number}/first)

What the first says.

## Tools

### [The second of letter {number}](https://example.org/letters/{number}/second)

What the second says.
"""
