from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from structlog.testing import capture_logs

from bot.adapters.slack.app import make_app
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.house import House
from bot.adapters.slack.installations import Installation
from bot.adapters.slack.wire import Wire
from bot.core.commands import Caller, Choice, Command, File
from bot.core.errors import SendLater, StoreError
from bot.core.model import Channel, Member, Message, Newsletter
from bot.core.post import Answer, Post
from bot.core.table import COMMANDS
from tests.adapters.slack.town import Listeners
from tests.fakes.clock import FakeClock
from tests.fakes.slack_server import SlackServer


class BrokenFront:
    """The port `Front` on a bad day."""

    def __init__(self, error: Exception) -> None:
        self.commands: Sequence[Command] = COMMANDS
        self._error = error

    async def typed(self, caller: Caller, line: str) -> Answer:
        raise self._error

    async def invoke(self, caller: Caller, command: str, values: Mapping[str, str | File]) -> Answer:
        raise self._error

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        raise self._error

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        raise self._error

    async def newsletter(self, channel: Channel) -> Newsletter | None:
        raise self._error

    async def home(self, member: Member) -> Post:
        raise self._error


class Installed:
    """The port `Installations`: one workspace, which now and then cannot be told."""

    def __init__(self) -> None:
        self.down = False

    async def get(self, team: str) -> Installation | None:
        if self.down:
            raise SendLater("Slack could not be reached.")
        return Installation(team, "xoxb", "UBOT", "BBOT") if team == "T1" else None

    async def teams(self) -> tuple[str, ...]:
        return ("T1",)

    async def forget(self, team: str) -> None:
        raise AssertionError("nobody leaves here")


async def nothing(_: Collection[str] | str) -> None:
    """What the house does here."""


async def always(_: str) -> bool:
    """Nobody was greeted yet."""
    return True


@dataclass
class Broken:
    """An app before a front that fails, in a Slack that takes no token of ours."""

    app: AsyncApp
    installed: Installed
    listeners: Listeners = field(default_factory=Listeners)

    async def bring(self, body: dict[str, Any]) -> int:
        """Bring a request as Socket Mode does; the status that it is acknowledged with."""
        self.app.listener_runner.listener_start_handler = self.listeners
        response = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        await self.listeners.idle()
        return response.status


@asynccontextmanager
async def broken(error: Exception) -> AsyncIterator[Broken]:
    """An app before a front that fails so."""
    installed, clock = Installed(), FakeClock()
    async with SlackServer() as slack:
        connection = Connection(slack.api_url)
        house = House(nothing, nothing, nothing, always)
        wire = Wire(installed, clock, connection)
        yield Broken(make_app(BrokenFront(error), house, wire, installed, connection, clock), installed)


def event(**facts: Any) -> dict[str, Any]:
    """An event as Slack brings it."""
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": facts}


REACTION = event(
    type="reaction_added",
    user="U1",
    reaction="one",
    item={"type": "message", "channel": "C1", "ts": "1.000001"},
    event_ts="2.000001",
)
COMMAND = {
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
    "command": "/ballot",
    "text": "",
    "trigger_id": "1.2",
    "response_url": "http://127.0.0.1:9/response",
}
HOME = event(type="app_home_opened", user="U1", tab="home")


@pytest.mark.parametrize("body", [REACTION, COMMAND, HOME])
@pytest.mark.parametrize("error", [StoreError("The disk is full."), RuntimeError("a bug")])
async def test_nothing_that_fails_goes_further_than_the_log(body: dict[str, Any], error: Exception) -> None:
    """What cannot be taken in is acknowledged, and stands in the log once with why, though nobody can be told."""
    async with broken(error) as here:
        with capture_logs() as logs:
            assert await here.bring(body) == 200
    (line,) = [each for each in logs if str(error) in each.get("reason", "")]
    assert line["log_level"] in ("error", "warning")
    assert bool(line.get("exc_info")) is isinstance(error, RuntimeError)


async def test_a_request_that_cannot_be_placed_comes_again() -> None:
    """While nobody can say where the bot is installed, nothing is acknowledged; afterwards the same is taken in."""
    async with broken(StoreError("The disk is full.")) as here:
        here.installed.down = True
        with capture_logs() as logs:
            assert await here.bring(HOME) == 500
            assert [each["reason"] for each in logs] == ["Slack could not be reached."]
            here.installed.down = False
            assert await here.bring(HOME) == 200
    assert logs[-1]["reason"] == "The disk is full."


async def test_the_same_is_taken_in_once() -> None:
    """What comes again is acknowledged and no more; what bears no number cannot be told apart."""
    async with broken(StoreError("The disk is full.")) as here:
        with capture_logs() as logs:
            for _ in range(3):
                assert await here.bring(HOME) == 200
            assert len(logs) == 1
            for _ in range(2):
                assert await here.bring({name: HOME[name] for name in ("type", "team_id", "event")}) == 200
    assert len(logs) == 3


async def test_what_differs_is_not_the_same() -> None:
    """A server that gives every command one trigger has its commands taken in all the same."""
    async with broken(StoreError("The disk is full.")) as here:
        with capture_logs() as logs:
            for text in ("one", "two", "two"):
                assert await here.bring(COMMAND | {"text": text}) == 200
    assert len([each for each in logs if each["event"] == "an interaction failed"]) == 2


async def test_a_request_that_names_no_workspace() -> None:
    """Where the bot is installed in one workspace alone, that one is meant."""
    async with broken(StoreError("The disk is full.")) as here:
        with capture_logs() as logs:
            assert await here.bring({name: HOME[name] for name in ("type", "event_id", "event")}) == 200
    assert [each["team"] for each in logs] == ["T1"]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": [{"action_id": "x"}]},
        {"type": "view_closed", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {"callback_id": "x"}},
        event(type="message", subtype="message_changed", message={"user": "U2"}, channel="C1"),
        event(type="reaction_added", user="U1", reaction="one", item={"type": "file", "file": "F1"}),
        event(type="reaction_added", user="U1", reaction="one"),
        event(type="something_new"),
    ],
)
async def test_odd_requests_are_acknowledged_without_a_word(body: dict[str, Any]) -> None:
    """What means nothing to the bot is acknowledged, and nothing is done."""
    async with broken(StoreError("The disk is full.")) as here:
        with capture_logs() as logs:
            assert await here.bring(body) == 200
    assert logs == []
