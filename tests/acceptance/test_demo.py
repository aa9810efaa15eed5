"""The demo as a process: it stops when told to, and loses nothing when it is killed."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.acceptance.shell import demo, run


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Within ten seconds, with exit code 0, even while a page is open on it."""
    async with demo(tmp_path / "demo", free_port()) as running, aiohttp.ClientSession() as session:
        async with session.get(running.address) as page:
            assert page.status == 200
        assert await running.stop(number) == 0


async def test_a_second_process_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """Two bots on one store would do everything twice: the second says so in one line and exits."""
    data = tmp_path / "demo"
    async with demo(data, free_port()):
        ended = await run(tmp_path, "demo", "--port", str(free_port()), "--data", str(data))
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
