"""What the bot does by itself: each kind of work in a loop of its own, when it comes due or something happened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.errors import BroadsheetError
from bot.core.ports import Clock

log = structlog.get_logger()

POLL = timedelta(seconds=30)
"""The store is looked at so often at least, as another process may have written to it."""

BREATH = timedelta(seconds=1)
"""Two looks at the store are at least so far apart unless something happened in between."""


class Bell:
    """Rung when something happened; whoever took a waiter before then is woken."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who waits."""
        self._event.set()
        self._event = asyncio.Event()

    def waiter(self) -> asyncio.Event:
        """What is set at the next ring."""
        return self._event


async def never() -> datetime | None:
    """For work that does not know when there is something to do again."""
    return None


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work that comes due by itself.

    do: do what is due, and tell whether that may have made other work due. next_due: when there is something to do
    again, None where the work does not know.
    """

    name: str
    do: Callable[[], Awaitable[object]]
    next_due: Callable[[], Awaitable[datetime | None]] = never


class Every:
    """Something to do time and again, first after a while: `span` after `span`."""

    def __init__(self, span: timedelta, do: Callable[[], Awaitable[object]], clock: Clock) -> None:
        self._span = span
        self._do = do
        self._clock = clock
        self._at = clock.now() + span

    async def work(self) -> None:
        """Do it if it is time."""
        now = self._clock.now()
        # A moment further off than that was set by a clock that has been put back since.
        if not now < self._at <= now + self._span:
            self._at = now + self._span
            await self._do()

    async def next_due(self) -> datetime | None:
        """When it is time again."""
        return self._at


async def keep_working(works: Sequence[Work], bell: Bell, clock: Clock) -> None:
    """Do each kind of work as it falls due, until cancelled.

    What fails is logged and tried again, with longer waits; one kind holds up no other.
    """
    async with asyncio.TaskGroup() as loops:
        for work in works:
            loops.create_task(_loop(work, bell, clock))


async def _loop(work: Work, bell: Bell, clock: Clock) -> None:
    failures = 0
    while True:
        rung = bell.waiter()
        if await _went_well(work, bell):
            failures = 0
            due = await _moment(work)
            now = clock.now()
            await _rest(rung, max(now + BREATH, min(due or now + POLL, now + POLL)), clock)
        else:
            # The bell does not end this wait: a store that is full would be asked at every event.
            failures += 1
            await clock.sleep_until(clock.now() + min(BREATH * 2 ** min(failures, 5), POLL))


async def _went_well(work: Work, bell: Bell) -> bool:
    try:
        if await work.do():
            bell.ring()
    except BroadsheetError as error:
        log.error("work failed", work=work.name, reason=str(error))
        return False
    except Exception:
        log.exception("work failed", work=work.name)
        return False
    return True


async def _moment(work: Work) -> datetime | None:
    try:
        return await work.next_due()
    except BroadsheetError as error:
        log.error("work failed", work=work.name, reason=str(error))
        return None


async def _rest(rung: asyncio.Event, until: datetime, clock: Clock) -> None:
    """Wait for the moment, or for the bell."""
    waits = [asyncio.ensure_future(each) for each in (clock.sleep_until(until), rung.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
