"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2021, 3, 22, 9, 0, tzinfo=UTC)
"""A Monday morning."""


class FakeClock:
    """The port `Clock`: `move_to` and `advance` wake whoever sleeps until then, the earliest first.

    hurried: jump to a sleeper's moment as soon as it falls asleep, so that nothing ever waits.
    """

    def __init__(self, start: datetime = START, *, hurried: bool = False) -> None:
        self._now = start
        self._hurried = hurried
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0
        self._asleep = asyncio.Condition()
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        """The time it stands at."""
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        """Return once the clock stands at the moment or later; `slept` notes how far off it was."""
        if moment <= self._now:
            return
        self.slept.append(moment - self._now)
        if self._hurried:
            self.move_to(moment)
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        entry = (moment, self._count, future)
        heapq.heappush(self._sleepers, entry)
        try:
            async with self._asleep:
                self._asleep.notify_all()
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    def move_to(self, moment: datetime) -> None:
        """Stand at this moment, which may also be an earlier one."""
        self._now = moment
        while self._sleepers and self._sleepers[0][0] <= moment:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    def advance(self, span: timedelta) -> None:
        """Move on by so much."""
        self.move_to(self._now + span)

    @property
    def sleepers(self) -> tuple[datetime, ...]:
        """The moments that somebody sleeps until, the earliest first."""
        return tuple(sorted(moment for moment, _, _ in self._sleepers))

    async def somebody_sleeps(self, number: int = 1) -> None:
        """Return as soon as so many are asleep; a test that waits for it in vain fails."""
        async with asyncio.timeout(10), self._asleep:
            await self._asleep.wait_for(lambda: len(self._sleepers) >= number)
