"""How Discord is reached, and what of it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.core.errors import BroadsheetError


class DiscordRefused(BroadsheetError):
    """Discord does not let the bot in; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """How Discord is reached, and what of it is used.

    api_url, gateway_url: a proxy or a test server in Discord's place, the former with its version; the latter is
    connected to whatever address Discord itself names. guild_id: the one server whose commands are synced while
    developing. shard_ids: the shards of this process, of `shard_count` in all; without that number Discord is asked for
    it. message_content: whether the application has that privileged intent. languages: names and descriptions of
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
