"""Faults of every kind on the wire: each channel gets each part once, in order, and nobody is asked without end."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.adapters.discord.chat import DiscordChat
from bot.adapters.slack.chat import SlackChat
from bot.core.model import Channel
from tests.faults.counting import deliveries
from tests.faults.paper import paper
from tests.faults.storms import MOST, Storm, weeks
from tests.flood import seed


async def test_each_part_comes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve kinds of faults meet five in a hundred requests each; at the end nothing is doubled, lost or left."""
    number = seed()
    async with paper(tmp_path, monkeypatch, 20, number) as here:
        storm = Storm(here, 0.05, number)
        await weeks(here, 1)
        for _ in range(25):
            await here.step()
        storm.end()
        await here.finish(100)
        assert await here.wrong() == []
        written = len(await deliveries(here.store))
        assert here.tries < MOST * written
        assert max(here.requests.values()) < MOST * written


class BlindDiscord(DiscordChat):
    """Looks for nothing."""

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        return None


class BlindSlack(SlackChat):
    """As above."""

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        return None


async def test_without_the_look_doubles_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With chats that find nothing of what earlier tries left, messages come twice on both platforms: it is seen."""
    number = seed()
    async with paper(tmp_path, monkeypatch, 5, number, (BlindDiscord, BlindSlack)) as here:
        storm = Storm(here, 0.05, number)
        await weeks(here, 1)
        storm.end()
        await here.finish(100)
        for platform in ("discord", "slack"):
            assert any("one too many" in each for each in await here.wrong(platform))
