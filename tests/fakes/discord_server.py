"""A small Discord on loopback, over real HTTP and a real WebSocket, which the bot cannot tell from the real one.

Use it in `async with`; `api_url` is what stands before every route (discord.py's `Route.BASE`), `gateway_url` where its
gateway is. `python -m tests.fakes.discord_server` runs one with a guild, to start the bot against.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.discord_account import Account
from tests.fakes.discord_faults import Fault, Faults, play
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_rest import Handler, Rest, answer
from tests.fakes.discord_state import State
from tests.fakes.discord_world import Refusal

TOKEN = "MTIz.abc.def"

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)

_OPEN = ("/interactions/", "/webhooks/")
"""Routes that know who asks by a token in their path."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any

    @property
    def route(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"


class DiscordServer:
    """The server: `state` is what it knows, `gateway` and `account` its other doors.

    `now` is its present, which a test may set; where it is None `clock` tells it, the real one at first. `asked` lists
    the requests that came. `script` has the next requests that fit meet faults, each one once; by `faults` others go
    wrong by chance. `watch` is told of each request twice: as it comes, and when what it asked for is done and the
    answer is about to go out. Left and entered again, the server is where it was, and knows what it knew.
    """

    def __init__(
        self,
        *,
        now: datetime | None = MORNING,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        token: str = TOKEN,
        port: int = 0,
    ) -> None:
        self.now = now
        self.token = token
        self.state = State(lambda: self.now or clock(), self._emit)
        self.gateway = Gateway(self.state, token)
        self.account = Account(self.state, token)
        self.asked: list[Asked] = []
        self.watch: Callable[[Asked], None] = lambda _: None
        self.api_url = ""
        self.faults = Faults()
        self._port = port
        self._runner: web.AppRunner | None = None
        self._arrived = asyncio.Condition()

    def _emit(self, event: str, data: dict[str, Any], guild_id: str | None) -> None:
        self.gateway.emit(event, data, guild_id)

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return self.gateway.url

    async def __aenter__(self) -> Self:
        app = web.Application()
        for method, path, handler in [*self.account.routes(), *Rest(self.state).routes()]:
            app.router.add_route(method, f"/api/v10{path}", self._wrapped(handler))
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_route("*", "/api/v10/{rest:.*}", self._wrapped(_unknown))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.api_url = f"http://127.0.0.1:{self._port}/api/v10"
        self.gateway.url = self.account.gateway_url = f"ws://127.0.0.1:{self._port}/gateway"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    def script(self, *faults: Fault) -> None:
        """Have requests go wrong: each fault meets the first request that fits it and no earlier one."""
        self.faults.waiting.extend(faults)

    async def requests(self, holds: Callable[[list[Asked]], bool]) -> None:
        """Return as soon as it holds of the requests that came; a test that waits for it in vain fails."""
        async with asyncio.timeout(30), self._arrived:
            await self._arrived.wait_for(lambda: holds(self.asked))

    def routes(self, begin: str = "") -> list[str]:
        """The methods and paths of the requests that came, those that begin so."""
        return [each.route for each in self.asked if each.route.startswith(begin)]

    def _wrapped(self, handler: Handler) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            asked = await self._note(request)
            self.watch(asked)
            fault = self.faults.next(asked.route)
            if fault is None:
                proper = await self._proper(request, handler)
                self.watch(asked)
                return proper
            as_usual = fault.taken or (fault.status is None and not fault.reset)
            proper = await self._proper(request, handler) if as_usual else web.Response()
            if fault.wait:
                await fault.wait.wait()
            return await play(fault, request, proper)

        return handle

    async def _note(self, request: web.Request) -> Asked:
        body = await request.json() if request.content_type == "application/json" and request.can_read_body else None
        asked = Asked(request.method, request.path.removeprefix("/api/v10"), dict(request.query), body)
        self.asked.append(asked)
        async with self._arrived:
            self._arrived.notify_all()
        return asked

    async def _proper(self, request: web.Request, handler: Handler) -> web.Response:
        free = request.path.removeprefix("/api/v10").startswith(_OPEN)
        if not free and request.headers.get("Authorization") != f"Bot {self.token}":
            return answer({"message": "401: Unauthorized", "code": 0}, 401)
        try:
            return answer(await handler(request))
        except Refusal as refusal:
            return answer(refusal.body, refusal.status)


async def _unknown(request: web.Request) -> None:
    raise Refusal(404, 0, f"404: Not Found ({request.method} {request.path})")


async def _main(port: int) -> None:
    async with DiscordServer(now=None, port=port) as server:
        guild = server.state.guild()
        channel = server.state.channel(guild)
        lines = (f"api_url = {server.api_url}", f"gateway_url = {server.gateway_url}", f"token = {server.token}")
        sys.stdout.write("\n".join((*lines, f"guild {guild.id}, channel {channel.id}", "")))
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(int(sys.argv[sys.argv.index("--port") + 1]) if "--port" in sys.argv else 0))
