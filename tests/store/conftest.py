"""The back ends that the contract tests run over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import SqlStore, open_store


@pytest.fixture(params=["sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """An empty store of each back end."""
    addresses = {"sqlite": f"sqlite+aiosqlite:///{tmp_path / 'broadsheet.db'}"}
    async with open_store(addresses[request.param]) as opened:
        yield opened
