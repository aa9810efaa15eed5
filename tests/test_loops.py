from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.core.errors import StoreError
from bot.loops import BREATH, POLL, Bell, Every, Work, keep_working
from tests.fakes.clock import FakeClock


class Job:
    """Work that notes when it was done, and does as a test says."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.done: list[datetime] = []
        self.then: Callable[[], object] = lambda: None
        self.due: datetime | None = None

    async def do(self) -> object:
        self.done.append(self.clock.now())
        return self.then()

    async def next_due(self) -> datetime | None:
        return self.due


@asynccontextmanager
async def working(bell: Bell, clock: FakeClock, *jobs: Job) -> AsyncIterator[None]:
    """Jobs at work; every one has had its first turn."""
    works = [Work(f"job {number}", job.do, job.next_due) for number, job in enumerate(jobs)]
    task = asyncio.create_task(keep_working(works, bell, clock))
    try:
        await clock.somebody_sleeps(len(jobs))
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def pass_by(clock: FakeClock, span: timedelta, sleepers: int = 1) -> None:
    """Let so much time pass, and everybody fall asleep again."""
    clock.advance(span)
    for _ in range(20):
        await asyncio.sleep(0)
    await clock.somebody_sleeps(sleepers)


def fail() -> object:
    raise StoreError("The store is full.")


async def test_work_is_done_when_it_falls_due_and_at_the_bell() -> None:
    """At its moment, at once when something happened, and every half minute at least."""
    clock, bell = FakeClock(), Bell()
    job = Job(clock)
    job.due = clock.now() + timedelta(seconds=7)
    async with working(bell, clock, job):
        await pass_by(clock, timedelta(seconds=6))
        assert len(job.done) == 1
        job.due = None
        await pass_by(clock, timedelta(seconds=1))
        assert len(job.done) == 2
        bell.ring()
        await pass_by(clock, timedelta(0))
        assert len(job.done) == 3
        await pass_by(clock, POLL)
        assert len(job.done) == 4


async def test_work_that_fails_is_tried_less_and_less_often() -> None:
    """The waits grow to half a minute, and the bell does not shorten them; what is mended goes on as before."""
    clock, bell = FakeClock(), Bell()
    job = Job(clock)
    job.then = fail
    async with working(bell, clock, job):
        for _ in range(600):
            bell.ring()
            await pass_by(clock, BREATH)
        waits = [(later - earlier) / BREATH for earlier, later in zip(job.done, job.done[1:], strict=False)]
        assert waits[:5] == [2, 4, 8, 16, 30]
        assert set(waits[5:]) == {30}
        job.then = lambda: None
        await pass_by(clock, POLL)
        before = len(job.done)
        bell.ring()
        await pass_by(clock, timedelta(0))
        assert len(job.done) == before + 1


async def test_one_kind_of_work_holds_up_no_other() -> None:
    """While one waits for something, or fails with whatever error, the other goes on; what it did wakes the others."""
    clock, bell = FakeClock(), Bell()
    broken, good = Job(clock), Job(clock)
    broken.then = lambda: 1 / 0
    async with working(bell, clock, broken, good):
        for _ in range(5):
            await pass_by(clock, POLL, 2)
        assert len(good.done) >= 6
        broken.then = lambda: True
        before = len(good.done)
        await pass_by(clock, POLL, 2)
        assert len(good.done) >= before + 2


async def test_what_is_done_time_and_again_is_done_once_each_time() -> None:
    """Not before the first span has passed, then once a span, also after a long sleep and a clock that was put back."""
    clock = FakeClock()
    job = Job(clock)
    hourly = Every(timedelta(hours=1), job.do, clock)
    for minutes, done in (
        (0, 0),
        (59, 0),
        (1, 1),
        (30, 1),
        (30, 2),
        (9 * 24 * 60, 3),
        (59, 3),
        (1, 4),
        (-600, 5),
        (59, 5),
    ):
        clock.advance(timedelta(minutes=minutes))
        await hourly.work()
        assert len(job.done) == done
