"""Work that a cancellation does not tear apart."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.finishing import finished


class Work:
    """Something that goes on until it is let go, and knows whether it came to its end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.ended = False

    async def run(self) -> str:
        self.begun.set()
        await self.may_end.wait()
        self.ended = True
        return "done"


async def fail() -> None:
    """Work that fails."""
    raise LookupError


async def test_the_result_or_the_error_comes_back() -> None:
    """What the work returns or raises comes out as it is."""
    work = Work()
    work.may_end.set()
    assert await finished(work.run()) == "done"
    with pytest.raises(LookupError):
        await finished(fail())


async def test_cancelled_work_runs_to_its_end_first() -> None:
    """However often the task is cancelled, the cancellation comes out when the work is done, not before."""
    work = Work()
    task = asyncio.create_task(finished(work.run()))
    await work.begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    work.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.ended


async def test_a_cancellation_outweighs_an_error() -> None:
    """Work that fails in a cancelled task leaves the cancellation, and no error that nobody looked at."""
    task = asyncio.create_task(finished(fail()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
