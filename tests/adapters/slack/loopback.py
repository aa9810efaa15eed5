"""The chat adapter, and the loopback Slack that it speaks to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.adapters.slack.chat import SlackChat
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.installations import Installation
from bot.adapters.slack.wire import Wire
from bot.core.model import Channel, Message
from tests.fakes.clock import FakeClock
from tests.fakes.slack_server import MORNING, SlackServer
from tests.fakes.slack_world import Channel as Room
from tests.fakes.slack_world import Message as Sent
from tests.fakes.slack_world import User, Workspace

EARLIER = MORNING - timedelta(minutes=1)


class Granted:
    """The port `Installations`: the workspaces of the loopback Slack that have a token for the bot."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server

    async def get(self, team: str) -> Installation | None:
        found = self._server.state.workspaces.get(team)
        if found is None or found.grant is None:
            return None
        return Installation(team, found.grant.token, found.bot.id, found.bot.bot_id, found.name)

    async def teams(self) -> tuple[str, ...]:
        return tuple(self._server.state.workspaces)

    async def forget(self, team: str) -> None:
        self._server.state.workspaces[team].grant = None


@dataclass
class Loopback:
    """A server with a workspace and a channel in it, and the adapter that speaks to it."""

    server: SlackServer
    workspace: Workspace
    room: Room
    wire: Wire
    chat: SlackChat
    clock: FakeClock

    @property
    def channel(self) -> Channel:
        """The channel as the core knows it."""
        return Channel("slack", self.workspace.id, self.room.id)

    def message(self, message_id: str) -> Message:
        """A message as the core knows it."""
        return Message(self.channel, message_id)

    def sent(self, thread: str | None = None) -> list[Sent]:
        """What stands in the channel, or in a thread of it."""
        return self.server.messages(self.room.id, thread)

    def found(self, message_id: str) -> Sent:
        """The message with this id."""
        return self.room.messages[message_id.rpartition("/")[2]]

    def people(self, number: int) -> list[User]:
        """So many new members."""
        return [self.server.state.user(self.workspace, f"Person {n}") for n in range(number)]


@asynccontextmanager
async def loopback(*, patience: int = 10, **poverty: Any) -> AsyncIterator[Loopback]:
    """A loopback Slack, poorer than the real one where `poverty` says so; its time is the adapter's."""
    clock = FakeClock(MORNING, hurried=True)
    async with SlackServer(now=clock.now, **poverty) as server:
        workspace = server.state.workspace()
        room = server.state.channel(workspace)
        wire = Wire(Granted(server), clock, Connection(server.api_url, timeout=patience))
        yield Loopback(server, workspace, room, wire, SlackChat(wire, clock), clock)
