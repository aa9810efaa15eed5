"""JSON asked of one service over HTTP, within limits on time and size; what it holds is read with care."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import structlog
from yarl import URL

from bot.core.errors import SourceDown
from bot.core.ports import Clock
from bot.core.text import one_line

log = structlog.get_logger()

LARGEST = 4_000_000
"""Bytes of an answer that are read; the record of a paper by three thousand people has some 600,000."""

TRIES = 2
REST = timedelta(seconds=1)
"""Between two tries, as somebody waits for the answer."""

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_AT_ONCE = 65_536
_REDIRECTS = 3
_AGENT = "Broadsheet (a newsletter bot; one request for each paper looked up)"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is JSON, with its status."""

    status: int
    body: Any


class JsonApi:
    """One service. name: as people know it. base_url: the address before each path. timeout: for one answer.

    headers: sent with each question. close it when it is not needed any more.
    """

    def __init__(
        self, name: str, base_url: str, timeout: timedelta, clock: Clock, headers: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._base_url = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._clock = clock
        self._headers = {"User-Agent": _AGENT, "Accept": "application/json"} | dict(headers or {})
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self, path: str, parameters: Mapping[str, str] | None = None, *, absent: Container[int] = (), tries: int = TRIES
    ) -> Said:
        """The answer to a question, whatever its status says of the question; raises `SourceDown` without one.

        absent: statuses that say that there is nothing, in whatever form. path: as it goes over the wire.
        """
        for _ in range(tries - 1):
            try:
                return await self._get(path, parameters or {}, absent)
            except _Passing as failure:
                log.info("no answer", source=self.name, path=path, reason=str(failure), cause=repr(failure.__cause__))
            await self._clock.sleep_until(self._clock.now() + REST)
        return await self._get(path, parameters or {}, absent)

    def down(self, reason: str) -> SourceDown:
        """The error for an answer that cannot be used."""
        return SourceDown(_sentence(self.name, reason))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _get(self, path: str, parameters: Mapping[str, str], absent: Container[int]) -> Said:
        if self._session is None:
            # As `requests` does for arXiv: a proxy that the environment names is used.
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers, trust_env=True)
        try:
            # A DOI's slashes are part of its name: they must not be unquoted on the way.
            query = f"?{urlencode(parameters)}" if parameters else ""
            address = URL(f"{self._base_url}{path}{query}", encoded=True)
            async with self._session.get(address, max_redirects=_REDIRECTS) as response:
                if response.status in absent:
                    return Said(response.status, None)
                if response.status in _PASSING:
                    raise _Passing(_sentence(self.name, f"it answered with status {response.status}"))
                body = await self._read(response)
                return Said(response.status, self._parsed(response.status, body))
        except TimeoutError as error:
            raise _Passing(_sentence(self.name, "it did not answer in time")) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise _Passing(_sentence(self.name, "it cannot be reached")) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for part in response.content.iter_chunked(_AT_ONCE):
            body += part
            if len(body) > LARGEST:
                raise self.down("its answer is too large")
        return bytes(body)

    def _parsed(self, status: int, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            reason = "its answer was none" if status == 200 else f"it answered with status {status}"  # noqa: PLR2004
            raise self.down(reason) from error


class _Passing(SourceDown):
    """A failure that may be over in a moment."""


def _sentence(name: str, reason: str) -> str:
    return f"{name} cannot help just now: {reason}. Please try again in a few minutes."


def mapping(value: object) -> Mapping[str, Any]:
    """The value, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The value, if it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def words(value: object) -> str:
    """The value as one line, if it is text; else nothing. Of a list it is the first one's."""
    first = value[0] if isinstance(value, list) and value else value
    return one_line(first) if isinstance(first, str) else ""


def whole(value: object) -> int | None:
    """The value, if it is a whole number of a size that can be kept, or the text of one; else None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:  # noqa: PLR2004
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) < 1 << 31 else None
