from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog.testing

from bot.adapters.discord import BroadsheetClient, run
from bot.adapters.discord import client as client_module
from bot.core.ballots import KEYCAPS
from bot.core.model import Member, Message
from bot.core.post import Post
from tests.adapters.discord.connected import Desk, client_for
from tests.fakes.discord_account import Interaction
from tests.fakes.discord_server import TOKEN, DiscordServer

COMMAND = 2

HELP = {"id": "1", "name": "help", "type": 1}


@pytest.fixture
def lines() -> Iterator[list[structlog.typing.EventDict]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


class SlowDesk(Desk):
    """A desk that takes its time with reactions."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.answering.clear()

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        self.begun.set()
        await self.answering.wait()
        return await super().reacted(message, emoji, member, added, text)


async def started(server: DiscordServer, desk: Desk, client: BroadsheetClient | None = None) -> asyncio.Task[None]:
    """The adapter, connected."""
    task = asyncio.create_task(run(client or client_for(server, desk), TOKEN))
    await desk.returned(1)
    return task


async def stopped(task: asyncio.Task[None]) -> None:
    """Return once the adapter has gone; a test that waits for it in vain fails."""
    async with asyncio.timeout(20):
        await asyncio.wait([task])
    assert task.cancelled()


def ask(server: DiscordServer) -> Interaction:
    """Ben asks for help."""
    (guild,) = server.state.guilds.values()
    channel = next(iter(guild.channels.values()))
    return server.account.interact(guild, channel, server.state.user(guild, "Ben"), COMMAND, HELP)


async def told_to_stop(server: DiscordServer, task: asyncio.Task[None], client: BroadsheetClient) -> None:
    """Tell the adapter to stop; it has closed the gateway, and still can ask Discord while an answer is owed."""
    task.cancel()
    await server.gateway.until(lambda: all(each.socket is None for each in server.gateway.sessions.values()))
    for guild in server.state.guilds:
        for _ in range(5):
            await client.fetch_guild(int(guild))
    assert not task.done()


async def test_what_was_begun_is_answered_before_the_bot_goes() -> None:
    """Told to stop, the bot closes the gateway first, answers whoever asked, and only then has gone."""
    async with DiscordServer() as server:
        server.state.channel(server.state.guild())
        desk = Desk()
        desk.answering.clear()
        client = client_for(server, desk)
        task = await started(server, desk, client)
        asked = ask(server)
        await desk.asked_for(1)
        await told_to_stop(server, task, client)
        desk.answering.set()
        assert "asked for help" in str(await asked.answer())
        await stopped(task)


async def test_who_takes_too_long_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, lines: list[structlog.typing.EventDict]
) -> None:
    """What is not done within some seconds is given up, so that nothing works on after the store has closed."""
    monkeypatch.setattr(client_module, "PATIENCE", timedelta(seconds=0.1))
    async with DiscordServer() as server:
        server.state.channel(server.state.guild())
        desk = Desk()
        desk.answering.clear()
        task = await started(server, desk)
        ask(server)
        await desk.asked_for(1)
        task.cancel()
        await stopped(task)
        assert [each["number"] for each in lines if each["event"] == "events were not taken in to the end"] == [1]
        desk.answering.set()
        assert not server.routes("POST /webhooks/")


async def test_reactions_are_taken_in_to_the_end() -> None:
    """A vote that came in before the bot was told to stop is counted before it goes."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        channel, user = server.state.channel(guild), server.state.user(guild, "Ben")
        message = server.state.say(channel, user, {"content": "Hello"})
        desk = SlowDesk()
        client = client_for(server, desk)
        task = await started(server, desk, client)
        server.state.react(message, KEYCAPS[0], [user])
        await asyncio.wait_for(desk.begun.wait(), 10)
        await told_to_stop(server, task, client)
        desk.answering.set()
        await stopped(task)
        assert len(desk.reactions) == 1


async def test_stopped_while_it_connects_again() -> None:
    """A bot whose gateway does not answer goes when it is told to."""
    async with DiscordServer() as server:
        server.state.guild()
        task = await started(server, Desk())
        server.gateway.mute = True
        await server.gateway.drop()
        await server.gateway.until(lambda: server.gateway.connections == 2)
        task.cancel()
        await stopped(task)
