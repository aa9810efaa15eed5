"""One message a second a channel, as Slack asks (docs.slack.dev, Rate limits), whoever posts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.core.model import Channel
from bot.core.ports import Clock

GAP = timedelta(seconds=1)
LONGEST = timedelta(minutes=1)

MOST_CHANNELS = 2000


class Pace:
    """Gives each channel's messages their turns."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: OrderedDict[Channel, datetime] = OrderedDict()

    @asynccontextmanager
    async def turn(self, channel: Channel) -> AsyncIterator[None]:
        """Wait until the channel takes its next message; the one after has to wait from the end of the block on."""
        now = self._clock.now()
        last = self._last.pop(channel, None)
        # A clock that was put back holds nothing up for long.
        moment = now if last is None else max(now, min(last, now + LONGEST) + GAP)
        self._last[channel] = moment
        while len(self._last) > MOST_CHANNELS:
            self._last.popitem(last=False)
        if moment > now:
            await self._clock.sleep_until(moment)
        try:
            yield
        finally:
            self._last[channel] = max(self._last.get(channel, moment), self._clock.now())
