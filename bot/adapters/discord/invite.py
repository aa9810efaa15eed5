"""The link that invites the bot, with exactly what it needs."""

from __future__ import annotations

import base64

import discord

SCOPES = ("bot", "applications.commands")

NEEDED: dict[str, str] = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "add_reactions": "Add Reactions",
    "read_message_history": "Read Message History",
}
"""The permissions that the bot needs in a channel, as discord.py and as Discord's own pages name them.

Pictures and links stand in components, which take neither Embed Links nor Attach Files.
"""

FOR_NOTICES = frozenset({"view_channel", "send_messages", "read_message_history"})
"""Those of them that an editors' channel takes."""


def permissions() -> discord.Permissions:
    """The permissions as the invitation asks for them."""
    return discord.Permissions(**dict.fromkeys(NEEDED, True))


def invite_url(client_id: int | str) -> str:
    """The link that adds the bot to a server; client_id is the application's id."""
    return discord.utils.oauth_url(client_id, permissions=permissions(), scopes=SCOPES)


def application_id(token: str) -> int | None:
    """The id of the application that a bot's token is for, which is its first part in Base64; None for no token."""
    try:
        return int(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    except ValueError:
        return None


def missing(has: discord.Permissions, *, editors: bool = False) -> tuple[str, ...]:
    """The permissions needed in a channel, or an editors' one, that the bot has not, by Discord's names for them."""
    needed = FOR_NOTICES if editors else NEEDED.keys()
    return tuple(name for flag, name in NEEDED.items() if flag in needed and not getattr(has, flag))


def missing_permissions(channel: discord.abc.GuildChannel | discord.Thread) -> tuple[str, ...]:
    """What the bot lacks in a channel, by Discord's names for it."""
    return missing(channel.permissions_for(channel.guild.me))
