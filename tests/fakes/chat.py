"""A chat platform in memory, whose faults are scripted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.errors import BroadsheetError, MessageGone
from bot.core.model import Channel, Member, Message
from bot.core.ports import Clock
from bot.core.post import Post


@dataclass
class Sent:
    """A message as the platform has it."""

    id: str
    channel: Channel
    post: Post
    key: str
    thread: str | None
    at: datetime
    edits: int = 0
    seeded: list[str] = field(default_factory=list)
    reactions: dict[str, set[Member]] = field(default_factory=dict)


class FakeChat:
    """Keeps what is sent; `faults` are raised by the next calls of the method they are filed under, None lets one pass.

    A fault filed under `sent` is raised after the message was taken, as a time-out would be.
    """

    def __init__(self, clock: Clock, platform: str = "web") -> None:
        self.platform = platform
        self.sent: list[Sent] = []
        self.faults: dict[str, list[BroadsheetError | None]] = {}
        self.calls: list[str] = []
        self._clock = clock

    def _fail(self, method: str) -> None:
        waiting = self.faults.get(method)
        fault = waiting.pop(0) if waiting else None
        if fault:
            raise fault

    async def send(self, channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        self.calls.append("send")
        self._fail("send")
        message = Sent(f"m{len(self.sent) + 1}", channel, post, key, thread, self._clock.now())
        self.sent.append(message)
        self._fail("sent")
        return message.id

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        self.calls.append("find")
        self._fail("find")
        there = (each.id for each in self.sent if (each.channel, each.key, each.thread) == (channel, key, thread))
        return next(there, None)

    async def edit(self, message: Message, post: Post) -> None:
        self.calls.append("edit")
        self._fail("edit")
        found = self.message(message.id)
        found.post = post
        found.edits += 1

    async def seed(self, message: Message, emojis: Sequence[str]) -> None:
        self._fail("seed")
        found = self.message(message.id)
        found.seeded += [each for each in emojis if each not in found.seeded]

    async def reactions(self, message: Message) -> Mapping[str, Collection[Member]]:
        self.calls.append("reactions")
        self._fail("reactions")
        return self.message(message.id).reactions

    def message(self, message_id: str) -> Sent:
        """The message of this id; `MessageGone` when there is none."""
        for each in self.sent:
            if each.id == message_id:
                return each
        raise MessageGone(f"message {message_id} is gone")

    def titled(self, title: str) -> list[Sent]:
        """The messages whose post has this title."""
        return [each for each in self.sent if each.post.title == title]
