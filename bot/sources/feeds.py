"""Feeds in RSS and Atom: what they are called, and their entries with as much of the text as they hold."""

from __future__ import annotations

import calendar
import html
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

import feedparser  # type: ignore[import-untyped]  # nobody publishes stubs

from bot.core.errors import NotANewsletter
from bot.core.feeds import FeedAnswer, FeedEntry
from bot.core.text import clean, clip, one_line
from bot.core.urls import site

MOST_ENTRIES = 500
_MOST_TAGS = 400_000
_DEEPEST = 150
_MOST_BROKEN_TAGS = 40_000
"""Tags of a feed that is no XML: the parser that guesses takes time by the square of their number."""

_LARGEST_BROKEN = 1_500_000

_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_BEGINNING = 4_000
_LONGEST_ID = 500
_LONGEST_TITLE = 300
_TAG = re.compile(r"</?(?:a|abbr|b|br|code|em|i|img|span|strong|sub|sup|u)\b[^<>]{0,300}>", re.IGNORECASE)
_MARKED_UP = re.compile(r"<(?:p|div|br|a|ul|ol|h[1-6]|table|figure|img|section)\b", re.IGNORECASE)


def is_feed(content: bytes) -> bool:
    """Whether bytes begin as a feed does."""
    beginning = content[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n")
    return beginning.startswith(b"<") and _FEED.search(beginning) is not None


def read_feed(content: bytes, url: str, content_type: str = "") -> FeedAnswer:
    """Read a feed; raises NotANewsletter for what is none.

    url: where it came from; relative addresses are on its site.
    """
    _check(content)
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})
    try:
        # A stream, as text is taken for the name of a file or for an address.
        parsed: Any = feedparser.parse(
            io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError, RecursionError, AssertionError, TypeError, AttributeError) as error:
        raise NotANewsletter("it is no feed that can be read") from error
    if not parsed.get("version"):
        raise NotANewsletter("it is no feed in RSS or Atom")
    entries = [_entry(each, url) for each in parsed.get("entries", ())[:MOST_ENTRIES]]
    if all(each.dated for each in entries):
        entries.sort(key=lambda each: each.dated or datetime.min.replace(tzinfo=UTC), reverse=True)
    once = {each.id: each for each in reversed(entries) if each.id}
    title = _title(parsed.get("feed", {}))
    return FeedAnswer(url, title, tuple(each for each in entries if once.get(each.id) is each))


def _check(content: bytes) -> None:
    """Refuse what would take a parser long: too many tags, or too deep."""
    tags = depth = 0

    def opened(_: str, __: Mapping[str, str]) -> None:
        nonlocal tags, depth
        tags, depth = tags + 1, depth + 1
        if tags > _MOST_TAGS or depth > _DEEPEST:
            raise NotANewsletter("it is a feed with too many tags")

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if content.count(b"<") > _MOST_BROKEN_TAGS or len(content) > _LARGEST_BROKEN:
            raise NotANewsletter("it is a broken feed") from error


def _entry(entry: Mapping[str, Any], base: str) -> FeedEntry:
    address = _address(_said(entry, "link"), base)
    text, whole = _text(entry)
    title = _title(entry)
    return FeedEntry(
        id=clip(_said(entry, "id") or address or title, _LONGEST_ID),
        title=title,
        url=address,
        dated=_moment(entry.get("published_parsed")) or _moment(entry.get("updated_parsed")),
        text=text,
        whole=whole,
    )


def _title(mapping: Mapping[str, Any]) -> str:
    """A title as text; in feeds it is HTML more often than not."""
    said = _said(mapping, "title")[: 10 * _LONGEST_TITLE]
    return clip(one_line(_TAG.sub("", html.unescape(said))), _LONGEST_TITLE)


def _text(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """The longest text of an entry, and whether it stands where feeds put all of it rather than a summary."""
    contents = [value for each in entry.get("content") or () if isinstance(value := each.get("value"), str)]
    whole = max(contents, key=len, default="")
    summary = entry.get("summary")
    summary = summary if isinstance(summary, str) and _MARKED_UP.search(summary) else ""
    return (whole, True) if len(whole) >= len(summary) and whole else (summary, False)


def _said(mapping: Mapping[str, Any], name: str) -> str:
    value = mapping.get(name)
    return one_line(clean(value)) if isinstance(value, str) else ""


def _address(address: str, base: str) -> str:
    try:
        url = urljoin(base, address) if address else ""
    except ValueError:
        return ""
    return url if site(url) else ""


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC) if value else None
    except (ValueError, OverflowError, TypeError, OSError):
        return None
