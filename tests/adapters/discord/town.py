"""A whole bot in a simulated Discord: the real core, store and adapter, with people who do what people do there."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

import discord
import simcord

from bot.adapters.discord import BroadsheetClient, DiscordOptions, House, make_client
from bot.adapters.discord.chat import DiscordChat
from bot.adapters.discord.render import fit
from bot.core.ballots import KEYCAPS
from bot.core.communities import Communities
from bot.core.desk import Desk
from bot.core.following import Following
from bot.core.importing import Importer
from bot.core.model import Channel, Newsletter, Schedule
from bot.core.nominations import Nominations
from bot.core.papers import Library
from bot.core.publishing import Publisher
from bot.core.voting import Voting
from bot.core.week import Week
from bot.sides import discord_house
from bot.store import SqlStore, open_store
from tests.fakes.letters import FakeLetters
from tests.world import INVOLUTION, FakeSource

THURSDAY = datetime(2026, 1, 1, tzinfo=UTC)
"""When simulated Discord begins."""


class SimulatedClock:
    """The core's clock as the simulated Discord has it."""

    def __init__(self) -> None:
        self.env: simcord.Env | None = None

    def now(self) -> datetime:
        return self.env.now() if self.env else THURSDAY

    async def sleep_until(self, moment: datetime) -> None:
        raise AssertionError("nothing in these tests waits")


@dataclass
class Bot:
    """One run of the program, from its start to its end."""

    client: BroadsheetClient
    store: SqlStore
    desk: Desk
    week: Week
    publisher: Publisher
    voting: Voting

    async def work(self) -> None:
        """Do everything that is due now."""
        await self.week.work()
        await self.publisher.work()


@dataclass
class Town:
    """The simulated Discord, the bot in it, and what outlives a run of the bot."""

    folder: Path
    options: DiscordOptions
    source: FakeSource
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    digests: list[str] = field(default_factory=list)
    read_again: asyncio.Event = field(default_factory=asyncio.Event)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)
    _bot: Bot | None = None

    @property
    def env(self) -> simcord.Env:
        assert self.clock.env
        return self.clock.env

    @property
    def bot(self) -> Bot:
        assert self._bot
        return self._bot

    async def begin(self) -> BroadsheetClient:
        """Start the program: its store, its core, its client, which is not connected yet."""
        store = await self._running.enter_async_context(open_store(self.folder / "broadsheet.sqlite"))
        library = Library(store, self.source, self.clock)
        self._running.push_async_callback(library.close)
        client = make_client(self.options)
        chat = DiscordChat(client)
        voting = Voting(store, {"discord": chat})
        fits = {"discord": fit}
        letters, importer = FakeLetters(), Importer(store, self.clock, fits)
        chance = random.Random(7)  # noqa: S311  # jitter, not secrets
        week = Week(store, voting, self.clock, fits)
        desk = Desk(
            store,
            self.clock,
            library,
            Nominations(store, library, self.clock, timedelta(0)),
            voting,
            week,
            importer,
            Communities(store, self.clock),
            Newsletter(0, "The Paper", Schedule(0, time(9), "UTC")),
            letters,
            Following(store, letters, importer, self.clock, chance, lambda: None),
            lambda: None,
        )
        publisher = Publisher(store, {"discord": chat}, self.clock, chance)
        self._bot = Bot(client, store, desk, week, publisher, voting)
        client.attend(desk, self._house(self._bot))
        return client

    def _house(self, bot: Bot) -> House:
        house = discord_house(bot.store, bot.desk)

        async def returned(communities: Collection[str]) -> None:
            await house.returned(communities)
            self.read_again.set()

        async def read_digest() -> str | None:
            return self.digests[-1] if self.digests else None

        async def write_digest(digest: str) -> None:
            self.digests.append(digest)

        return replace(house, returned=returned, read_digest=read_digest, write_digest=write_digest)

    async def end(self) -> None:
        """Stop the program; what is in the store and on Discord stays."""
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def restart(self) -> None:
        """Stop the program and start it again."""
        await self.end()
        await self.env.restart_bot(await self.begin())

    async def at(self, moment: datetime) -> None:
        """Let it become a moment, and do what is due then."""
        await self.env.advance_time((moment - self.env.now()).total_seconds())
        await self.bot.work()

    async def standing(self, guild: simcord.GuildHandle) -> dict[str, int]:
        """The votes on the open ballot of a guild's newsletter, by title."""
        async with self.bot.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.of_community("discord", str(guild.id))
            ballot = await tx.ballots.current(newsletter.id)
            assert ballot
            return {each.heading: each.votes for each in await tx.ballots.nominations(ballot.id)}


@dataclass
class Club:
    """A guild with a channel for the paper, and people in it; Ada may manage it."""

    town: Town
    guild: simcord.GuildHandle
    paper: simcord.ChannelHandle
    ada: simcord.MemberActor
    ben: simcord.MemberActor
    chen: simcord.MemberActor

    @property
    def channel(self) -> Channel:
        """The paper's channel as the core knows it."""
        return Channel("discord", str(self.guild.id), str(self.paper.id))

    async def set_up(self, **options: Any) -> simcord.InteractionResult:
        """Ada sets a newsletter up, Mondays at nine, and the bot posts its ballot."""
        done = await self.ada.slash(self.paper, "newsletter setup", **({"name": f"{self.guild.name} Weekly"} | options))
        await self.town.bot.work()
        return done

    async def nominate(self, *links: str) -> None:
        """Ben nominates these, and the ballot shows them."""
        for link in links:
            await self.ben.slash(self.paper, "nominate", link=link)
        await self.town.bot.work()

    async def take_in(self, name: str, content: bytes) -> simcord.InteractionResult:
        """Ada imports a file, and posts what its preview shows."""
        shown = await self.ada.slash(self.paper, "newsletter import", file=(name, content))
        assert shown.response is not None
        return await self.ada.click(shown.response, label="Post it")

    async def thread(self, head: discord.Message) -> simcord.ChannelHandle:
        """A thread below this message."""
        channel = self.town.bot.client.get_channel(self.paper.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.create_thread(name="Talk", message=head)
        await self.town.env.settle()
        return self.paper.threads[-1]

    def ballot(self, number: int = 1) -> discord.Message:
        """The message of this ballot."""
        return next(each for each in self.messages() if f": ballot {number}" in said(each).splitlines()[0])

    def messages(self) -> list[discord.Message]:
        """What people and the bot wrote for everybody in the paper's channel, oldest first."""
        return [each for each in self.paper.history() if not each.flags.ephemeral and not each.is_system()]


def club(town: Town, name: str = "Readers", **where: Any) -> Club:
    """A guild with its people."""
    env = town.env
    guild = env.create_guild(name, **where)
    keepers = guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    ada = guild.add_member(env.create_user("ada", global_name="Ada"), roles=[keepers])
    ben, chen = (guild.add_member(env.create_user(each.lower(), global_name=each)) for each in ("Ben", "Chen"))
    paper = guild.create_text_channel("the-paper")
    return Club(town, guild, paper, ada, ben, chen)


NEWSLETTER = b"""# Readers Digest, week 1

## Papers

- [A Survey of Small Languages](https://example.org/small-languages): what little there is.
"""


@asynccontextmanager
async def town(folder: Path, options: DiscordOptions | None = None, **simulation: Any) -> AsyncIterator[Town]:
    """A town on a store in this folder, with nobody in it yet."""
    made = Town(folder, options or DiscordOptions(shard_count=1), FakeSource(INVOLUTION))
    try:
        async with simcord.run(await made.begin(), **simulation) as env:
            made.clock.env = env
            yield made
    finally:
        await made.end()


def said(message: discord.Message | simcord.ResponseMessage | None) -> str:
    """What a message shows, a line for each text and for each button's label, with no letter escaped."""
    assert message is not None, "there is no message"
    parts = message.components
    raw = [each if isinstance(each, dict) else each.to_dict() for each in parts]
    return re.sub(r"\\([^\w\s])", r"\1", "\n".join(_texts(raw)) or message.content)


def _texts(components: Any) -> Iterator[str]:
    for each in components or ():
        for name in ("content", "label"):
            if isinstance(each.get(name), str):
                yield each[name]
        yield from _texts(each.get("components"))
        if each.get("accessory"):
            yield from _texts([each["accessory"]])


def answer(result: simcord.InteractionResult) -> str:
    """What an interaction was answered with."""
    return "\n".join(said(each) for each in (result.response, *result.followups) if each is not None)


def vote(position: int) -> str:
    """The emoji that votes for a place on the ballot."""
    return KEYCAPS[position - 1]


def fields(result: simcord.InteractionResult) -> Mapping[str, dict[str, Any]]:
    """The fields of the modal that was opened, by option."""
    assert result.modal is not None, f"no form was opened: {answer(result)}"
    rows = cast("list[dict[str, Any]]", result.modal["components"])
    return {each["component"]["custom_id"]: each["component"] for each in rows}


SUBCOMMAND = 1


def synced(here: Town, guild: simcord.GuildHandle | None = None) -> dict[str, dict[str, Any]]:
    """The commands as Discord was given them last, subcommands by their full name, with what holds for their root."""
    scope = f"/guilds/{guild.id}/commands" if guild else "/commands"
    puts = [each for each in here.env.http_requests if each.method == "PUT" and each.path.endswith(scope)]
    assert puts[-1].json is not None
    found: dict[str, dict[str, Any]] = {}
    for root in puts[-1].json:
        inner = [each for each in root.get("options", ()) if each["type"] == SUBCOMMAND]
        found |= {f"{root['name']} {each['name']}": {**root, **each} for each in inner} or {root["name"]: root}
    return found
