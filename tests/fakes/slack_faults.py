"""What a test has the loopback Slack do instead of answering as it should."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that goes wrong.

    method: a pattern that the method's whole name has to match. taken: what was asked is done all the same, before the
    fault. reset: the connection is closed without an answer. cut: so many bytes of the answer are sent, then it is
    closed. wait: the answer comes after this. Otherwise the answer is `status`, `headers` and `body`; without a status
    it is the proper one. error: an error's name, answered with status 200 as Slack does.
    """

    method: str
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    taken: bool = False
    reset: bool = False
    cut: int | None = None
    wait: asyncio.Event | None = None

    def fits(self, method: str) -> bool:
        """Whether it is meant for this method."""
        return re.fullmatch(self.method, method) is not None

    @property
    def proper(self) -> bool:
        """Whether what was asked is done."""
        return self.taken or not (self.status or self.reset or self.error)


def rate_limited(method: str, retry_after: int | None = 1) -> Fault:
    """A 429, which says after how many seconds to come again, or does not."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(method, 429, '{"ok":false,"error":"ratelimited"}', headers)


def broken(method: str, status: int = 503, *, taken: bool = False) -> Fault:
    """An answer of 5xx with a page for people; `taken` where the work was done before."""
    return Fault(method, status, "<html>Server Error</html>", {"Content-Type": "text/html"}, taken=taken)


def reset(method: str, *, taken: bool = False) -> Fault:
    """A connection that breaks, before or after the work was done."""
    return Fault(method, reset=True, taken=taken)


def garbled(method: str, body: str = "<html>Sign in</html>") -> Fault:
    """A 200 that is no JSON, though the work was done."""
    return Fault(method, 200, body, {"Content-Type": "application/json"}, taken=True)


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

    def next(self, method: str) -> Fault | None:
        """The fault that meets this request."""
        for each in self.waiting:
            if each.fits(method):
                self.waiting.remove(each)
                return each
        for rate, each in self._chances:
            if each.fits(method) and self._random.random() < rate:
                return each
        return None


async def play(fault: Fault, request: web.Request, proper: web.Response) -> web.StreamResponse:
    """The answer as the fault has it."""
    if fault.wait:
        await fault.wait.wait()
    if fault.reset:
        return _hang_up(request)
    if fault.error:
        return web.json_response({"ok": False, "error": fault.error}, headers=dict(fault.headers))
    if fault.cut is not None:
        assert isinstance(proper.body, bytes)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(proper.body)
        await response.prepare(request)
        await response.write(proper.body[: fault.cut])
        _hang_up(request)
        return response
    if fault.status is None:
        return proper
    headers = {"Content-Type": "application/json", **fault.headers}
    return web.Response(body=fault.body.encode(), status=fault.status, headers=headers)


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
