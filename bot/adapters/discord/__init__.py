"""The Discord adapter: slash commands, buttons, forms and reactions in, messages out."""

from bot.adapters.discord.client import BroadsheetClient, DiscordOptions, DiscordRefused, make_client, run
from bot.adapters.discord.front import House
from bot.adapters.discord.invite import invite_url, missing_permissions

__all__ = [
    "BroadsheetClient",
    "DiscordOptions",
    "DiscordRefused",
    "House",
    "invite_url",
    "make_client",
    "missing_permissions",
    "run",
]
