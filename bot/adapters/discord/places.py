"""Where messages stand on Discord: in a channel, in a thread below a message, in a forum's post."""

from __future__ import annotations

import re
from typing import Any, TypedDict

import discord

from bot.adapters.discord.failures import THREAD_EXISTS, code
from bot.adapters.discord.limits import THREAD_NAME, weight
from bot.adapters.discord.marks import walk
from bot.adapters.discord.markup import flat
from bot.adapters.discord.wire import Wire
from bot.core.errors import Undeliverable
from bot.core.model import Channel, Message
from bot.core.text import clip

WEEK = 7 * 24 * 60
"""Minutes without a message after which Discord puts a thread away: the longest it offers."""

_FORUMS = frozenset({discord.ChannelType.forum.value, discord.ChannelType.media.value})
_THREADED = frozenset({discord.ChannelType.text.value, discord.ChannelType.news.value})
_WANTS_TAG = 1 << 4

CHANNEL = "/channels/{channel_id}"


class Where(TypedDict):
    """A message's place, as a request names it."""

    channel_id: str
    message_id: str
    thread: bool


class Places:
    """Finds the channel that a message stands in, and opens it where there is none yet."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._kinds: dict[str, int] = {}

    async def is_forum(self, channel: Channel) -> bool:
        """Whether the channel holds posts rather than messages; that stays as it is, so Discord is asked once."""
        return await self._kind(channel) in _FORUMS

    async def is_followed(self, channel: Channel) -> bool:
        """Whether the channel is one for announcements, which others may follow: an admin may change that."""
        self._kinds.pop(channel.id, None)
        return await self._kind(channel) == discord.ChannelType.news.value

    async def _kind(self, channel: Channel) -> int:
        if channel.id not in self._kinds:
            found = await self._wire.one("GET", CHANNEL, channel_id=channel.id)
            self._kinds[channel.id] = int(found.get("type", -1))
        return self._kinds[channel.id]

    async def of(self, message: Message) -> Where:
        """The channel, which may be a thread, and the message within it."""
        thread, _, inner = message.id.rpartition("/")
        if thread:
            return Where(channel_id=thread, message_id=inner, thread=True)
        if await self.is_forum(message.channel):
            # A forum's post is a thread whose first message has the thread's own id.
            return Where(channel_id=message.id, message_id=message.id, thread=True)
        return Where(channel_id=message.channel.id, message_id=message.id, thread=False)

    async def below(self, channel: Channel, head: str) -> str | None:
        """The id of the thread that belongs to a head message, or None where the channel can have no threads."""
        return head if await self._kind(channel) in _FORUMS | _THREADED else None

    async def thread(self, channel: Channel, head: str, name: str) -> str | None:
        """Like `below`, and the thread is there: it is started and named after what the head message is headed with.

        name: the thread's, if the head message has no heading. Raises `MessageGone` if it was deleted.
        """
        thread = await self.below(channel, head)
        if thread is None or await self.is_forum(channel):
            return thread
        path = f"{CHANNEL}/messages/{{message_id}}"
        message = await self._wire.one("GET", path, channel_id=channel.id, message_id=head)
        if message.get("thread"):
            return thread
        body = {"name": thread_name(_heading(message) or name), "auto_archive_duration": WEEK}
        try:
            await self._wire.one("POST", f"{path}/threads", channel_id=channel.id, message_id=head, body=body)
        except Undeliverable as error:
            if code(error) != THREAD_EXISTS:
                raise
        return thread

    async def post(self, forum: Channel, title: str, message: dict[str, Any]) -> str:
        """Open a post in a forum; returns its id, which is its first message's too."""
        found = await self._wire.one("GET", CHANNEL, channel_id=forum.id)
        body = {"name": thread_name(title), "auto_archive_duration": WEEK, "message": message}
        tags = [tag["id"] for tag in found.get("available_tags") or () if not tag.get("moderated")]
        if tags and int(found.get("flags", 0)) & _WANTS_TAG:
            body["applied_tags"] = tags[:1]
        opened = await self._wire.one(
            "POST", f"{CHANNEL}/threads", channel_id=forum.id, body=body, query={"use_nested_fields": 1}, posts=True
        )
        return str(opened["id"])


def thread_name(title: str) -> str:
    """A title as the name of a thread."""
    name = flat(title).strip() or "…"
    length = THREAD_NAME
    while weight(name) > THREAD_NAME:
        length -= 1
        name = clip(name, length)
    return name


def _heading(message: dict[str, Any]) -> str:
    """What a message of ours begins with, if it is a heading of plain text."""
    texts = (each["content"] for each in walk(message.get("components") or ()) if "content" in each)
    first = next(texts, "").partition("\n")[0]
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", first.removeprefix("# ")) if first.startswith("# ") else ""
