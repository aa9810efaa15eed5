"""What the adapter needs of the core, which `bot.core.desk.Desk` fulfils, and of the program around both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.commands import Caller, Choice, Command, File
from bot.core.model import Channel, Member, Message, Newsletter
from bot.core.post import Answer, Post


class Front(Protocol):
    """Where events go: a command by name, a completion, a reaction; whatever goes wrong comes back as a post."""

    @property
    def commands(self) -> Sequence[Command]:
        """The command table."""
        ...

    async def invoke(self, caller: Caller, command: str, values: Mapping[str, str | File]) -> Answer:
        """Answer a command given by name with its options' values."""
        ...

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        """Complete one option of a command."""
        ...

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        """Take in a reaction to a message with this plain text."""
        ...

    async def newsletter(self, channel: Channel) -> Newsletter | None:
        """The newsletter that a channel's members mean."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What else the adapter calls; communities are guilds' ids.

    recount: a message's reactions were cleared, so its votes are to be read again. returned: these communities'
    events may have been missed, so their open ballots are to be read again. joined, left: the bot was added to a
    community, or removed from it. read_digest, write_digest: the digest of the command table that Discord has.
    """

    recount: Callable[[Message], Awaitable[None]]
    returned: Callable[[Collection[str]], Awaitable[None]]
    joined: Callable[[str], Awaitable[None]]
    left: Callable[[str], Awaitable[None]]
    read_digest: Callable[[], Awaitable[str | None]]
    write_digest: Callable[[str], Awaitable[None]]
