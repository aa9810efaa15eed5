"""A small Bolt app for the tests of what carries events to it: no part of the bot's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.adapters.slack.house import House


@dataclass
class Told:
    """What came out of the transport: commands, events, and what the house was told."""

    commands: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    returns: list[tuple[str, ...]] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return as soon as it holds, looked at whenever something is told."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(holds)

    async def tell(self) -> None:
        """Have it looked at."""
        async with self._changed:
            self._changed.notify_all()

    def house(self) -> House:
        """A house that notes what it is told."""

        async def returned(communities: Collection[str]) -> None:
            self.returns.append(tuple(communities))
            await self.tell()

        async def joined(community: str) -> None:
            self.joined.append(community)
            await self.tell()

        async def first_time(_: str) -> bool:
            return True

        return House(returned, joined, joined, first_time)

    def app(self) -> AsyncApp:
        """A Bolt app that acknowledges /paper, goes on until it may, and notes reactions."""

        async def authorize(**_: Any) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="UBOT", bot_id="B1", bot_token="xoxb")

        app = AsyncApp(authorize=authorize, request_verification_enabled=False)

        async def paper(ack: AsyncAck, command: dict[str, Any]) -> None:
            await ack(f"Looking up {command['text']}")
            self.commands.append(command["text"])
            await self.tell()
            await self.go_on.wait()
            self.finished.append(command["text"])

        async def reacted(event: dict[str, Any]) -> None:
            self.events.append(event)
            await self.tell()

        app.command("/paper")(paper)
        app.event("reaction_added")(reacted)
        return app
