"""Fetches what members link to, trusting neither the address nor the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.core.errors import Unreadable
from bot.sources.addresses import Checked, Guard, Public, Sockets, barred, read_url
from bot.sources.bodies import Body, read_body

TIMEOUT = timedelta(seconds=10)
"""For everything: names, redirects, the answer to its end."""

LARGEST = 2_000_000
"""Bytes of an answer that are read, unpacked; it is cut there, and its beginning used."""

REDIRECTS = 5

USER_AGENT = "Broadsheet/0.1 (a newsletter's bot; opens what members link to)"

HTML = frozenset({"text/html", "application/xhtml+xml", ""})
"""Media types of pages; a server that says nothing is taken to send one."""

_AT_ONCE = 8
_LONGEST_HEADER = 65_536
_MOVED = frozenset({301, 302, 303, 307, 308})
_MOVED_FOR_GOOD = frozenset({301, 308})
_OK = 200


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer.

    url: where it was found in the end. media: its media type in lower case, without parameters. content: of a
    status of 200 and a media type that was wanted, else empty; cut: only the beginning of it. moved: whether the
    address has changed, and for good.
    """

    url: str
    status: int
    media: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    cut: bool = False
    moved: bool = False


class Fetcher:
    """Fetches over http(s), without cookies, proxies or anything kept between one fetch and the next.

    guard: says what may be asked. timeout: for all of one fetch. largest: in bytes, see `LARGEST`. resolver: what
    asks for names, the machine's own where there is none.
    """

    def __init__(
        self,
        guard: Guard | None = None,
        *,
        timeout: timedelta = TIMEOUT,
        largest: int = LARGEST,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard or Public()
        self._timeout = timeout
        self._largest = largest
        self._resolver = resolver
        self._lanes = asyncio.Semaphore(_AT_ONCE)

    async def fetch(
        self, url: str, *, media: Collection[str] = HTML, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Ask for an address, and for those that it is redirected to.

        media: the media types whose content is read. headers: to send beside the usual ones. Any status comes back;
        raises `Unreadable` where the address may not be asked for or there is no answer.
        """
        sent = {"Accept": _accept(media), "Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}
        try:
            async with asyncio.timeout(self._timeout.total_seconds()), self._lanes, self._session() as session:
                return await self._follow(session, self._checked(read_url(url)), media, sent | dict(headers or {}))
        except TimeoutError as error:
            raise Unreadable("The page did not come in time.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreadable("The page cannot be reached.") from error

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=Checked(self._guard, self._resolver or aiohttp.ThreadedResolver()),
            use_dns_cache=False,
            force_close=True,
            socket_factory=Sockets(self._guard),
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )

    async def _follow(
        self, session: aiohttp.ClientSession, url: URL, media: Collection[str], headers: Mapping[str, str]
    ) -> Fetched:
        for_good = True
        for hop in range(REDIRECTS + 1):
            async with session.get(url, headers=headers, allow_redirects=False) as response:
                target = response.headers.get("Location", "")
                if response.status not in _MOVED or not target:
                    return await self._read(response, media, moved=hop > 0 and for_good)
                for_good = for_good and response.status in _MOVED_FOR_GOOD
                url = self._checked(_joined(url, target))
        raise barred("it is redirected too often")

    def _checked(self, url: URL) -> URL:
        self._guard.check(url)
        return url

    async def _read(self, response: aiohttp.ClientResponse, media: Collection[str], *, moved: bool) -> Fetched:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        body = Body(b"", cut=False)
        if response.status == _OK and kind in media:
            packing = response.headers.get("Content-Encoding", "")
            body = await read_body(response.content.iter_any(), packing, self._largest)
        return Fetched(str(response.url), response.status, kind, dict(response.headers), body.content, body.cut, moved)


def _accept(media: Collection[str]) -> str:
    return ", ".join((*sorted(each for each in media if each), "*/*;q=0.1"))


def _joined(url: URL, target: str) -> URL:
    """Where a redirect leads; the address of one may be relative."""
    read = read_url(target.strip())
    return read if read.scheme else url.join(read)
