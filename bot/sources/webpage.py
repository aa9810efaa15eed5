"""The port `PageReader` over the web: services are asked in their own way, other pages are fetched and read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import structlog

from bot.core.errors import Unreadable
from bot.core.identity import same_site
from bot.core.model import Page
from bot.core.urls import canonical, site
from bot.sources.decoding import decode
from bot.sources.fetching import HTML, Fetched, Fetcher
from bot.sources.pages import read_page
from bot.sources.services import Service

log = structlog.get_logger()

_OK = 200
_GATE = re.compile(
    r"/(?:log-?in|sign-?in|sso|consent|captcha|authorize|oauth2?|accounts?|wp-login\.php)(?=[/?.]|$)", re.IGNORECASE
)

_SHORTENERS = frozenset(
    [
        "aka.ms",
        "amzn.to",
        "apple.co",
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "db.tt",
        "dlvr.it",
        "fb.me",
        "g.co",
        "git.io",
        "goo.gl",
        "goo.gle",
        "hubs.li",
        "hubs.ly",
        "ift.tt",
        "is.gd",
        "lnkd.in",
        "nyti.ms",
        "ow.ly",
        "rb.gy",
        "reut.rs",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "trib.al",
        "wapo.st",
        "youtu.be",
    ]
)


class WebPages:
    """Reads pages.

    fetcher: fetches them, guarded. services: asked first for what is theirs; where one fails, the page is read.
    """

    def __init__(self, fetcher: Fetcher | None = None, services: Sequence[Service] = ()) -> None:
        self._fetcher = fetcher or Fetcher()
        self._services = tuple(services)

    async def read(self, url: str) -> Page:
        """What the page at an address says of itself; what is no page of HTML has an address alone.

        Raises `Unreadable` where the address may not be opened, nothing comes, or something else does.
        """
        for service in self._services:
            try:
                if page := await service.page(url):
                    return page
            except Unreadable as error:
                log.info("service gave no answer", url=url, reason=str(error))
        found = await self._fetcher.fetch(url)
        if found.status != _OK:
            raise Unreadable(f"The page answered with status {found.status}.")
        if _behind_a_gate(url, found.url):
            raise Unreadable("The page is behind a gate: it asks to sign in, or to agree to something.")
        # In a thread, as a page may take some tenths of a second.
        page = await asyncio.to_thread(_read, found)
        return page if _settled(url, found) else replace(page, url=canonical(url))


def _read(found: Fetched) -> Page:
    if found.media not in HTML or not found.content:
        return Page(canonical(found.url), site=site(found.url).removeprefix("www."))
    text = decode(found.content, found.headers.get("Content-Type", ""), cut=found.cut)
    return read_page(text, found.url, found.headers.get("Content-Language", ""))


def _settled(asked: str, found: Fetched) -> bool:
    """Whether the address at which it was found stands: on the same site, moved for good, or shortened."""
    return found.moved or same_site(asked, found.url) or site(asked).removeprefix("www.") in _SHORTENERS


def _behind_a_gate(asked: str, found: str) -> bool:
    return asked != found and bool(_GATE.search(urlsplit(found).path)) and not _GATE.search(urlsplit(asked).path)
