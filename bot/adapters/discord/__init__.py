"""The Discord adapter: slash commands, buttons, forms and reactions in, messages out."""

from bot.adapters.discord.client import BroadsheetClient, make_client
from bot.adapters.discord.front import House
from bot.adapters.discord.invite import invite_url, missing_permissions
from bot.adapters.discord.options import DiscordOptions, DiscordRefused
from bot.adapters.discord.running import run

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
