"""What the bot may do in a channel, reckoned from what Discord's REST API tells.

The rules are those of Discord's documentation of permissions: the roles' permissions together, an administrator's are
all; then a channel's overwrites for everyone, for the roles together, for the member. A thread has its channel's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import discord

from bot.adapters.discord.wire import Wire
from bot.core.model import Channel

_THREADS = frozenset({10, 11, 12})


async def permissions(wire: Wire, channel: Channel) -> discord.Permissions:
    """The bot's permissions in the channel; raises the core's errors."""
    place = await wire.one("GET", "/channels/{channel_id}", channel_id=channel.id)
    if place.get("type") in _THREADS:
        place = await wire.one("GET", "/channels/{channel_id}", channel_id=str(place["parent_id"]))
    guild = await wire.one("GET", "/guilds/{guild_id}", guild_id=channel.community)
    member = await wire.one("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=channel.community, user_id=wire.me)
    roles = {channel.community, *map(str, member["roles"])}
    return reckon(guild["roles"], place.get("permission_overwrites") or (), roles, channel.community, wire.me)


def reckon(
    roles: Iterable[Mapping[str, Any]],
    overwrites: Iterable[Mapping[str, Any]],
    held: set[str],
    everyone: str,
    member: str,
) -> discord.Permissions:
    """The permissions of a member: `held` are the ids of its roles, among them `everyone`, the guild's own id."""
    value = 0
    for role in roles:
        if str(role["id"]) in held:
            value |= int(role["permissions"])
    if discord.Permissions(value).administrator:
        return discord.Permissions.all()
    steps: list[list[int]] = [[0, 0], [0, 0], [0, 0]]
    for overwrite in overwrites:
        who = str(overwrite["id"])
        step = 0 if who == everyone else 2 if who == member else 1
        if who == member or who in held:
            steps[step][0] |= int(overwrite["deny"])
            steps[step][1] |= int(overwrite["allow"])
    for deny, allow in steps:
        value = value & ~deny | allow
    return discord.Permissions(value)
