"""Told to stop in the midst of its work, the bot goes within ten seconds, and what was on its way comes once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.acceptance.crash_platforms import DiscordSide, SlackSide
from tests.acceptance.crashing import Crashing, Platform, faults
from tests.acceptance.shell import PATIENCE, variables
from tests.fakes import discord_faults, slack_faults
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_server import SlackServer

CHANNELS = 8


async def stopped(folder: Path, platforms: Sequence[Platform], busy: asyncio.Event) -> tuple[int | None, str]:
    """How the bot ends that is told to when it is busy, and what it wrote."""
    settings = {key: value for platform in platforms for key, value in platform.settings().items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env=variables(settings),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        await asyncio.wait_for(busy.wait(), PATIENCE)
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)
    finally:
        if process.returncode is None:
            process.kill()
        written = (await process.communicate())[1].decode()
        sys.stdout.write(written)
    return process.returncode, written


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
async def test_what_is_on_its_way_is_neither_lost_nor_doubled(tmp_path: Path, taken: bool) -> None:
    """With a message to every channel unanswered, SIGTERM ends it with exit code 0; the next start sends at once."""
    answer, busy = asyncio.Event(), asyncio.Event()
    async with DiscordServer(now=None) as discord, SlackServer(now=None) as slack:
        platforms: list[Platform] = [DiscordSide(discord, CHANNELS), SlackSide(slack, CHANNELS)]
        bot = Crashing(tmp_path, platforms, random.Random(7))  # noqa: S311  # names, not secrets
        await bot.found()

        def told(_: bool) -> None:
            posted = sum(each.endswith("/messages") for each in discord.routes("POST"))
            if min(posted, len(slack.calls("chat.postMessage"))) >= CHANNELS:
                busy.set()

        status = None if taken else 503
        to_discord = discord_faults.Fault("POST .*/messages", status, wait=answer)
        to_slack = slack_faults.Fault("chat.postMessage", status, wait=answer)
        discord.script(*[to_discord] * CHANNELS)
        slack.script(*[to_slack] * CHANNELS)
        for each in platforms:
            each.watch(told)
        code, written = await stopped(tmp_path, platforms, busy)
        assert (code, "Traceback" in written) == (0, False), written
        answer.set()
        # A claim holds for longer than this: what was let go of is taken up by the next process at once.
        await bot.finish(within=60)
        assert await faults(bot) == []
