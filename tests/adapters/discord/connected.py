"""The adapter with a real client, connected to the loopback Discord, and a desk that answers anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from bot.adapters.discord import BroadsheetClient, DiscordOptions, DiscordRefused, House, make_client, run
from bot.core.commands import Caller, Choice, Command, File
from bot.core.model import Channel, Member, Message, Newsletter, Schedule, Subscription
from bot.core.post import Answer, Post, sentence
from bot.core.table import COMMANDS
from tests.fakes.discord_server import TOKEN, DiscordServer


@dataclass
class Desk:
    """A front that answers everything with one sentence, and a house that notes what it is told.

    `asked` lists the commands; they are answered once `answering` is set.
    """

    commands: Sequence[Command] = COMMANDS
    reactions: list[tuple[Message, str, bool]] = field(default_factory=list)
    returns: list[list[str]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    asked: list[tuple[str, Mapping[str, str | File]]] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def typed(self, caller: Caller, line: str) -> Answer:
        raise AssertionError("nobody types on Discord")

    async def home(self, member: Member) -> Post:
        raise AssertionError("nobody is at home on Discord")

    async def invoke(self, caller: Caller, command: str, values: Mapping[str, str | File]) -> Answer:
        self.asked.append((command, values))
        await self._tell()
        await self.answering.wait()
        return sentence(f"{caller.member.name} asked for {command}.")

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        return ()

    async def newsletter(self, channel: Channel) -> Newsletter | None:
        return Newsletter(1, "Weekly", Schedule(0, time(9), "UTC"))

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        self.reactions.append((message, emoji, added))
        await self._tell()
        return None

    def __post_init__(self) -> None:
        self.answering.set()

    def house(self) -> House:
        async def recount(_: Message) -> None: ...
        async def moved(_: str) -> None: ...

        async def returned(communities: Collection[str]) -> None:
            self.returns.append(sorted(communities))
            await self._tell()

        async def read_digest() -> str | None:
            return self.digests[-1] if self.digests else None

        async def write_digest(digest: str) -> None:
            self.digests.append(digest)

        async def left(community: str) -> None:
            self.left.append(community)

        async def known() -> Collection[str]:
            return self.known

        async def subscriptions(_: Channel) -> Collection[Subscription]:
            return ()

        return House(recount, returned, moved, left, known, subscriptions, read_digest, write_digest)

    async def _tell(self) -> None:
        async with self._told:
            self._told.notify_all()

    async def returned(self, number: int) -> None:
        """Return once the bot has come back so often."""
        async with asyncio.timeout(10), self._told:
            await self._told.wait_for(lambda: len(self.returns) >= number)

    async def asked_for(self, number: int) -> None:
        """Return once so many commands were asked for."""
        async with asyncio.timeout(10), self._told:
            await self._told.wait_for(lambda: len(self.asked) >= number)

    async def reacted_to(self, number: int) -> None:
        """Return once so many reactions were taken in."""
        async with asyncio.timeout(10), self._told:
            await self._told.wait_for(lambda: len(self.reactions) >= number)


def client_for(server: DiscordServer, desk: Desk, **options: Any) -> BroadsheetClient:
    """A client that looks for Discord at this server, and does not dawdle before it identifies again."""
    client = make_client(DiscordOptions(api_url=server.api_url, gateway_url=server.gateway_url, **options))
    client.attend(desk, desk.house())

    async def at_once(*_: object, **__: object) -> None: ...

    client.before_identify_hook = at_once  # type: ignore[method-assign]  # it waits five seconds
    return client


@asynccontextmanager
async def running(
    server: DiscordServer, desk: Desk, client: BroadsheetClient | None = None, **options: Any
) -> AsyncIterator[asyncio.Task[None]]:
    """The adapter, connected to this server."""
    task = asyncio.create_task(run(client or client_for(server, desk, **options), TOKEN))
    try:
        await server.gateway.ready(len(options.get("shard_ids", (0,))))
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, DiscordRefused):
            await task
