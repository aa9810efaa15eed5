"""The one place where everything is built and wired, started and stopped."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from bot.adapters.discord.fitting import fit as discord_fit
from bot.adapters.slack.fitting import fit as slack_fit
from bot.config import Settings
from bot.core.ballots import DEBOUNCE
from bot.core.communities import Communities
from bot.core.desk import Desk
from bot.core.errors import BroadsheetError
from bot.core.importing import Importer
from bot.core.issues import one_message
from bot.core.nominations import Nominations
from bot.core.papers import Library
from bot.core.ports import Chat, Clock, Fits, Store
from bot.core.publishing import Publisher
from bot.core.voting import Voting
from bot.core.week import Week
from bot.sources.arxiv import ArxivSource
from bot.sources.markdown import read_newsletter_bytes
from bot.store import SqlStore, open_store

log = structlog.get_logger()

Result = TypeVar("Result")

FITS: Fits = {"web": one_message, "discord": discord_fit, "slack": slack_fit}
"""How each platform's adapter fits a post into its messages."""

POLL = timedelta(seconds=30)
"""The store is looked at so often at least, as another process may have written to it."""

BREATH = timedelta(seconds=1)
"""Two looks at the store are at least so far apart unless something happened in between."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Return at the moment, or at once if it has passed."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


@dataclass(frozen=True)
class Bot:
    """The bot, wired: the desk that adapters bring their events to, and what works by itself."""

    store: SqlStore
    desk: Desk
    publisher: Publisher
    week: Week
    clock: Clock
    awake: asyncio.Event

    async def run(self) -> None:
        """Do what falls due, until cancelled; what fails is logged and tried again. The store is this bot's alone."""
        await _attempt(self.publisher.take_over)
        while True:
            self.awake.clear()
            pause = self.clock.now() + BREATH
            for work in (self.week.work, self.publisher.work, self.desk.communities.work):
                await _attempt(work)
            moments = [await _attempt(each) for each in (self.week.next_due, self.publisher.next_due)]
            pause = max(pause, min((each for each in moments if each), default=pause + POLL))
            await self._rest(min(pause, self.clock.now() + POLL))

    async def _rest(self, until: datetime) -> None:
        """Wait for the moment, or for something to happen."""
        waits = [asyncio.ensure_future(each) for each in (self.clock.sleep_until(until), self.awake.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def _attempt(work: Callable[[], Awaitable[Result]]) -> Result | None:
    """Do one kind of work; what fails is logged, so that it holds up no other kind."""
    try:
        return await work()
    except BroadsheetError as error:
        log.error("work failed", reason=str(error))
    except Exception:
        log.exception("work failed")
    return None


@asynccontextmanager
async def build(
    settings: Settings,
    platforms: Callable[[Store], Mapping[str, Chat]],
    clock: Clock,
    *,
    debounce: timedelta = DEBOUNCE,
    alone: bool = True,
) -> AsyncIterator[Bot]:
    """Build the bot on its store and close everything afterwards.

    platforms: makes the platforms' adapters by name, for this store. alone: refuse to start beside another process.
    """
    async with open_store(settings.store.path, lock=alone) as store:
        chats = platforms(store)
        source = ArxivSource(str(settings.arxiv.api_url), timedelta(seconds=settings.arxiv.timeout), clock)
        library = Library(store, source, clock)
        voting = Voting(store, chats)
        week = Week(store, voting, clock, FITS)
        awake = asyncio.Event()
        desk = Desk(
            store=store,
            clock=clock,
            library=library,
            nominations=Nominations(store, library, clock, debounce),
            voting=voting,
            week=week,
            importer=Importer(store, clock, FITS),
            communities=Communities(store, clock),
            defaults=settings.newsletter.newsletter(),
            read_newsletter=read_newsletter_bytes,
            wake=awake.set,
        )
        publisher = Publisher(store, chats, clock, random.Random())  # noqa: S311  # jitter, not secrets
        try:
            yield Bot(store, desk, publisher, week, clock, awake)
        finally:
            await library.close()
            await source.close()


@asynccontextmanager
async def working(bot: Bot) -> AsyncIterator[None]:
    """Have the bot do what falls due while the block runs."""
    task = asyncio.create_task(bot.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
