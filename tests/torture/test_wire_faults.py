"""The storm of tests/faults, for longer and harder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults.counting import deliveries
from tests.faults.paper import paper
from tests.faults.storms import MOST, Storm, weeks
from tests.flood import seed

pytestmark = pytest.mark.torture


@pytest.mark.parametrize("run", range(5))
async def test_each_part_comes_once_in_a_long_storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: int) -> None:
    """Three times the issues and ballots, and the storm does not end before everything is out."""
    number = seed() + run
    async with paper(tmp_path, monkeypatch, 20, number) as here:
        Storm(here, 0.05, number)
        await weeks(here, 3)
        await here.finish(2000)
        written = len(await deliveries(here.store))
        sys.stdout.write(f"{written} deliveries, {here.tries} tries, {here.requests} requests\n")
        assert await here.wrong() == []
        assert here.tries < MOST * written
        assert max(here.requests.values()) < MOST * written
