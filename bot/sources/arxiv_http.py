"""One answer over `requests`, with the limits on time and size that it does not set by itself."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

LARGEST = 2_000_000
"""Bytes of an answer that are read; the entry of a paper by three thousand people has some 200,000."""

_AT_ONCE = 65_536

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever the library makes of it; the headers' names may be asked for in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OneAnswer(HTTPAdapter):
    """Lets one request through, and where it is redirected to, within `limit` for all of it.

    `answer` is what came back last. `requests` itself limits each wait for some bytes, so that an answer
    which trickles in takes for ever.
    """

    def __init__(self, limit: timedelta) -> None:
        super().__init__()
        self.answer: Answer | None = None
        self._redirected = False
        self._deadline = time.monotonic() + limit.total_seconds()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request and read the whole answer; raises `requests.RequestException` or what lies below."""
        if self.answer is not None and not self._redirected:
            raise requests.RequestException("a second request, which nobody has paced")
        response = super().send(request, *args, **(kwargs | {"timeout": self._left()}))
        connection = response.raw
        try:
            body = self._read(response)
        finally:
            connection.close()
        response.raw = io.BytesIO(body)
        self._redirected = response.is_redirect
        self.answer = Answer(response.status_code, response.headers, body)
        return response

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise requests.Timeout("the answer took too long")
        return left

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        while part := response.raw.read1(_AT_ONCE, decode_content=True):
            body += part
            self._left()
            if len(body) > LARGEST:
                raise requests.RequestException(f"an answer of more than {LARGEST} bytes")
        return bytes(body)


async def in_thread(work: Callable[[], T]) -> T:
    """Run work that never raises in a thread of its own, and return what it returns.

    The thread is a daemon: one that waits for a lost answer does not keep the process from ending, as
    those of an executor do.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def deliver(result: T) -> None:
        if not done.done():
            done.set_result(result)

    def run() -> None:
        result = work()
        with suppress(RuntimeError):  # nobody waits any more: the loop has ended
            loop.call_soon_threadsafe(deliver, result)

    threading.Thread(target=run, name="arxiv", daemon=True).start()
    return await done
