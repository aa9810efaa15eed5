"""The front of the house, as adapters see it: where they bring what was typed, pressed or reacted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    async def typed(self, caller: Caller, line: str) -> Answer:
        """Answer a line typed as `/command …`."""
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

    async def home(self, member: Member) -> Post:
        """What a member finds at home: how the ballots stand, the last issues, how their own nominations fare."""
        ...
