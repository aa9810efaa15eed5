"""The program itself, run as somebody would run it: a process with a folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 150
"""Seconds after which a process that does not answer has failed its test."""


OFFLINE = {"BROADSHEET_PAGES__ENABLED": "false", "BROADSHEET_SEMANTIC_SCHOLAR__API_URL": ""}
"""Settings that keep a process from the real network."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


def variables(extra: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment without settings of its own, and with these."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BROADSHEET_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **OFFLINE, **extra}


async def run(folder: Path, *words: str, given: bytes = b"", settings: Mapping[str, str] | None = None) -> Ended:
    """Run `python -m bot …` in the folder, with settings in its environment, and wait for its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        cwd=folder, env=variables(settings or {}),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(given), PATIENCE)
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Demo:
    """A demo that runs: its process and the address of its page."""

    process: asyncio.subprocess.Process
    address: str

    async def stop(self, number: signal.Signals = signal.SIGTERM, within: float = 10) -> int:
        """Send the signal; returns the exit code, `TimeoutError` when it takes longer than it may."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), within)


@asynccontextmanager
async def demo(data: Path, port: int) -> AsyncIterator[Demo]:
    """The demo, started on this port with its data in this folder; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", str(port), "--data", str(data),
        cwd=data.parent, env=variables({"BROADSHEET_ARXIV__API_URL": "http://127.0.0.1:9/api/query"}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
        assert "http://" in line, line
        yield Demo(process, line.split()[-1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
