"""What a page says of itself as an issue: its title, its address, its date, its feeds, and whether it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from bot.core.model import Kind
from bot.core.urls import site
from bot.sources.outline import Outline, outline
from bot.sources.pages import read_page

_FEED = re.compile(r"application/(?:rss|atom|rdf)\+xml", re.IGNORECASE)
_COMMENTS = re.compile(r"comment", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a page; article: whether it is one text with a date, rather than the front page of many."""

    title: str | None = None
    url: str | None = None
    dated: date | None = None
    article: bool = False
    feeds: tuple[str, ...] = ()


def read_facts(html: str, base: str | None) -> Facts:
    """The facts of a page that was read from an address or, without one, from a file; no text makes it raise."""
    head = outline(html)
    named = base or head.link("canonical") or head.meta("og:url")
    page = read_page(html, named)
    url = page.url if "." in site(page.url) else None
    article = page.kind in (Kind.ARTICLE, Kind.PAPER, Kind.POST) or bool(head.meta("article:published_time"))
    return Facts(page.title or None, url, page.dated, article, tuple(_feeds(head, url or "")))


def _feeds(head: Outline, base: str) -> Iterator[str]:
    """The addresses of a page's feeds, those of comments left out."""
    for link in head.links:
        if "alternate" in link.rel and _FEED.match(link.media) and not _COMMENTS.search(link.href):
            try:
                address = urljoin(base, link.href)
            except ValueError:
                continue
            if site(address):
                yield address
