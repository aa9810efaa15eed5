"""The Discord client: built without connecting, so that a simulator can drive it."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord import app_commands

from bot.adapters.discord.answers import Answers
from bot.adapters.discord.callers import caller, roles
from bot.adapters.discord.commands import Translator, plant
from bot.adapters.discord.events import Reactions
from bot.adapters.discord.failures import TROUBLE
from bot.adapters.discord.front import House
from bot.adapters.discord.guilds import greet
from bot.adapters.discord.options import DiscordOptions, DiscordRefused
from bot.adapters.discord.presence import Presence
from bot.adapters.discord.syncing import sync
from bot.adapters.discord.underway import Underway
from bot.core.commands import Choice, OptionKind, find
from bot.core.errors import BroadsheetError
from bot.core.front import Front

log = structlog.get_logger()

LONGEST_RATE_LIMIT = 30.0
"""Seconds that discord.py waits by itself for a rate limit to end, the least it takes; of a longer one it tells."""

PATIENCE = timedelta(seconds=5)
"""How long shards may take to close, and after them the events that are being taken in to be worked on."""


class Tree(app_commands.CommandTree["BroadsheetClient"]):
    """The commands, whose stray errors reach the asker too."""

    async def interaction_check(self, interaction: discord.Interaction[BroadsheetClient], /) -> bool:
        """Let every command through, and have the bot not go before it is answered."""
        self.client.underway.note()
        return True

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
    _presence: Presence
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
        self.logged_in = asyncio.Event()
        self.underway = Underway()
        if options.gateway_url:
            self._connect_to(yarl.URL(options.gateway_url))

    def _connect_to(self, gateway: yarl.URL) -> None:
        """Have every shard begin and resume its sessions there, whatever address Discord names for it."""
        connect = self.http.ws_connect

        async def ws_connect(url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
            return await connect(str(gateway.with_query(yarl.URL(url).query)), compress=compress)

        self.http.ws_connect = ws_connect  # type: ignore[method-assign]  # discord.py has no option for it

    def attend(self, front: Front, house: House) -> None:
        """Bring every event to this front from now on; before the client is started."""
        self._front = front
        self._house = house
        self.answers = Answers(front, house)
        self._presence = Presence(self, house)
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
        self.logged_in.set()
        if self.options.languages:
            await self.tree.set_translator(Translator(self.options.languages))
        await sync(self.tree, self._house, self.options.guild_id)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer buttons and forms; slash commands go through the tree."""
        self.underway.note()
        if interaction.type in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            await self.answers.other(interaction)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """A reaction was added."""
        self.underway.note()
        await self._reactions.changed(event)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        """A reaction was removed."""
        self.underway.note()
        await self._reactions.changed(event)

    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        """All reactions of a message were removed."""
        self.underway.note()
        await self._reactions.cleared(event)

    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        """All reactions of a message with one emoji were removed."""
        self.underway.note()
        await self._reactions.cleared(event)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """A shard lost its connection."""
        self._presence.broken(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A shard took its session up again, and is told what it missed."""
        self._presence.resumed(shard_id)

    async def on_shard_ready(self, shard_id: int) -> None:
        """A shard began a new session: what happened before it went unseen."""
        self.underway.note()
        log.info("shard is ready", shard=shard_id)
        await self._presence.begun(shard_id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was added to a server."""
        self.underway.note()
        await self._house.joined(str(guild.id))
        await greet(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server; one that is merely unavailable has another event."""
        self.underway.note()
        await self._house.left(str(guild.id))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what went wrong while an event was taken in."""
        error = sys.exception()
        expected = isinstance(error, (BroadsheetError, *TROUBLE))
        log.error(
            "an event was lost", discord_event=event_method, reason=str(error), exc_info=None if expected else error
        )

    async def leave(self) -> None:
        """Take in no more events, and work on those that came until they are done, for some seconds at most."""
        shards = [asyncio.create_task(each.disconnect()) for each in self.shards.values()]
        if shards:
            await asyncio.wait(shards, timeout=PATIENCE.total_seconds())
        await self.underway.end(PATIENCE)


def make_client(options: DiscordOptions) -> BroadsheetClient:
    """A client that is not connected yet: let it `attend` a front, then run it.

    Raises `DiscordRefused` for shards without their number.
    """
    if options.shard_ids is not None and options.shard_count is None:
        raise DiscordRefused("discord.shard_ids needs discord.shard_count: how many shards there are in all.")
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    return BroadsheetClient(options)
