"""The demo's clock: the real one, and ahead of it by as much as it was moved."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

from bot.adapters.web.pulse import Pulse
from bot.adapters.web.room import Room
from bot.core.errors import Refused

FARTHEST = timedelta(days=366)
"""The clock is moved so far at a time, at most."""

LAST_YEAR = 2100


class MovableClock:
    """Real time plus the offset that the room keeps."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._pulse = Pulse()

    def now(self) -> datetime:
        """The demo's present, in UTC."""
        return self._room.clock.now().astimezone(UTC) + self._room.offset

    async def sleep_until(self, moment: datetime) -> None:
        """Return at the moment, or at once if it has passed; moving the clock past it ends the sleep."""
        while (left := (moment - self.now()).total_seconds()) > 0:
            moved = self._pulse.next
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, FARTHEST.total_seconds())):
                    await moved.wait()

    async def move_to(self, moment: datetime) -> None:
        """Make it this moment; raises `Refused` for the past and for what is too far ahead."""
        now = self.now()
        if moment < now:
            raise Refused("The clock only goes forwards: choose a moment to come.")
        if moment - now > FARTHEST or moment.year > LAST_YEAR:
            raise Refused("That is too far ahead: the clock moves a year at most at a time.")
        await self._room.set_offset(self._room.offset + (moment - now))
        self._pulse.beat()
