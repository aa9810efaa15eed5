"""What a test has the loopback Discord do instead of answering as it should."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that goes wrong.

    route: a pattern that `METHOD /path` has to match from its beginning. taken: what was asked is done all the same,
    before the fault. reset: the connection is closed without an answer. cut: so many bytes of the answer are sent, then
    it is closed. wait: the answer comes after this. Otherwise the answer is `status`, `headers` and `body`, which is
    sent as JSON unless it is bytes; without a status it is the proper one.
    """

    route: str
    status: int | None = None
    body: Any = field(default_factory=lambda: {"message": "Scripted", "code": 0})
    headers: Mapping[str, str] = field(default_factory=dict)
    taken: bool = False
    reset: bool = False
    cut: int | None = None
    wait: asyncio.Event | None = None

    def fits(self, route: str) -> bool:
        """Whether it is meant for this request."""
        return re.match(self.route, route) is not None


def rate_limited(route: str, retry_after: float, *, shared: bool = False) -> Fault:
    """A 429 as Discord itself sends it; `Via` tells it from one of Cloudflare's."""
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": shared}
    return Fault(route, 429, body, {"Via": "1.1 google", "Retry-After": str(retry_after)})


def refused(route: str, status: int, code: int, message: str = "Scripted") -> Fault:
    """A refusal with one of Discord's codes."""
    return Fault(route, status, {"message": message, "code": code}, {"Via": "1.1 google"})


class Faults:
    """Those that wait for their request, and those that come by chance."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self._chances: list[tuple[float, Fault]] = []
        self._random = random.Random(0)  # noqa: S311  # the same faults on every run

    def by_chance(self, rate: float, *faults: Fault, seed: int = 0) -> None:
        """Let each fault meet about this part of the requests that fit it; 0 ends it."""
        self._random = random.Random(seed)  # noqa: S311  # as above
        self._chances = [(rate, each) for each in faults] if rate else []

    def next(self, route: str) -> Fault | None:
        """The fault that meets this request."""
        for each in self.waiting:
            if each.fits(route):
                self.waiting.remove(each)
                return each
        for rate, each in self._chances:
            if each.fits(route) and self._random.random() < rate:
                return each
        return None


async def play(fault: Fault, request: web.Request, proper: web.StreamResponse) -> web.StreamResponse:
    """The answer as the fault has it."""
    if fault.reset:
        return hang_up(request)
    if fault.cut is not None:
        assert isinstance(proper, web.Response)
        assert isinstance(proper.body, bytes)
        response = web.StreamResponse(status=proper.status, headers={"Content-Type": "application/json"})
        response.content_length = len(proper.body)
        await response.prepare(request)
        await response.write(proper.body[: fault.cut])
        hang_up(request)
        return response
    if fault.status is None:
        return proper
    if isinstance(fault.body, bytes):
        return web.Response(
            body=fault.body, status=fault.status, headers={"Content-Type": "text/html", **fault.headers}
        )
    body = json.dumps(fault.body).encode()
    return web.Response(body=body, status=fault.status, headers={"Content-Type": "application/json", **fault.headers})


def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
