"""Which servers the bot is in, as each new session of a shard tells it."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.adapters.discord.failures import TROUBLE, UNKNOWN_GUILD, UNSEEN_PLACE
from bot.adapters.discord.front import House


class Presence:
    """Tells the house where the bot is, and where it is no more: it may have been removed while nobody listened.

    A server that is merely unavailable is named by a new session like any other. discord.py keeps the servers of the
    session before, too, and puts new objects in the place of those that are named again.
    """

    def __init__(self, client: discord.AutoShardedClient, house: House) -> None:
        self._client = client
        self._house = house
        self._before: dict[int, Sequence[discord.Guild]] = {}

    def broken(self, shard_id: int) -> None:
        """The shard's connection broke: what it knew may hold no longer."""
        self._before[shard_id] = self._cached(shard_id)

    def resumed(self, shard_id: int) -> None:
        """The session went on, and told what was missed."""
        self._before.pop(shard_id, None)

    async def begun(self, shard_id: int) -> None:
        """A new session has named its servers."""
        stale = {id(each) for each in self._before.get(shard_id, ())}
        here = {str(each.id) for each in self._cached(shard_id) if id(each) not in stale}
        for community in await self._house.known():
            if community in here or self._shard(community) != shard_id:
                continue
            if await self._gone(int(community)):
                await self._house.left(community)
            else:
                here.add(community)
        await self._house.returned(sorted(here))

    def _cached(self, shard_id: int) -> Sequence[discord.Guild]:
        return [each for each in self._client.guilds if each.shard_id == shard_id]

    def _shard(self, community: str) -> int | None:
        """The shard that tells of a community; the formula is that of Discord's documentation of sharding."""
        return (int(community) >> 22) % (self._client.shard_count or 1) if community.isdecimal() else None

    async def _gone(self, guild_id: int) -> bool:
        """Whether Discord says so too: what is kept of a server that the bot has left is deleted some day."""
        try:
            await self._client.fetch_guild(guild_id, with_counts=False)
        except TROUBLE as error:
            return isinstance(error, discord.HTTPException) and error.code in (UNKNOWN_GUILD, UNSEEN_PLACE)
        return False
