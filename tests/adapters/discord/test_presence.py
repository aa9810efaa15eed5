from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.discord.connected import Desk, running
from tests.adapters.discord.test_guilds import join, suspended
from tests.adapters.discord.town import club, town
from tests.fakes.discord_faults import Fault
from tests.fakes.discord_server import DiscordServer


async def test_a_removal_while_the_bot_was_away_is_noticed() -> None:
    """At a start the house is told of each server it knows that the bot is in no more; an outage is no removal."""
    async with DiscordServer() as server:
        here, out, gone = (server.state.guild(name) for name in ("Here", "Out", "Gone"))
        server.gateway.unavailable.add(out.id)
        del server.state.guilds[gone.id]
        desk = Desk(known=[here.id, out.id, gone.id, "direct"])
        async with running(server, desk):
            await desk.returned(1)
        assert desk.left == [gone.id]
        assert desk.returns == [sorted([here.id, out.id])]


async def test_other_shards_tell_of_their_own_servers() -> None:
    """What this shard is not told of may be in another shard's session."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        del server.state.guilds[guild.id]
        mine = int(guild.id) >> 22 & 1
        desk = Desk(known=[guild.id])
        async with running(server, desk, shard_ids=(1 - mine,), shard_count=2):
            await desk.returned(1)
        assert desk.left == []
        async with running(server, desk, shard_ids=(mine,), shard_count=2):
            await desk.returned(2)
        assert desk.left == [guild.id]


async def test_a_removal_between_two_sessions_is_noticed() -> None:
    """When a session is lost, a server that the next one does not name is left; one that it names is not."""
    async with DiscordServer() as server:
        here, gone = server.state.guild("Here"), server.state.guild("Gone")
        desk = Desk(known=[here.id, gone.id])
        async with running(server, desk):
            await desk.returned(1)
            del server.state.guilds[gone.id]
            server.gateway.invalidate()
            await desk.returned(2)
        assert desk.left == [gone.id]
        assert desk.returns == [sorted([here.id, gone.id]), [here.id]]


@pytest.mark.parametrize("fault", [Fault("GET /guilds/", 503), Fault("GET /guilds/", reset=True)])
async def test_a_removal_that_discord_does_not_confirm_is_none(fault: Fault) -> None:
    """A server is left only where Discord says so, not where it cannot be asked."""
    async with DiscordServer() as server:
        guild = server.state.guild()
        del server.state.guilds[guild.id]
        server.script(*[fault] * 5)
        desk = Desk(known=[guild.id])
        async with running(server, desk):
            await desk.returned(1)
        assert desk.left == []


async def test_what_was_left_while_away_is_suspended_and_comes_back(tmp_path: Path) -> None:
    """A server's channels are suspended from the start after a removal on, and taken up again once the bot is back."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        kept = here.env.backend.guilds.pop(readers.guild.id)
        await here.restart()
        assert await suspended(here) == [True]
        await here.env.advance_time(1)
        assert await here.bot.desk.communities.known("discord") == frozenset()
        here.env.backend.guilds[readers.guild.id] = kept
        await join(here, readers.guild)
        assert await suspended(here) == [False]
        assert await here.bot.desk.communities.known("discord") == {str(readers.guild.id)}
