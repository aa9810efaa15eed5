"""Giving Discord the command table: once, to every server or to one alone."""

from __future__ import annotations

from typing import Any

import discord
import structlog
from discord import app_commands

from bot.adapters.discord.commands import digest
from bot.adapters.discord.failures import TROUBLE, UNKNOWN_GUILD, UNSEEN_PLACE, reason
from bot.adapters.discord.front import House

log = structlog.get_logger()


async def sync(tree: app_commands.CommandTree[Any], house: House, guild_id: int | None) -> None:
    """Give Discord the tree if it has another, and take away what another server was given alone before.

    What fails is one line in the log, and is tried again at the next start.
    """
    guild = discord.Object(guild_id) if guild_id else None
    if guild:
        tree.copy_global_to(guild=guild)
    before = await house.read_digest() or ""
    now = f"{guild_id or 0}:{await digest(tree, guild)}"
    if now == before:
        return
    try:
        await tree.sync(guild=guild)
        await _clear(tree, _guild(before), guild_id)
    except (*TROUBLE, app_commands.CommandSyncFailure) as error:
        log.error("Discord did not take the commands", guild=guild_id, reason=reason(error))
    else:
        await house.write_digest(now)


async def _clear(tree: app_commands.CommandTree[Any], before: int, guild_id: int | None) -> None:
    """Take the commands of its own from the server that had them, unless it still has them or is gone."""
    if not before or before == guild_id:
        return
    try:
        await tree.sync(guild=discord.Object(before))
    except discord.HTTPException as error:
        if error.code not in (UNKNOWN_GUILD, UNSEEN_PLACE):
            raise


def _guild(kept: str) -> int:
    """The server that a kept digest is of, 0 for all of them."""
    before, _, _ = kept.rpartition(":")
    return int(before) if before.isdecimal() else 0
