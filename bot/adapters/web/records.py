"""What a room holds: people, channels, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.post import Post

BOT = "broadsheet"
"""The bot's own id among the people."""

PLATFORM = "web"
COMMUNITY = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to speak as; an editor runs the community."""

    id: str
    name: str
    editor: bool = False


@dataclass(frozen=True, slots=True)
class RoomChannel:
    """A channel of the room, with a line on what it is for."""

    id: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to add.

    content: the bot's post, or what a person said. thread: the message it stands below. prompt: what the bot
    answers with it. viewer: the one person who sees it, where it is private. key: what `Room.find` finds it by.
    """

    channel: str
    author: str
    at: datetime
    content: Post | str
    thread: int | None = None
    prompt: str = ""
    viewer: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """A message as the room has it.

    gone: it was dismissed. revision: the room's count of changes when this message changed last. replies: how
    many stand below it. reactions: people's ids by emoji, the bot's own among them, each in order of arrival.
    """

    id: int
    channel: str
    author: str
    at: datetime
    content: Post | str
    thread: int | None
    prompt: str
    viewer: str | None
    edited: bool
    gone: bool
    revision: int
    replies: int
    reactions: Mapping[str, tuple[str, ...]]
