"""A platform that is away for six hours: nothing lost or doubled, few tries, and the other platform none the wiser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import DeliveryKind
from tests.fakes import discord_faults, slack_faults
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_server import SlackServer
from tests.faults.counting import deliveries
from tests.faults.paper import PLATFORMS, Paper, paper
from tests.faults.storms import ANY, PAGE

CHANNELS = 2

HOURS = timedelta(hours=3)

MOST = 60
"""So often a message is tried in three hours: some times at first, then every five to ten minutes."""


@asynccontextmanager
async def switched_off(server: DiscordServer | SlackServer) -> AsyncIterator[None]:
    """Have every connection to the server refused for a while."""
    await server.__aexit__(None, None, None)
    try:
        yield
    finally:
        await server.__aenter__()


async def pass_by(here: Paper, span: timedelta) -> int:
    """Let so much time go by, each thing happening at its own moment; returns how many deliveries were tried."""
    end, before = here.clock.now() + span, here.tries
    while here.clock.now() < end:
        if not await here.step(timedelta(seconds=1)):
            here.clock.move_to(end)
    return here.tries - before


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_platform_that_is_away_costs_little_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    """Connections are refused for three hours, then all it says for three more is 503; then each part comes once.

    Of the messages that it may have taken, before it said 503 for the first time, the editors hear once each.
    """
    other = next(each for each in PLATFORMS if each != platform)
    async with paper(tmp_path, monkeypatch, CHANNELS, 7) as here:
        server = here.discord if platform == "discord" else here.slack
        here.discord.state.nonces_kept *= 0
        await here.ballot()
        await here.finish(9)
        async with switched_off(server):
            await here.letter(1)
            await here.step(timedelta(seconds=1))
            assert await here.wrong(other) == []
            assert await pass_by(here, HOURS) < MOST * CHANNELS
        here.discord.faults.by_chance(platform == "discord", discord_faults.Fault(ANY, 503, PAGE))
        here.slack.faults.by_chance(platform == "slack", slack_faults.broken(".*", 503))
        await here.letter(2)
        before = here.requests[platform]
        assert await pass_by(here, HOURS) < MOST * CHANNELS
        assert here.requests[platform] - before < 2 * MOST * CHANNELS
        assert await here.wrong(other) == []
        await here.nominate("one")
        here.discord.faults.by_chance(0)
        here.slack.faults.by_chance(0)
        await here.finish(99)
        assert await here.wrong() == []
        told = {each.subject for each in await deliveries(here.store) if each.kind is DeliveryKind.NOTICE}
        assert len(told) == CHANNELS
