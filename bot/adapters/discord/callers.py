"""Who asks, and where, as the core knows it."""

from __future__ import annotations

import re

import discord
import structlog

from bot.adapters.discord.failures import TROUBLE, reason
from bot.core.commands import Caller, Choice
from bot.core.errors import Refused
from bot.core.model import Channel, Member
from bot.core.text import clip

log = structlog.get_logger()

PLATFORM = "discord"

DIRECT = "direct"
"""The community of direct messages, which no newsletter has."""

MOST_MENTIONS = 25

_MENTION = re.compile(r"<@!?([0-9]{1,20})>")
_UNNAMEABLE = re.compile(r"[<>|]")


def caller(interaction: discord.Interaction) -> Caller:
    """The interaction's user, in the channel that a newsletter may have: of a thread, the one above it."""
    community = str(interaction.guild_id) if interaction.guild_id else DIRECT
    user = interaction.user
    return Caller(
        member=Member(PLATFORM, community, str(user.id), user.display_name),
        channel=Channel(PLATFORM, community, str(_above(interaction.channel) or interaction.channel_id)),
        admin=interaction.permissions.manage_guild,
        locale=interaction.locale.value,
        forms=True,
    )


def place(client: discord.Client, guild_id: int, channel_id: int) -> Channel:
    """A channel by its ids; of a thread that the client knows, the one above it."""
    return Channel(PLATFORM, str(guild_id), str(_above(client.get_channel(channel_id)) or channel_id))


def _above(channel: object) -> int | None:
    return channel.parent_id if isinstance(channel, discord.Thread) else None


async def mentions(guild: discord.Guild | None, text: str) -> str:
    """The members mentioned in a text, each as `<@id|name>`; somebody who is not there or is a bot is left out.

    A text that mentions nobody comes back without its `@`, which alone names nobody on Discord.
    """
    ids = tuple(dict.fromkeys(match[1] for match in _MENTION.finditer(text)))[:MOST_MENTIONS]
    named = [await _named(guild, int(each)) for each in ids] if guild else []
    return " ".join(filter(None, named)) or text.replace("@", "")


def roles(guild: discord.Guild | None, typed: str) -> tuple[Choice, ...]:
    """The server's roles whose name holds what was typed, and none at all."""
    wanted = typed.removeprefix("@").casefold()
    found = [
        each for each in (guild.roles if guild else ()) if not each.is_default() and wanted in each.name.casefold()
    ]
    return (*(Choice(f"@{each.name}", f"<@&{each.id}>") for each in reversed(found)), Choice("none", "none"))


def role(guild: discord.Guild | None, text: str) -> str:
    """The role that a text mentions or names, as a mention; `Refused` where the server has no such role."""
    wanted = text.strip().removeprefix("@").casefold()
    for each in _roles(guild):
        if each.mention == text.strip() or each.name.casefold() == wanted:
            return each.mention
    if wanted == "none":
        return "none"
    raise Refused(f"There is no role “{clip(text, 40)}” here: mention one as @role, or say none.")


def _roles(guild: discord.Guild | None) -> list[discord.Role]:
    return [each for each in guild.roles if not each.is_default()] if guild else []


async def _named(guild: discord.Guild, member_id: int) -> str:
    try:
        member = await guild.fetch_member(member_id)
    except discord.NotFound:
        return ""
    except TROUBLE as error:
        log.warning("a member could not be looked up", guild=guild.id, member=member_id, reason=reason(error))
        return f"<@{member_id}>"
    return "" if member.bot else f"<@{member_id}|{_UNNAMEABLE.sub('', member.display_name)}>"
