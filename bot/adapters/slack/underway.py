"""What Bolt's listeners are still doing after they have acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

PATIENCE = 4.0
"""Seconds that listeners have to end when the bot stops."""


class Underway(AsyncListenerStartHandler):
    """Notes the task of each listener that starts, as Bolt itself lets go of it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        """A listener starts, in the present task."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finish(self, patience: float) -> None:
        """Let the listeners end within so many seconds, then stop them."""
        await asyncio.sleep(0)  # one that has just acknowledged may not have started yet
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


@asynccontextmanager
async def finishing(app: AsyncApp, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Let what the app's listeners began within the block end after it."""
    underway = Underway()
    app.listener_runner.listener_start_handler = underway
    try:
        yield
    finally:
        await underway.finish(patience)
