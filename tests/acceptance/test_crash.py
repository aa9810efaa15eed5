"""Killed at whatever moment, the bot posts each part to each channel once, in order, and leaves nothing claimed.

A failure names its seed: BROADSHEET_SEED set to it plays it again, as far as the machine's own timing allows.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from tests.acceptance.crash_platforms import DiscordSide, SlackSide
from tests.acceptance.crashing import Crashing, faults
from tests.acceptance.shell import PATIENCE, ROOT, run, variables
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_server import SlackServer
from tests.flood import seed

BESIDE = 3
"""So many bots live and die side by side in one test, as each mostly waits."""

LOOK = "if claimed.first_attempt_at is not None:"
"""Where the publisher looks for what an earlier try left."""


async def lives(bot: Crashing, kills: int) -> None:
    """Kill the bot so often, giving it something new to post now and then."""
    while bot.kills < kills:
        for work in (bot.nominate, bot.slot, bot.nominate, bot.slot, bot.letter):
            await work()
            for _ in range(bot.chance.randrange(2, 4)):
                if bot.kills < kills:
                    await bot.die()
    await bot.finish()


async def killed(folder: Path, kills: int, *, beside: int = BESIDE, code: Path = ROOT, aim: float = 0.5) -> list[str]:
    """What is wrong after some bots, each with fifty channels on two platforms, were killed so often each."""
    first = seed()
    async with AsyncExitStack() as stack:
        bots: list[Crashing] = []
        for number in range(beside):
            discord = await stack.enter_async_context(DiscordServer(now=None))
            slack = await stack.enter_async_context(SlackServer(now=None))
            place = folder / f"bot {number}"
            await asyncio.to_thread(place.mkdir)
            chance = random.Random(first + number)  # noqa: S311  # moments, not secrets
            bots.append(Crashing(place, [DiscordSide(discord, 25), SlackSide(slack, 25)], chance, code, aim))
            await bots[-1].found()
        await asyncio.gather(*(lives(bot, kills) for bot in bots))
        return [each for bot in bots for each in await faults(bot)]


@pytest.mark.parametrize("_", range(4))
async def test_each_part_comes_once(tmp_path: Path, _: int) -> None:
    """Kills in the middle of requests, between a request and what it leaves, in a start, a ballot's end, an import."""
    assert await killed(tmp_path, 9) == []


@pytest.mark.torture
@pytest.mark.parametrize("_", range(12))
async def test_each_part_comes_once_a_thousand_times(tmp_path: Path, _: int) -> None:
    """As above, more than a thousand kills in all."""
    assert await killed(tmp_path, 28) == []


async def test_a_store_that_is_being_made_survives(tmp_path: Path) -> None:
    """Killed in the middle of its migrations, the next start finds nothing of them, or all."""
    number = seed()
    chance = random.Random(number)  # noqa: S311  # moments, not secrets
    made = 0
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        await asyncio.to_thread(folder.mkdir)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "check",
            "votes",
            cwd=folder,
            env=variables({}),
            stdout=asyncio.subprocess.DEVNULL,
        )
        there = asyncio.create_task(_until_there(folder / "broadsheet.sqlite", process))
        await asyncio.wait_for(there, PATIENCE)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), chance.uniform(0, 0.1))
        if process.returncode is None:
            process.kill()
            made += 1
        await process.wait()
        again = await run(folder, "check", "votes")
        assert (again.code, again.out) == (0, "0 ballots checked, 0 wrong\n"), again.err
    assert made, "no kill came in time"


async def _until_there(file: Path, process: asyncio.subprocess.Process) -> None:
    """Return as soon as the file is there, or the process ends without it."""
    while process.returncode is None and not await asyncio.to_thread(file.exists):
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.005)


async def test_without_the_look_it_would_be_seen(tmp_path: Path) -> None:
    """A copy of the bot that posts again without looking first is caught: these tests can see a double."""
    code = tmp_path / "copy"
    shutil.copytree(ROOT / "bot", code / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    publishing = code / "bot" / "core" / "publishing.py"
    text = publishing.read_text(encoding="utf-8")
    assert text.count(LOOK) == 1
    publishing.write_text(text.replace(LOOK, "if False:"), encoding="utf-8")
    assert any("one too many" in each for each in await killed(tmp_path, 9, beside=1, code=code, aim=1))
