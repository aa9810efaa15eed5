"""What the page needs of the core, which `bot.core.desk.Desk` fulfils."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.core.commands import Caller, Choice, Command, File
from bot.core.model import Member, Message
from bot.core.post import Answer, Post


class Front(Protocol):
    """Where events go: a typed line, a command by name, a reaction; whatever goes wrong comes back as a post."""

    @property
    def commands(self) -> Sequence[Command]:
        """The command table."""
        ...

    async def typed(self, caller: Caller, line: str) -> Answer:
        """Answer a line typed as `/command …`."""
        ...

    async def invoke(self, caller: Caller, command: str, values: Mapping[str, str | File]) -> Answer:
        """Answer a command given by name with its options' values, as buttons and forms do."""
        ...

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        """Complete one option of a command."""
        ...

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        """Take in a reaction to a message with this plain text; a post that comes back is for the member alone."""
        ...
