"""What every way in needs: the front, Slack, its people and their Homes, and a reply."""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.slack.callers import People
from bot.adapters.slack.commands import Prefixed
from bot.adapters.slack.files import Files
from bot.adapters.slack.home import Homes
from bot.adapters.slack.hooks import Hooks
from bot.adapters.slack.replies import Asked, Reply
from bot.adapters.slack.wire import Wire
from bot.core.commands import Caller
from bot.core.front import Front
from bot.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Tools:
    """What every way in needs; say: how a post speaks of commands here. prefix: what their names begin with."""

    front: Front
    wire: Wire
    people: People
    hooks: Hooks
    files: Files
    homes: Homes
    clock: Clock
    prefix: str
    say: Prefixed

    def reply(self, asked: Asked) -> Reply:
        """The reply to an interaction."""
        return Reply(asked, self.wire, self.hooks, self.clock, self.say)

    async def caller(self, asked: Asked) -> Caller:
        """Who did it, as the core knows them."""
        return await self.people.caller(
            asked.team, asked.channel, asked.user, forms=bool(asked.trigger), name=asked.name
        )
