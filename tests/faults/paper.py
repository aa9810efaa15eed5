"""A newsletter in many channels of both platforms: the real core, store and adapters, on servers of our own."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

import discord
import pytest
from discord.http import Route
from slack_sdk.http_retry import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.discord import wire
from bot.adapters.discord.chat import DiscordChat
from bot.adapters.slack.chat import SlackChat
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.wire import Wire
from bot.app import FITS
from bot.core.ballots import refresh
from bot.core.importing import Importer
from bot.core.model import Item, Kind, Newsletter, Nomination, Schedule, Subscription
from bot.core.outbox import tell_editors
from bot.core.ports import Chat
from bot.core.publishing import Publisher
from bot.sources.markdown import read_newsletter_bytes
from bot.store import SqlStore, open_store
from tests.acceptance.crash_platforms import DiscordSide, SlackSide
from tests.adapters.slack.loopback import Granted
from tests.fakes.clock import FakeClock
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_server import SlackServer
from tests.faults.counting import deliveries, wrong
from tests.world import SUNDAY

PATIENCE = 0.3
"""Real seconds after which a request that gets no answer counts as broken here."""

PLATFORMS = ("discord", "slack")

BREATH = timedelta(minutes=10)
"""The clock is moved so far beyond the next delivery that is due, so that channels go side by side."""


class Prompt(Connection):
    """Reaches Slack as ever, without the pauses that real time would be spent on."""

    def client(self, token: str | None = None) -> AsyncWebClient:
        client = super().client(token)
        client.timeout = PATIENCE  # type: ignore[assignment]  # aiohttp, which gets it, takes fractions too
        for each in client.retry_handlers:
            each.interval_calculator = FixedValueRetryIntervalCalculator(0.01)
        return client


@dataclass
class Paper:
    """The newsletter, where it is posted, and what posts it."""

    store: SqlStore
    clock: FakeClock
    discord: DiscordServer
    slack: SlackServer
    sides: tuple[DiscordSide, SlackSide]
    publisher: Publisher
    importer: Importer
    tries: int = 0

    async def ballot(self) -> None:
        """Close the ballot, if there is one, and open the next."""
        now = self.clock.now()
        async with self.store.transaction() as tx:
            (newsletter,) = await tx.newsletters.all()
            before = await tx.ballots.current(newsletter.id)
            if before:
                await tx.ballots.close(before.id, now, ["The votes are counted."])
                await refresh(tx, newsletter, await tx.ballots.get(before.id), now)
            await refresh(tx, newsletter, await tx.ballots.open(newsletter.id, now), now)

    async def nominate(self, name: str) -> None:
        """Put something on the ballot."""
        now, url = self.clock.now(), f"https://example.org/{name}"
        async with self.store.transaction() as tx:
            (newsletter,) = await tx.newsletters.all()
            ballot = await tx.ballots.current(newsletter.id)
            assert ballot
            item = await tx.items.ensure(Item(0, url, f"About {name}", "example.org", Kind.ARTICLE))
            await tx.ballots.nominate(Nomination(0, ballot.id, item, 0, "Papers", now))
            await refresh(tx, newsletter, ballot, now)

    async def letter(self, number: int, words: str = "What it says.") -> None:
        """Publish an issue; with other words, correct it."""
        async with self.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.all()
        text = LETTER.format(number=number, words=words)
        (parsed,) = read_newsletter_bytes(text.encode())
        await self.importer.keep(newsletter, parsed)

    async def notice(self, text: str) -> None:
        """Tell the editors something."""
        async with self.store.transaction() as tx:
            (newsletter,) = await tx.newsletters.all()
            await tell_editors(tx, newsletter, self.clock.now(), text)

    async def step(self, breath: timedelta = BREATH) -> bool:
        """Send what is due, and let time go on to when more is; False when there is no more."""
        self.tries += await self.publisher.work()
        due = await self.publisher.next_due()
        if due:
            self.clock.move_to(max(due, self.clock.now()) + breath)
        return due is not None

    async def finish(self, steps: int) -> None:
        """Send everything; a test in which that takes more steps fails."""
        for _ in range(steps):
            if not await self.step():
                return
        raise AssertionError(await self.wrong())

    async def wrong(self, *platforms: str) -> list[str]:
        """What is not as it ought to be, on these platforms or on both."""
        channels = [each for side in self.sides for each in side.channels if each.platform in (platforms or PLATFORMS)]
        kept = [each for each in await deliveries(self.store) if each.channel in channels]
        there = {each: side.messages(each) for side in self.sides for each in side.channels if each in channels}
        return wrong(kept, there)

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests each platform got."""
        return {"discord": len(self.discord.asked), "slack": len(self.slack.asked)}


@asynccontextmanager
async def paper(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    channels: int,
    number: int,
    chats: tuple[type[DiscordChat], type[SlackChat]] = (DiscordChat, SlackChat),
) -> AsyncIterator[Paper]:
    """A newsletter in so many channels of each platform, and an editors' channel on each; `number` seeds the jitter."""
    monkeypatch.setattr(wire, "LONGEST", PATIENCE)
    clock = FakeClock(SUNDAY, hurried=True)
    async with (
        DiscordServer(now=None, clock=clock.now) as there,
        SlackServer(now=clock.now) as slack,
        discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30) as client,
        open_store(folder / "broadsheet.sqlite") as store,
    ):
        monkeypatch.setattr(Route, "BASE", there.api_url)
        await client.login(there.token)
        sides = (DiscordSide(there, channels + 1), SlackSide(slack, channels + 1))
        on_slack = chats[1](Wire(Granted(slack), clock, Prompt(slack.api_url)), clock)
        by_name: Mapping[str, Chat] = {"discord": chats[0](client), "slack": on_slack}
        async with store.transaction() as tx:
            newsletter = await tx.newsletters.add(Newsletter(0, "The Paper", Schedule(0, time(9), "UTC")))
            for side in sides:
                for channel in side.channels:
                    editors = channel == side.channels[-1]
                    await tx.newsletters.subscribe(Subscription(newsletter.id, channel, editors=editors))
        publisher = Publisher(store, by_name, clock, random.Random(number))  # noqa: S311  # jitter, not secrets
        yield Paper(store, clock, there, slack, sides, publisher, Importer(store, clock, FITS))


LETTER = """\
# Our Letter #{number}

## Papers

### [The first of letter {number}](https://example.org/letters/{number}/first)

{words}

## Tools

### [The second of letter {number}](https://example.org/letters/{number}/second)

{words}
"""
