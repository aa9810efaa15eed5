"""The stream of events: what changed in the room, as one viewer sees it, again from where a page left off."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response

from bot.adapters.web.clock import MovableClock
from bot.adapters.web.pages import Pages
from bot.adapters.web.room import Room

NextSlot = Callable[[], Awaitable[datetime | None]]


class Stream:
    """Serves `/events`: each event carries the clock and the messages that are new or changed."""

    def __init__(self, room: Room, clock: MovableClock, pages: Pages, next_slot: NextSlot) -> None:
        self._room = room
        self._clock = clock
        self._pages = pages
        self._next_slot = next_slot
        self._ended = False

    def end(self) -> None:
        """End every stream, so that the server can stop."""
        self._ended = True
        self._room.pulse.beat()

    async def serve(self, request: web.Request, viewer: str) -> web.StreamResponse:
        """Send what happens until the page leaves or the server stops."""
        since = self._since(request.headers.get("Last-Event-ID", ""))
        async with sse_response(request) as response:
            with contextlib.suppress(ConnectionResetError, TimeoutError):
                while not self._ended and response.is_connected():
                    beat = self._room.pulse.next
                    data, since = await self._batch(since, viewer)
                    await response.send(json.dumps(data), id=f"{self._room.token}-{since}", event="batch", retry=1000)
                    await beat.wait()
        return response

    def _since(self, last_event_id: str) -> int | None:
        """The revision that the page has, or None when it starts, or comes from another room's file."""
        token, _, revision = last_event_id.partition("-")
        known = token == self._room.token and revision.isascii() and revision.isdigit() and len(revision) < 16  # noqa: PLR2004
        return int(revision) if known else None

    async def _batch(self, since: int | None, viewer: str) -> tuple[dict[str, Any], int]:
        if since is None:
            revision = await self._room.revision()
            messages = await self._room.latest(viewer)
        else:
            messages = await self._room.since(since, viewer)
            revision = max((each.revision for each in messages), default=since)
        following = await self._next_slot()
        data = {
            "reset": since is None,
            "now": self._clock.now().isoformat(),
            "next": following.isoformat() if following else None,
            "messages": [self._pages.message(each, viewer) for each in messages],
        }
        return data, revision
