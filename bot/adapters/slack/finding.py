"""A message of ours looked for by its delivery's key, in what the bot posted since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from bot.adapters.slack.paging import pages
from bot.adapters.slack.places import head, message_id
from bot.adapters.slack.render import carries
from bot.adapters.slack.wire import Wire
from bot.core.errors import MessageGone
from bot.core.model import Channel
from bot.core.ports import Clock

LAG = timedelta(seconds=4)
"""Slack's history may not have a message yet that it has just taken."""


class Finder:
    """Looks for messages that may have been taken although no answer came."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None) -> str | None:
        """The id of the message that carries the key, None if there is none."""
        await self._clock.sleep_until(self._clock.now() + LAG)
        below = None if thread is None else head(thread)
        own = await self._wire.installation(channel.community)
        try:
            async for found in self._messages(channel, since, below):
                for each in found:
                    ours = each.get("user") == own.bot_user or (bool(own.bot) and each.get("bot_id") == own.bot)
                    if ours and carries(each, key) and isinstance(each.get("ts"), str):
                        return message_id(each["ts"], below)
        except MessageGone:
            return None
        return None

    def _messages(self, channel: Channel, since: datetime, below: str | None) -> AsyncIterator[list[dict[str, Any]]]:
        where: dict[str, Any] = {"channel": channel.id, "oldest": f"{since.timestamp():.6f}"}
        where |= {"inclusive": True, "include_all_metadata": True}
        method = "conversations.history" if below is None else "conversations.replies"
        where |= {} if below is None else {"ts": below}
        return pages(self._wire, channel.community, method, "messages", "ts", **where)
