"""The loopback Slack's Socket Mode: tickets, hello, envelopes, acknowledgements, disconnects."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.slack_world import Json


class NotAcknowledged(Exception):
    """The bot did not acknowledge what it was sent: `http_timeout`, `http_error`, `connection_failed`, `timeout`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NobodyThere(NotAcknowledged):
    """No connection is open that anything could be sent over."""


@dataclass(eq=False)
class Connection:
    """One WebSocket; `envelopes` lists what was sent over it."""

    socket: web.WebSocketResponse
    request: web.Request
    number: int
    envelopes: list[Json] = field(default_factory=list)


class Socket:
    """Takes connections, and sends envelopes over them in turn.

    `acks` lists what the bot acknowledged, as it sent it.
    """

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self.url = ""
        self.connections: list[Connection] = []
        self.opened = 0
        self._leaving: list[Connection] = []
        self.acks: list[Json] = []
        self.on_connect: Callable[[], None] = lambda: None
        self._tickets: set[str] = set()
        self._waiting: dict[str, tuple[Connection, asyncio.Future[Json]]] = {}
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self._sending = asyncio.Lock()

    def ticket(self) -> str:
        """The address of one new connection."""
        ticket = f"ticket{next(self._numbers)}"
        self._tickets.add(ticket)
        return f"{self.url}?ticket={ticket}&app_id={self.app_id}"

    async def ready(self, connections: int = 1) -> None:
        """Return as soon as so many connections are open; a test that waits for it in vain fails."""
        await self.until(lambda: len(self.connections) >= connections)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return as soon as it holds, looked at whenever a connection or an acknowledgement comes or goes."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(holds)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection of the bot's."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404, text="no such ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket, request, next(self._numbers))
        self.connections.append(connection)
        self.opened += 1
        debug = {"host": "loopback", "build_number": 1, "approximate_connection_time": 18060}
        about = {"connection_info": {"app_id": self.app_id}, "debug_info": debug}
        await socket.send_json({"type": "hello", "num_connections": len(self.connections), **about})
        await self._tell()
        self.on_connect()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._frame(message.data)
        finally:
            await self._gone(connection)
        return socket

    async def _gone(self, connection: Connection) -> None:
        for several in (self.connections, self._leaving):
            if connection in several:
                several.remove(connection)
        for where, future in self._waiting.values():
            if where is connection and not future.done():
                future.set_exception(NotAcknowledged("connection_failed"))
        await self._tell()

    async def _frame(self, text: str) -> None:
        if not text.startswith("{"):
            return
        ack: Json = json.loads(text)
        self.acks.append(ack)
        waiting = self._waiting.get(ack.get("envelope_id", ""))
        if waiting and not waiting[1].done():
            waiting[1].set_result(ack.get("payload") or {})
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def send(self, kind: str, payload: Json, patience: timedelta, attempt: int = 0, reason: str = "") -> Json:
        """Send one payload over the next connection in turn; returns the acknowledgement's own payload."""
        if not self.connections:
            raise NobodyThere("connection_failed")
        connection = self.connections[0]
        self.connections.append(self.connections.pop(0))
        number = next(self._numbers)
        envelope: Json = {"envelope_id": f"envelope-{number}", "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = (connection, future)
        try:
            await self._write(connection, envelope)
            async with asyncio.timeout(patience.total_seconds()):
                return await future
        except TimeoutError:
            raise NotAcknowledged("timeout") from None
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def _write(self, connection: Connection, frame: Json) -> None:
        async with self._sending:
            connection.envelopes.append(frame)
            with suppress(ConnectionError):
                await connection.socket.send_str(json.dumps(frame))

    async def disconnect(self, reason: str = "refresh_requested", *, number: int = 0) -> None:
        """Tell a connection that it ends, and why: warning, refresh_requested, link_disabled, too_many_websockets.

        It stays open until the client closes it or a test ends it with `drop`; but for a warning, nothing more is sent
        over it.
        """
        connection = self.connections[number]
        frame: dict[str, Any] = {"type": "disconnect", "reason": reason, "debug_info": {"host": "loopback"}}
        await self._write(connection, frame)
        if reason != "warning":
            self.connections.remove(connection)
            self._leaving.append(connection)

    async def drop(self) -> None:
        """Break every connection off without a word."""
        for connection in (*self.connections, *self._leaving):
            if connection.request.transport:
                connection.request.transport.abort()
        await self.until(lambda: not self.connections)
