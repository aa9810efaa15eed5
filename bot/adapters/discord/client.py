"""The Discord client: built without connecting, so that a simulator can drive it, and run until it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.adapters.discord.answers import Answers
from bot.adapters.discord.callers import caller, roles
from bot.adapters.discord.commands import Translator, digest, plant
from bot.adapters.discord.events import Reactions
from bot.adapters.discord.front import House
from bot.adapters.discord.guilds import greet
from bot.adapters.discord.quiet import quietly
from bot.core.commands import Choice, OptionKind, find
from bot.core.errors import BroadsheetError
from bot.core.front import Front

log = structlog.get_logger()

LONGEST_RATE_LIMIT = 30.0
"""Seconds that discord.py waits by itself for a rate limit to end, the least it takes; of a longer one it tells."""


CLOSED: Mapping[int, str] = {
    4004: "the token in discord.token is valid no more",
    4010: "discord.shard_ids and discord.shard_count do not fit together",
    4011: "the bot is in too many servers for so few shards: raise discord.shard_count",
    4013: "it does not know the intents that were asked for",
}
"""Gateway close codes after which connecting again would not help, from Discord's documentation of the gateway."""


class DiscordRefused(BroadsheetError):
    """Discord does not let the bot in; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """How Discord is reached, and what of it is used.

    api_url, gateway_url: a proxy or a test server in Discord's place, the former with its version. guild_id: the one
    server whose commands are synced while developing. shard_ids: the shards of this process, of `shard_count` in all.
    message_content: whether the application has that privileged intent. languages: names and descriptions of
    commands, by Discord's name of a language and the English text.
    """

    api_url: str = ""
    gateway_url: str = ""
    proxy: str | None = None
    guild_id: int | None = None
    shard_ids: Sequence[int] | None = None
    shard_count: int | None = None
    message_content: bool = False
    languages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def intents(self) -> discord.Intents:
        """The events that Discord is asked for, no more than are needed."""
        return discord.Intents(guilds=True, guild_reactions=True, message_content=self.message_content)


class Tree(app_commands.CommandTree["BroadsheetClient"]):
    """The commands, whose stray errors reach the asker too."""

    async def on_error(
        self, interaction: discord.Interaction[BroadsheetClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the asker."""
        changed = isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch)
        told: Exception = BroadsheetError("My commands have just changed: please try again in a minute.")
        await self.client.answers.failed(interaction, told if changed else error)


class BroadsheetClient(discord.AutoShardedClient):
    """Takes Discord's events to a front, once it attends one."""

    answers: Answers
    _front: Front
    _house: House
    _reactions: Reactions

    def __init__(self, options: DiscordOptions) -> None:
        super().__init__(
            intents=options.intents,
            shard_count=options.shard_count,
            proxy=options.proxy,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
        )
        self.shard_ids = list(options.shard_ids) if options.shard_ids is not None else None
        self.options = options
        self.tree = Tree(self)

    def attend(self, front: Front, house: House) -> None:
        """Bring every event to this front from now on; before the client is started."""
        self._front = front
        self._house = house
        self.answers = Answers(front)
        self._reactions = Reactions(self, front, house, reading=self.options.message_content)
        plant(self.tree, front.commands, self.answers.command, self._complete, self.answers.nominate)

    async def _complete(
        self, interaction: discord.Interaction, command: str, option: str, typed: str
    ) -> tuple[Choice, ...]:
        found = find(self._front.commands, command).option(option)
        if found and found.kind is OptionKind.ROLE:
            return roles(interaction.guild, typed)
        return await self._front.complete(caller(interaction), command, option, typed)

    async def setup_hook(self) -> None:
        """Give Discord the command table, if it is another than it has."""
        if self.options.languages:
            await self.tree.set_translator(Translator(self.options.languages))
        guild = discord.Object(self.options.guild_id) if self.options.guild_id else None
        if guild:
            self.tree.copy_global_to(guild=guild)
        current = await digest(self.tree, guild)
        if current == await self._house.read_digest():
            return
        try:
            await self.tree.sync(guild=guild)
        except (discord.HTTPException, discord.RateLimited, app_commands.CommandSyncFailure) as error:
            log.error("Discord did not take the commands", guild=self.options.guild_id, reason=str(error))
        else:
            await self._house.write_digest(current)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer buttons and forms; slash commands go through the tree."""
        if interaction.type in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            await self.answers.other(interaction)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """A reaction was added."""
        await self._reactions.changed(event)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        """A reaction was removed."""
        await self._reactions.changed(event)

    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        """All reactions of a message were removed."""
        await self._reactions.cleared(event)

    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        """All reactions of a message with one emoji were removed."""
        await self._reactions.cleared(event)

    async def on_shard_ready(self, shard_id: int) -> None:
        """A shard began a new session: what happened before it went unseen. One resumed is told what it missed."""
        log.info("shard is ready", shard=shard_id)
        await self._house.returned([str(each.id) for each in self.guilds if each.shard_id == shard_id])

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was added to a server."""
        await self._house.joined(str(guild.id))
        await greet(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server; one that is merely unavailable has another event."""
        await self._house.left(str(guild.id))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what went wrong while an event was taken in."""
        error = sys.exception()
        expected = isinstance(error, BroadsheetError | discord.HTTPException | discord.RateLimited)
        log.error(
            "an event was lost", discord_event=event_method, reason=str(error), exc_info=None if expected else error
        )


def make_client(options: DiscordOptions) -> BroadsheetClient:
    """A client that is not connected yet: let it `attend` a front, then `run` it.

    Raises `DiscordRefused` for shards without their number.
    """
    if options.shard_ids is not None and options.shard_count is None:
        raise DiscordRefused("discord.shard_ids needs discord.shard_count: how many shards there are in all.")
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    return BroadsheetClient(options)


async def run(client: BroadsheetClient, token: str) -> None:
    """Connect and stay connected until cancelled or closed.

    Raises `DiscordRefused` where Discord will not have the bot as it is: trying again would not help.
    """
    with _reached(client.options), quietly():
        try:
            async with client:
                await client.start(token)
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
            raise DiscordRefused(f"Discord could not be reached: {error}") from error


@contextmanager
def _reached(options: DiscordOptions) -> Iterator[None]:
    """Have discord.py use the addresses of the options: it keeps them in classes, so for the whole process."""
    api, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    try:
        if options.api_url:
            Route.BASE = options.api_url.rstrip("/")
        if options.gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(options.gateway_url)
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api, gateway
