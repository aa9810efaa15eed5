"""What has been taken in already: Slack delivers at least once, and out of order."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

MOST = 10_000
"""So many are remembered; Slack repeats an event for an hour at most."""

UNKNOWN = (0, 0)
"""The time of what does not say when it happened."""


class Seen:
    """Remembers what was seen, the oldest for the shortest time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, None] = OrderedDict()

    def first(self, what: Hashable) -> bool:
        """Whether this is seen for the first time; it counts as seen from now on."""
        if what in self._known:
            return False
        self._known[what] = None
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return True


class Latest:
    """Lets pass what is no older than all that came before about the same thing, one at a time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, what: Hashable, ts: str) -> AsyncIterator[bool]:
        """Wait until nobody else is at the same thing; whether what happened at `ts` is news.

        ts: Slack's time of an event, such as `1700000000.000100`.
        """
        lock = self._locks.setdefault(what, asyncio.Lock())
        async with lock:
            at = moment(ts)
            known = self._known.get(what)
            news = known is None or at >= known or at == UNKNOWN
            if news:
                self._known[what] = at
                self._known.move_to_end(what)
                if len(self._known) > self._most:
                    self._known.popitem(last=False)
            yield news


def moment(ts: str) -> tuple[int, int]:
    """A time of Slack's, whose places after the point a float would not keep."""
    match = re.fullmatch(r"([0-9]{1,12})\.([0-9]{1,12})", ts)
    return (int(match[1]), int(match[2])) if match else UNKNOWN
