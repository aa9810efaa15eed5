from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

import discord
import pytest
from discord.http import Route

from bot.adapters.discord import DiscordOptions, DiscordRefused, make_client, run
from bot.adapters.discord.chat import DiscordChat
from bot.adapters.discord.quiet import fold, quietly
from bot.core.ballots import KEYCAPS
from bot.core.model import Channel, Message
from bot.core.post import sentence
from tests.adapters.discord.connected import Desk, client_for, running
from tests.fakes.discord_server import TOKEN, DiscordServer
from tests.fakes.discord_world import FORUM

COMPONENT = 2


async def test_a_command_over_the_wire() -> None:
    """Over real HTTP and a real gateway, a command is synced, acknowledged and answered."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        channel, user = server.state.channel(guild), server.state.user(guild, "Ben")
        desk = Desk()
        async with running(server, desk):
            names = {each["name"] for each in server.account.commands[""]}
            assert {"paper", "newsletter", "item", "Nominate this link"} <= names
            data = {"id": "1", "name": "help", "type": 1}
            asked = server.account.interact(guild, channel, user, COMPONENT, data)
            answer = await asked.answer()
            assert asked.callbacks == [{"type": 5, "data": {"flags": 64}}]
            assert "asked for help" in str(answer["components"])
            assert answer["allowed_mentions"] == {"parse": []}


async def test_a_vote_in_a_forum() -> None:
    """A reaction to a forum's post is told as one to the message that the chat posted to the forum."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        forum, user = server.state.channel(guild, kind=FORUM), server.state.user(guild, "Ben")
        here, desk = Channel("discord", guild.id, forum.id), Desk()
        client = client_for(server, desk)
        async with running(server, desk, client=client):
            await desk.returned(1)
            ballot = await DiscordChat(client).send(here, sentence("Weekly: ballot 1"), "key")
            _, post = server.state.find_channel(ballot)
            server.state.react(post.messages[ballot], KEYCAPS[0], [user])
            await desk.reacted_to(1)
        assert desk.reactions == [(Message(here, ballot), KEYCAPS[0], True)]


async def test_a_broken_connection_is_resumed() -> None:
    """When the gateway breaks or asks to reconnect, the session goes on and events in between arrive."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        channel, user = server.state.channel(guild), server.state.user(guild, "Ben")
        message = server.state.say(channel, user, {"content": "Hello"})
        desk = Desk()
        async with running(server, desk):
            for number, fail in enumerate((server.gateway.drop, _as_async(server.gateway.reconnect)), 1):
                before = server.gateway.connections
                await fail()
                server.state.react(message, KEYCAPS[number], [user])
                await server.gateway.until(lambda before=before: server.gateway.connections > before)
                await desk.reacted_to(number)
            await desk.returned(1)
        assert desk.returns == [[guild.id]]


def _as_async(work: Any) -> Any:
    async def call() -> None:
        work()

    return call


async def test_a_session_that_is_lost_is_begun_anew() -> None:
    """When Discord declares the session invalid, the bot identifies again and has what it missed read again."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        desk = Desk()
        async with running(server, desk):
            await desk.returned(1)
            server.gateway.invalidate()
            await desk.returned(2)
        assert desk.returns == [[guild.id], [guild.id]]


async def test_a_wrong_token() -> None:
    """A token that Discord does not know ends in one sentence that says where to get the right one."""
    async with DiscordServer() as server:
        with pytest.raises(DiscordRefused, match="refuses the token"):
            await run(client_for(server, Desk()), "not-the-token")


async def test_a_disabled_intent() -> None:
    """An intent that is switched off in the portal ends in one sentence that says where to switch it on."""
    async with DiscordServer() as server:
        server.gateway.allowed_intents = 0
        with pytest.raises(DiscordRefused, match="Message Content intent"):
            await run(client_for(server, Desk(), message_content=True), TOKEN)
        async with running(server, Desk()) as task:
            assert not task.done()


@pytest.mark.parametrize(("code", "why"), [(4004, "valid no more"), (4010, "do not fit together"), (4013, "intents")])
async def test_a_connection_that_is_closed_for_good(code: int, why: str) -> None:
    """A close after which connecting again would not help ends in one sentence."""
    async with DiscordServer() as server, running(server, Desk()) as task:
        await server.gateway.drop(code)
        with pytest.raises(DiscordRefused, match=why):
            await asyncio.wait_for(task, 10)


async def test_discord_out_of_reach() -> None:
    """Where nobody answers, starting ends in one sentence."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api/v10"
        client = make_client(DiscordOptions(api_url=url))
        client.attend(Desk(), Desk().house())
        with pytest.raises(DiscordRefused, match="could not be reached"):
            await run(client, TOKEN)


async def test_the_address_is_put_back() -> None:
    """discord.py keeps the API's address in a class; it is what it was once the bot has stopped."""
    before = Route.BASE
    async with DiscordServer() as server:
        async with running(server, Desk()):
            during = Route.BASE
        assert during == server.api_url
        assert before == Route.BASE


async def test_shards_of_this_process() -> None:
    """Each shard of the options identifies for itself, and only those of this process do."""
    async with DiscordServer() as server:
        async with running(server, Desk(), shard_ids=(0, 2), shard_count=3):
            pass
        assert sorted(each["d"]["shard"] for each in server.gateway.frames if each["op"] == 2) == [[0, 3], [2, 3]]


async def test_a_gateway_of_ones_own() -> None:
    """With a gateway's address sessions begin and resume there, whatever Discord names; it still says how many."""
    async with DiscordServer() as server:
        server.account.gateway_url = server.gateway.resume_url = "ws://127.0.0.1:9/gateway"
        server.account.shards = 2
        guild = server.state.guild()
        message = server.state.say(server.state.channel(guild), server.state.user(guild, "Ben"), {"content": "Hello"})
        desk = Desk()
        async with running(server, desk):
            await server.gateway.ready(2)
            await desk.returned(2)
            await server.gateway.drop()
            server.state.react(message, KEYCAPS[0], [server.state.user(guild, "Chen")])
            await desk.reacted_to(1)
        sent = [each["d"] for each in server.gateway.frames]
        assert sorted(each["shard"] for each in sent if "shard" in each) == [[0, 2], [1, 2]]
        assert any("session_id" in each for each in sent)


async def test_shards_without_their_number() -> None:
    """Which shards are ours says nothing without how many there are."""
    with pytest.raises(DiscordRefused, match="shard_count"):
        make_client(DiscordOptions(shard_ids=(0,)))


def test_expected_errors_are_logged_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """What discord.py logs of failing networks is one line; a bug keeps its traceback."""
    log = logging.getLogger("discord.shard")
    with quietly():
        lost = discord.GatewayNotFound()  # type: ignore[no-untyped-call]  # discord.py's own
        for error in (ConnectionResetError("reset by peer"), lost, TimeoutError(), KeyError("bug")):
            log.error("Trying again in %.1fs", 1.5, exc_info=error)
    folded = [each for each in caplog.records if each.exc_info is None]
    assert [each.getMessage() for each in folded] == [
        "Trying again in 1.5s (reset by peer)",
        "Trying again in 1.5s (The gateway to connect to discord was not found.)",
        "Trying again in 1.5s (TimeoutError)",
    ]
    assert len(caplog.records) == 4
    assert fold not in log.filters
