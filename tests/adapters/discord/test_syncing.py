from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
