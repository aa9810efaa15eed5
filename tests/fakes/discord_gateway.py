"""The loopback Discord's gateway: hello, identify, heartbeat, ready, dispatch, resume, reconnect, invalid session."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord_state import State

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11

BROKEN = 1006
"""The code that no connection is closed with: it stands for one that just ends."""

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
"""The intents for members, presences and messages' content."""

NEEDED = {"MESSAGE_REACTION": 1 << 10, "MESSAGE_": 1 << 9, "GUILD_": 1, "CHANNEL_": 1, "THREAD_": 1}
"""The intent that events need, by how their names begin; the first that fits counts."""


@dataclass
class Session:
    """One shard's session: it outlives its connection, and keeps what it was sent."""

    id: str
    shard: tuple[int, int]
    intents: int
    socket: web.WebSocketResponse | None = None
    sent: list[dict[str, Any]] = field(default_factory=list)

    def wants(self, event: str, guild_id: str | None) -> bool:
        """Whether the event is one for this shard, and asked for."""
        number, count = self.shard
        if guild_id is not None and (int(guild_id) >> 22) % count != number:
            return False
        needed = next((bit for name, bit in NEEDED.items() if event.startswith(name)), 0)
        return not needed or bool(self.intents & needed)


class Gateway:
    """Takes connections and sends events; `frames` lists what the bot sent, heartbeats apart.

    `resume_url` is the address that it names for resuming, if not its own. Guilds in `unavailable` have an outage.
    While it is `mute` it takes connections and says nothing.
    """

    def __init__(self, state: State, token: str) -> None:
        self.state = state
        self.token = token
        self.url = ""
        self.resume_url = ""
        self.mute = False
        self.unavailable: set[str] = set()
        self.allowed_intents = PRIVILEGED
        self.sessions: dict[str, Session] = {}
        self.frames: list[dict[str, Any]] = []
        self.connections = 0
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._changed = asyncio.Condition()
        self._sending: set[asyncio.Task[None]] = set()

    async def ready(self, sessions: int = 1) -> None:
        """Return as soon as so many sessions are connected; a test that waits for it in vain fails."""
        await self.until(lambda: sum(each.socket is not None for each in self.sessions.values()) >= sessions)

    async def until(self, holds: Any) -> None:
        """Return as soon as it holds, looked at whenever a frame comes or a connection changes."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(holds)

    def emit(self, event: str, data: dict[str, Any], guild_id: str | None = None) -> None:
        """Send an event to the sessions that it is for; one that is away gets it when it resumes."""
        for session in self.sessions.values():
            if session.wants(event, guild_id):
                self._send(session, event, data)

    def _send(self, session: Session, event: str, data: dict[str, Any]) -> None:
        frame = {"op": DISPATCH, "t": event, "s": len(session.sent) + 1, "d": json.loads(json.dumps(data))}
        session.sent.append(frame)
        if session.socket is not None:
            self._later(session.socket, frame)

    def _later(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(_write(socket, frame))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def reconnect(self) -> None:
        """Ask every connection to come back."""
        self._all({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Declare every session invalid, forgotten unless it may be resumed."""
        self._all({"op": INVALID, "d": resumable})
        if not resumable:
            self.sessions.clear()

    def _all(self, frame: dict[str, Any]) -> None:
        for session in self.sessions.values():
            if session.socket is not None:
                self._later(session.socket, frame)

    async def drop(self, code: int = BROKEN) -> None:
        """Close every connection: with a code, or broken off without a word."""
        for session in list(self.sessions.values()):
            socket, session.socket = session.socket, None
            if socket is None:
                continue
            transport = self._requests[socket].transport
            if code == BROKEN and transport:
                transport.abort()
            else:
                await socket.close(code=code)

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """One connection of the bot's."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._requests[socket] = request
        self.connections += 1
        await self._tell()
        if not self.mute:
            await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 41250}})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._frame(socket, json.loads(message.data))
        finally:
            del self._requests[socket]
            for session in self.sessions.values():
                session.socket = None if session.socket is socket else session.socket
            await self._tell()
        return socket

    async def _frame(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["op"] == HEARTBEAT:
            await _write(socket, {"op": ACK})
            return
        self.frames.append(frame)
        if frame["op"] == IDENTIFY:
            await self._identify(socket, frame["d"])
        elif frame["op"] == RESUME:
            await self._resume(socket, frame["d"])
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        if data["token"] != self.token:
            await socket.close(code=4004, message=b"Authentication failed.")
            return
        if data["intents"] & PRIVILEGED & ~self.allowed_intents:
            await socket.close(code=4014, message=b"Disallowed intent(s).")
            return
        shard = tuple(data.get("shard") or (0, 1))
        session = Session(f"session{self.connections}", (shard[0], shard[1]), data["intents"], socket)
        self.sessions[session.id] = session
        guilds = [each for each in self.state.guilds.values() if session.wants("GUILD_CREATE", each.id)]
        ready = {
            "v": 10,
            "user": self.state.bot.payload() | {"verified": True, "mfa_enabled": False, "flags": 0},
            "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.resume_url or self.url,
            "shard": list(session.shard),
            "application": {"id": self.state.bot.id, "flags": 0},
        }
        self._send(session, "READY", ready)
        for guild in guilds:
            if guild.id not in self.unavailable:
                self._send(session, "GUILD_CREATE", guild.payload(self.state.bot) | {"unavailable": False})

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        session = self.sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            await _write(socket, {"op": INVALID, "d": False})
            return
        session.socket = socket
        for frame in session.sent[data["seq"] or 0 :]:
            self._later(socket, frame)
        self._send(session, "RESUMED", {})


async def _write(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
    with suppress(ConnectionError, RuntimeError):
        await socket.send_json(frame)
