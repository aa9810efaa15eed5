"""A pulse: lets any number of tasks wait for the next thing to happen."""

from __future__ import annotations

import asyncio


class Pulse:
    """Whoever took `next` before a beat is woken by it, so that nothing is missed between a look and a wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """The event that the next beat sets."""
        return self._event

    def beat(self) -> None:
        """Wake everyone who waits."""
        event, self._event = self._event, asyncio.Event()
        event.set()
