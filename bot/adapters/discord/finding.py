"""A message of ours looked for by its delivery's key, in what the bot posted since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import discord

from bot.adapters.discord.limits import PAGE
from bot.adapters.discord.marks import carries
from bot.adapters.discord.permissions import permissions
from bot.adapters.discord.places import CHANNEL, Places
from bot.adapters.discord.wire import Wire
from bot.core.errors import MessageGone, SendLater
from bot.core.model import Channel

BLIND = (
    "It cannot be told whether Discord took the message: give the bot View Channel and Read Message History in the "
    "channel."
)


class Finder:
    """Looks for messages that may have been taken although no answer came."""

    def __init__(self, wire: Wire, places: Places) -> None:
        self._wire = wire
        self._places = places

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None) -> str | None:
        """The id of the message that carries the key, None if there is none.

        Raises `SendLater`, uncertain, where the bot may not look: Discord's answer is an empty list then, no error.
        """
        if thread is None and await self._places.is_forum(channel):
            return await self._post(channel, key, since)
        below = await self._places.below(channel, thread) if thread is not None else None
        found = await self._message(below or channel.id, key, since, thread=below is not None)
        if found is None:
            await self._expect_sight(channel)
        return found if found is None or below is None else f"{below}/{found}"

    async def _expect_sight(self, channel: Channel) -> None:
        may = await permissions(self._wire, channel)
        if not (may.view_channel and may.read_message_history):
            raise SendLater(BLIND, uncertain=True)

    async def _message(self, channel_id: str, key: str, since: datetime, *, thread: bool) -> str | None:
        after = discord.utils.time_snowflake(since)
        while True:
            query = {"limit": PAGE, "after": after}
            try:
                page = await self._wire.many(
                    "GET", f"{CHANNEL}/messages", channel_id=channel_id, query=query, thread=thread
                )
            except MessageGone:
                return None
            for message in page:
                if self._ours(message) and carries(message, key):
                    return str(message["id"])
            if len(page) < PAGE:
                return None
            after = max(int(message["id"]) for message in page)

    def _ours(self, message: dict[str, Any]) -> bool:
        return str(message.get("author", {}).get("id")) == self._wire.me

    async def _post(self, forum: Channel, key: str, since: datetime) -> str | None:
        await self._expect_sight(forum)
        async for thread in self._posts(forum, since):
            path = f"{CHANNEL}/messages/{{message_id}}"
            try:
                first = await self._wire.one("GET", path, channel_id=thread, message_id=thread, thread=True)
            except MessageGone:
                continue
            if carries(first, key):
                return thread
        return None

    async def _posts(self, forum: Channel, since: datetime) -> AsyncIterator[str]:
        """The posts that the bot opened since then, also those that somebody has closed."""
        open_ones = await self._wire.one("GET", "/guilds/{guild_id}/threads/active", guild_id=forum.community)
        for each in self._recent(open_ones, forum, since):
            yield each
        before: dict[str, str] = {}
        while True:
            path = f"{CHANNEL}/threads/archived/public"
            closed = await self._wire.one("GET", path, channel_id=forum.id, query={"limit": PAGE, **before})
            for each in self._recent(closed, forum, since):
                yield each
            times = [each["thread_metadata"]["archive_timestamp"] for each in closed.get("threads", ())]
            if not closed.get("has_more") or not times or datetime.fromisoformat(min(times)) < since:
                return
            before = {"before": min(times)}

    def _recent(self, answer: dict[str, Any], forum: Channel, since: datetime) -> list[str]:
        after = discord.utils.time_snowflake(since)
        return [
            str(each["id"])
            for each in answer.get("threads", ())
            if str(each.get("parent_id")) == forum.id
            and str(each.get("owner_id")) == self._wire.me
            and int(each["id"]) >= after
        ]
