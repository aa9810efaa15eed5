from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog.testing

from tests.adapters.discord.connected import Desk, running
from tests.fakes.discord_faults import Fault, rate_limited
from tests.fakes.discord_server import DiscordServer
from tests.fakes.discord_world import Channel, Guild, User

COMMAND, COMPLETION = 2, 4

LONG = 60
"""Seconds of a rate limit that discord.py does not wait for."""

Lines = list[structlog.typing.EventDict]


@pytest.fixture
def lines() -> Iterator[Lines]:
    with structlog.testing.capture_logs() as captured:
        yield captured


def trouble(lines: Lines) -> list[str]:
    """The events of the log's warnings and errors; none of them has a traceback."""
    found = [each for each in lines if each["log_level"] in {"warning", "error"}]
    assert not [each for each in found if each.get("exc_info")]
    return [each["event"] for each in found]


def people(server: DiscordServer) -> tuple[Guild, Channel, User]:
    """A guild, its channel, and somebody there."""
    guild = server.state.guild()
    return guild, server.state.channel(guild), server.state.user(guild, "Ben")


async def test_an_acknowledgement_that_breaks_is_one_line(lines: Lines) -> None:
    """When the connection breaks while a command is acknowledged, the asker is still told, and the log has no trace."""
    async with DiscordServer() as server:
        guild, channel, user = people(server)
        async with running(server, Desk()):
            server.script(Fault("POST /interactions/", reset=True))
            asked = server.account.interact(guild, channel, user, COMMAND, {"id": "1", "name": "help", "type": 1})
            answer = await asked.answer()
        assert "Discord did not take my answer" in str(answer["components"])
        assert trouble(lines) == ["an answer did not reach Discord"]


async def test_an_apology_that_breaks_is_one_line(lines: Lines) -> None:
    """When Discord cannot be reached at all, each try is one line."""
    async with DiscordServer() as server:
        guild, channel, user = people(server)
        async with running(server, Desk()):
            server.script(*[Fault("POST /interactions/", reset=True)] * 2)
            server.account.interact(guild, channel, user, COMMAND, {"id": "1", "name": "help", "type": 1})
            await server.requests(lambda asked: sum("/interactions/" in each.path for each in asked) == 2)
        assert trouble(lines) == ["an answer did not reach Discord", "an apology did not reach Discord"]


@pytest.mark.parametrize("fault", [Fault("GET .*/messages/", reset=True), rate_limited("GET .*/messages/", LONG)])
async def test_a_reaction_that_cannot_be_answered_is_one_line(lines: Lines, fault: Fault) -> None:
    """When a nominated message cannot be read, that is one line."""
    async with DiscordServer() as server:
        _, channel, user = people(server)
        message = server.state.say(channel, user, {"content": "https://example.org/"})
        async with running(server, Desk(), message_content=True):
            server.script(*[fault] * 3)
            server.state.react(message, "📰", [user])
            await server.requests(lambda asked: any("/messages/" in each.path for each in asked))
        assert trouble(lines) == ["a reaction could not be answered"]


@pytest.mark.parametrize("fault", [Fault("POST .*/messages", reset=True), rate_limited("POST .*/messages", LONG)])
async def test_a_hello_that_breaks_is_one_line(lines: Lines, fault: Fault) -> None:
    """When a hello meets a broken connection, or too long a wait, that is one line."""
    async with DiscordServer() as server:
        desk = Desk()
        async with running(server, desk):
            await desk.returned(1)
            server.script(fault)
            guild = server.state.guild()
            server.state.channel(guild)
            server.state.emit("GUILD_CREATE", guild.payload(server.state.bot), guild.id)
            await server.requests(lambda asked: any(each.path.endswith("/messages") for each in asked))
        assert trouble(lines) == ["a hello did not reach Discord"]


@pytest.mark.parametrize("fault", [Fault("GET .*/members/", reset=True), rate_limited("GET .*/members/", LONG)])
async def test_an_editor_who_cannot_be_looked_up_is_taken_at_their_id(lines: Lines, fault: Fault) -> None:
    """When the members named cannot be looked up just now, they are known by their ids, and that is one line."""
    async with DiscordServer() as server:
        guild, channel, user = people(server)
        desk = Desk()
        async with running(server, desk):
            await desk.returned(1)
            server.script(*[fault] * 3)
            members = {"name": "members", "type": 3, "value": f"<@{user.id}>"}
            editors = {"name": "editors", "type": 1, "options": [members]}
            data = {"id": "1", "name": "newsletter", "type": 1, "options": [editors]}
            await server.account.interact(guild, channel, user, COMMAND, data).answer()
        assert desk.asked == [("newsletter editors", {"members": f"<@{user.id}>"})]
        assert trouble(lines) == ["a member could not be looked up"]


async def test_a_completion_that_breaks_has_no_traceback(lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    """A completion that does not reach Discord is one line of discord.py's own log."""
    async with DiscordServer() as server:
        guild, channel, user = people(server)
        async with running(server, Desk()):
            server.script(Fault("POST /interactions/", reset=True))
            typed = {"name": "reference", "type": 3, "value": "invol", "focused": True}
            data: dict[str, Any] = {"id": "1", "name": "paper", "type": 1, "options": [typed]}
            server.account.interact(guild, channel, user, COMPLETION, data)
            await server.requests(lambda asked: any("/interactions/" in each.path for each in asked))
        (line,) = [each for each in caplog.records if each.name == "discord.app_commands.tree"]
        assert line.levelno == logging.ERROR
        assert line.exc_info is None
