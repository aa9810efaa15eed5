"""A message of ours looked for by its delivery's key, in what the bot posted since."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.adapters.slack.failures import absent
from bot.adapters.slack.installations import Installation
from bot.adapters.slack.paging import pages
from bot.adapters.slack.places import head, message_id
from bot.adapters.slack.render import carries
from bot.adapters.slack.seen import moment
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError, MessageGone, Undeliverable
from bot.core.model import Channel
from bot.core.ports import Clock

LAG = timedelta(seconds=4)
"""Slack's history may not have a message yet that it has just taken."""

UNSEEN = "Slack does not tell whether the message is in the thread already."


class Finder:
    """Looks for messages that may have been taken although no answer came."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None) -> str | None:
        """The id of the message that carries the key, None if there is none."""
        await self._clock.sleep_until(self._clock.now() + LAG)
        below = None if thread is None else head(thread)
        try:
            ts = await self._look(channel, key, since, below)
        except MessageGone:
            return None
        except BroadsheetError as error:
            if below is None or not absent(error):
                raise
            # Some servers keep replies among the other messages.
            ts = await self._look(channel, key, since, None)
            if ts is None:
                raise Undeliverable(UNSEEN) from error
        return None if ts is None else message_id(ts, below)

    async def _look(self, channel: Channel, key: str, since: datetime, below: str | None) -> str | None:
        own = await self._wire.installation(channel.community)
        async for found in self._messages(channel, below):
            for each in found:
                if isinstance(each.get("ts"), str) and carries(each, key) and _ours(each, own):
                    return str(each["ts"])
            if below is None and _reached(found, since):
                return None
        return None

    def _messages(self, channel: Channel, below: str | None) -> AsyncIterator[list[dict[str, Any]]]:
        """Page by page, the latest first; by no `oldest`, which would hold Slack's clock to ours."""
        method = "conversations.history" if below is None else "conversations.replies"
        where: dict[str, Any] = {"channel": channel.id, "include_all_metadata": True}
        where |= {} if below is None else {"ts": below}
        return pages(self._wire, channel.community, method, "messages", "ts", **where)


def _ours(message: Mapping[str, Any], own: Installation) -> bool:
    """Whether the bot wrote the message; nobody else did where it does not say who."""
    user, bot = message.get("user"), message.get("bot_id")
    if user == own.bot_user or (own.bot and bot == own.bot):
        return True
    return not user and not (own.bot and bot)


def _reached(page: Sequence[Mapping[str, Any]], since: datetime) -> bool:
    """Whether a page, the latest message first, goes back until then: those that follow are older still."""
    times = [moment(each["ts"]) for each in page if isinstance(each.get("ts"), str)]
    return times == sorted(times, reverse=True) and times[-1:] < [(int(since.timestamp()), 0)]
