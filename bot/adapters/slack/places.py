"""Where a message stands: its id is Slack's `ts`, and of a reply `<ts of the thread>/<ts>`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.model import Message


@dataclass(frozen=True, slots=True)
class Place:
    """A message's place: its workspace, its channel, its `ts`, and that of the message whose thread it stands in."""

    team: str
    channel: str
    ts: str
    thread: str | None = None


def place(message: Message) -> Place:
    """Where the message stands."""
    thread, slash, ts = message.id.rpartition("/")
    return Place(message.channel.community, message.channel.id, ts, thread if slash else None)


def head(thread: str) -> str:
    """The `ts` that a thread is known by, of the message with this id."""
    return thread.partition("/")[0]


def message_id(ts: str, thread: str | None = None) -> str:
    """The id of a message, in the thread if there is one."""
    return ts if thread is None or thread == ts else f"{thread}/{ts}"
