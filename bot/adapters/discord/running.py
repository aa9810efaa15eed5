"""Staying connected to Discord until the bot is stopped, and leaving in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
import discord
from discord.http import Route

from bot.adapters.discord.client import BroadsheetClient
from bot.adapters.discord.failures import reason
from bot.adapters.discord.options import DiscordOptions, DiscordRefused
from bot.adapters.discord.quiet import quietly

CLOSED: Mapping[int, str] = {
    4004: "the token in discord.token is valid no more",
    4010: "discord.shard_ids and discord.shard_count do not fit together",
    4011: "the bot is in too many servers for so few shards: raise discord.shard_count",
    4013: "it does not know the intents that were asked for",
}
"""Gateway close codes after which connecting again would not help, from Discord's documentation of the gateway."""


async def run(client: BroadsheetClient, token: str) -> None:
    """Connect and stay connected until cancelled or closed; what is being taken in by then is worked on to its end.

    Raises `DiscordRefused` where Discord will not have the bot as it is: trying again would not help.
    """
    with _reached(client.options), quietly():
        try:
            async with client:
                await _connected(client, token)
        except discord.LoginFailure as error:
            raise DiscordRefused(
                "Discord refuses the token in discord.token: copy it anew from the developer portal, page Bot."
            ) from error
        except discord.PrivilegedIntentsRequired as error:
            raise DiscordRefused(
                "discord.message_content is on, but the application lacks the Message Content intent: switch it on in "
                "the developer portal, page Bot, or switch the setting off."
            ) from error
        except discord.ConnectionClosed as error:
            why = CLOSED.get(error.code, "it gave no reason")
            raise DiscordRefused(f"Discord closed the connection for good, code {error.code}: {why}.") from error
        except (
            discord.HTTPException, discord.RateLimited, discord.GatewayNotFound, aiohttp.ClientError, OSError,
        ) as error:  # fmt: skip
            raise DiscordRefused(f"Discord could not be reached: {reason(error)}") from error


async def _connected(client: BroadsheetClient, token: str) -> None:
    """Stay connected; discord.py swallows a cancellation while a shard reconnects, so it has a task of its own."""
    connected = asyncio.create_task(client.start(token))
    try:
        await asyncio.wait([connected])
    finally:
        connected.cancel()
        await client.leave()
        await client.close()
        await asyncio.gather(connected, return_exceptions=True)
    connected.result()


@contextmanager
def _reached(options: DiscordOptions) -> Iterator[None]:
    """Have discord.py use the API's address of the options: it keeps it in a class, so for the whole process."""
    api = Route.BASE
    try:
        if options.api_url:
            Route.BASE = options.api_url.rstrip("/")
        yield
    finally:
        Route.BASE = api
