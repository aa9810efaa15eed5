"""The real discord.py, logged in to the loopback Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import discord
import pytest
from discord.http import Route

from bot.adapters.discord.chat import DiscordChat
from bot.core.model import Channel, Message
from tests.fakes.discord_server import MORNING, DiscordServer
from tests.fakes.discord_world import Channel as Room
from tests.fakes.discord_world import Guild
from tests.fakes.discord_world import Message as Sent

EARLIER = MORNING - timedelta(minutes=1)


@dataclass
class Loopback:
    """A server with a guild and a channel in it, and the adapter that speaks to it."""

    server: DiscordServer
    guild: Guild
    room: Room
    client: discord.Client
    chat: DiscordChat

    @property
    def channel(self) -> Channel:
        """The channel as the core knows it."""
        return self.known(self.room)

    def known(self, room: Room) -> Channel:
        """A channel as the core knows it."""
        return Channel("discord", self.guild.id, room.id)

    def message(self, message_id: str) -> Message:
        """A message as the core knows it."""
        return Message(self.channel, message_id)

    def sent(self, room: Room | None = None) -> list[Sent]:
        """What stands in a channel."""
        return [each for each in (room or self.room).messages.values() if not each.deleted]


@asynccontextmanager
async def loopback(monkeypatch: pytest.MonkeyPatch, kind: int = 0) -> AsyncIterator[Loopback]:
    """A loopback Discord whose channel is of this kind; the bot is logged in, and not connected to the gateway."""
    async with DiscordServer() as server:
        monkeypatch.setattr(Route, "BASE", server.api_url)
        guild = server.state.guild()
        room = server.state.channel(guild, kind=kind)
        async with discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30) as client:
            await client.login(server.token)
            server.asked.clear()
            yield Loopback(server, guild, room, client, DiscordChat(client))
