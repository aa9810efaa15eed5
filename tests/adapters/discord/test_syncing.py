from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import simcord
import structlog.testing

from tests.adapters.discord.town import Town, answer, club, synced, town

INVOLUTION = "Involution: Inverting the Inherence of Convolution for Visual Recognition"


def syncs(here: Town) -> int:
    """How often Discord was given the commands."""
    return sum(each.method == "PUT" and each.path.endswith("/commands") for each in here.env.http_requests)


async def test_synced_when_the_table_changes(tmp_path: Path) -> None:
    """Discord gets the commands once, again when they change, and not at every start."""
    async with town(tmp_path) as here:
        assert syncs(here) == 1
        await here.restart()
        assert syncs(here) == 1
        here.options = replace(here.options, languages={"de": {"ballot": "wahl"}})
        await here.restart()
        assert syncs(here) == 2
        assert len(here.digests) == 2


async def test_synced_to_one_server_while_developing(tmp_path: Path) -> None:
    """With a server's id the commands go there alone."""
    async with town(tmp_path) as here:
        readers = club(here)
        here.options = replace(here.options, guild_id=readers.guild.id)
        await here.restart()
        assert set(synced(here, readers.guild)) == set(synced(here))
        shown = await readers.ben.slash(readers.paper, "paper", reference="2103.06255")
        assert INVOLUTION in answer(shown)


def given_to(here: Town, guild: simcord.GuildHandle) -> list[bool]:
    """Whether there was anything in it, each time that this server was given commands of its own."""
    puts = [each for each in here.env.http_requests if each.method == "PUT"]
    return [bool(each.json) for each in puts if each.path.endswith(f"/guilds/{guild.id}/commands")]


async def test_a_server_left_behind_loses_its_own_commands(tmp_path: Path) -> None:
    """When the commands go to another server or to all, the one that had its own loses them, once."""
    async with town(tmp_path) as here:
        readers, writers = club(here), club(here, "Writers")
        for guild_id in (readers.guild.id, writers.guild.id, None, None):
            here.options = replace(here.options, guild_id=guild_id)
            await here.restart()
        assert given_to(here, readers.guild) == [True, False]
        assert given_to(here, writers.guild) == [True, False]
        assert syncs(here) == 6


@pytest.mark.parametrize(("status", "code", "quiet"), [(403, 50001, True), (404, 10004, True), (403, 50013, False)])
async def test_a_server_that_is_gone_cannot_be_cleared(tmp_path: Path, status: int, code: int, quiet: bool) -> None:
    """Where the bot is in that server no more there is nothing to do; another refusal is logged and tried again."""
    async with town(tmp_path) as here:
        readers = club(here)
        here.options = replace(here.options, guild_id=readers.guild.id)
        await here.restart()
        here.options = replace(here.options, guild_id=None)
        here.env.inject_error("PUT", "/applications/*/guilds/*/commands", status=status, code=code)
        with structlog.testing.capture_logs() as lines:
            await here.restart()
        assert [each["event"] for each in lines if each["log_level"] == "error"] == (
            [] if quiet else ["Discord did not take the commands"]
        )
        await here.restart()
        assert given_to(here, readers.guild) == ([True, False] if quiet else [True, False, False])


async def test_commands_that_discord_does_not_take_stop_nothing(tmp_path: Path) -> None:
    """A sync that fails is one line in the log; the next start tries again."""
    async with town(tmp_path) as here:
        here.options = replace(here.options, languages={"de": {"ballot": "wahl"}})
        here.env.inject_error("PUT", "/applications/*/commands", status=403, code=50001, message="Missing Access")
        with structlog.testing.capture_logs() as lines:
            await here.restart()
        assert [each["event"] for each in lines if each["log_level"] == "error"] == [
            "Discord did not take the commands"
        ]
        await here.restart()
        assert len(here.digests) == 2
