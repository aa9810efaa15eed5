"""What is being taken in just now, so that it can be worked on to its end before the bot goes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog

log = structlog.get_logger()


class Underway:
    """The tasks that take in an event each."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def note(self) -> None:
        """The present task takes in an event: it counts until it has ended."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def end(self, patience: timedelta) -> None:
        """Wait for all of them; those that take longer than this are cancelled."""
        tasks = self._tasks - {asyncio.current_task()}
        if not tasks:
            return
        _, slow = await asyncio.wait(tasks, timeout=patience.total_seconds())
        for task in slow:
            task.cancel()
        if slow:
            log.warning("events were not taken in to the end", number=len(slow))
            await asyncio.wait(slow, timeout=patience.total_seconds())
