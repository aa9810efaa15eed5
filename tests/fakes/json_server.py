"""A service that answers with JSON, on loopback: it has what a test gives it, and does what a test scripts."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web


class JsonServer:
    """Answers GET by path, as it went over the wire, with a status and a body; use it in `async with`.

    `script` puts answers in front, one for each request to come. A body that is bytes is sent as it is. `asked`
    lists the paths and queries that came, `headers` those of the last request.
    """

    def __init__(self, answers: Mapping[str, tuple[int, Any]] | None = None) -> None:
        self.answers = dict(answers or {})
        self.unknown: tuple[int, Any] = (404, {"message": "no such thing"})
        self.asked: list[str] = []
        self.headers: Mapping[str, str] = {}
        self.url = ""
        self._script: deque[tuple[int, Any]] = deque()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    def script(self, *answers: tuple[int, Any]) -> None:
        """Give these answers to the next requests, whatever they ask for."""
        self._script.extend(answers)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.raw_path)
        self.headers = dict(request.headers)
        path = request.raw_path.partition("?")[0]
        status, body = self._script.popleft() if self._script else self.find(path, request.query)
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, content_type="text/html")
        return web.Response(status=status, text=json.dumps(body), content_type="application/json")

    def find(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """The answer for a path; services that look at the query have their own."""
        return self.answers.get(path, self.unknown)
