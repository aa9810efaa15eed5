from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
import simcord
import structlog.testing
from simcord.backend import serializers

from bot.adapters.discord import invite_url, missing_permissions
from bot.adapters.discord.invite import NEEDED
from tests.adapters.discord.town import Town, answer, club, said, town

MUTE = discord.PermissionOverwrite(send_messages=False)


async def join(here: Town, guild: simcord.GuildHandle) -> None:
    """The event with which Discord tells of a server that the bot was added to; `create_guild` tells of a known one."""
    there = here.env.backend.get_guild(guild.id)
    payload: Mapping[str, Any] = serializers.guild_create_payload(here.env.backend, there)
    here.env.backend.emit("GUILD_CREATE", {name: value for name, value in payload.items() if name != "unavailable"})
    await here.env.settle()


def channels(guild: simcord.GuildHandle, **may_write: bool) -> dict[str, simcord.ChannelHandle]:
    """Channels by name, in which the bot may write or not."""
    assert guild.me
    return {
        name: guild.create_text_channel(name, overwrites={} if fine else {guild.me: MUTE})
        for name, fine in may_write.items()
    }


async def test_a_hello_in_the_first_channel_that_takes_one(tmp_path: Path) -> None:
    """Added to a server, the bot says once, and shortly, how to begin, where it may write."""
    async with town(tmp_path) as here:
        guild = here.env.create_guild("Readers")
        there = channels(guild, rules=False, talk=True, off_topic=True)
        await join(here, guild)
        (hello,) = there["talk"].history()
        assert "/newsletter setup" in said(hello)
        assert hello.flags.silent
        assert not there["rules"].history()
        assert not there["off_topic"].history()


async def test_a_hello_in_the_system_channel(tmp_path: Path) -> None:
    """The system channel comes before others."""
    async with town(tmp_path) as here:
        guild = here.env.create_guild("Readers")
        there = channels(guild, talk=True, news=True)
        here.env.backend.get_guild(guild.id).system_channel_id = there["news"].id
        await join(here, guild)
        assert len(there["news"].history()) == 1
        assert not there["talk"].history()


async def test_no_hello_where_the_bot_may_not_write(tmp_path: Path) -> None:
    """Without a channel to write to nothing is said, and nothing goes wrong."""
    async with town(tmp_path) as here:
        guild = here.env.create_guild("Readers")
        there = channels(guild, rules=False)
        await join(here, guild)
        assert not there["rules"].history()


async def test_a_hello_that_does_not_get_through(tmp_path: Path) -> None:
    """A hello that Discord does not take is one line in the log."""
    async with town(tmp_path) as here:
        guild = here.env.create_guild("Readers")
        channels(guild, talk=True)
        here.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
        with structlog.testing.capture_logs() as lines:
            await join(here, guild)
        assert "a hello did not reach Discord" in [each["event"] for each in lines]


async def test_no_hello_at_a_start(tmp_path: Path) -> None:
    """A server that the bot is in already is greeted neither at a start nor after an outage."""
    async with town(tmp_path) as here:
        readers = club(here)
        await here.restart()
        here.env.backend.emit("GUILD_DELETE", {"id": str(readers.guild.id), "unavailable": True})
        await here.env.settle()
        assert readers.messages() == []


async def test_leaving_and_coming_back(tmp_path: Path) -> None:
    """Removed from a server, the bot suspends its channels; added again, it takes them up. An outage is no removal."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        assert await suspended(here) == [False]
        here.env.backend.emit("GUILD_DELETE", {"id": str(readers.guild.id), "unavailable": True})
        await here.env.settle()
        assert await suspended(here) == [False]
        here.env.backend.emit("GUILD_DELETE", {"id": str(readers.guild.id)})
        await here.env.settle()
        assert await suspended(here) == [True]
        await join(here, readers.guild)
        assert await suspended(here) == [False]


async def suspended(here: Town) -> list[bool]:
    """Whether the channels of the only newsletter are suspended."""
    async with here.bot.store.snapshot() as tx:
        (newsletter,) = await tx.newsletters.all()
        return [each.suspended is not None for each in await tx.newsletters.subscriptions(newsletter.id)]


async def test_permissions_given_and_taken(tmp_path: Path) -> None:
    """What the bot lacks in a channel is named as Discord names it, and follows what is given and taken there."""
    async with town(tmp_path) as here:
        readers = club(here)
        channel = here.bot.client.get_channel(readers.paper.id)
        assert isinstance(channel, discord.TextChannel)
        assert missing_permissions(channel) == ()
        me = channel.guild.me
        await channel.set_permissions(me, send_messages_in_threads=False, read_message_history=False)
        await here.env.settle()
        assert missing_permissions(channel) == ("Send Messages in Threads", "Read Message History")
        told = await readers.ada.slash(readers.paper, "newsletter setup", name="Weekly")
        assert "I still need: Send Messages in Threads, Read Message History." in answer(told)
        await channel.set_permissions(me, overwrite=None)
        await here.env.settle()
        assert missing_permissions(channel) == ()


def test_the_invitation_asks_for_what_is_needed_and_no_more() -> None:
    """The link names the application, both scopes, and exactly the permissions that setup looks for."""
    query = parse_qs(urlsplit(invite_url(1234)).query)
    asked = discord.Permissions(int(query["permissions"][0]))
    assert query["client_id"] == ["1234"]
    assert set(query["scope"][0].split()) == {"bot", "applications.commands"}
    assert {name for name, on in asked if on} == {"read_messages", *NEEDED} - {"view_channel"}


@pytest.mark.parametrize("flag", sorted(NEEDED))
def test_each_permission_is_one_of_discords(flag: str) -> None:
    """Every permission that is looked for exists."""
    assert flag in discord.Permissions.VALID_FLAGS
