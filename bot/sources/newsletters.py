"""The port `NewsletterSource`: newsletters in files, on web pages and in feeds, whatever they are written in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from itertools import islice

import structlog

from bot.core.errors import NotANewsletter, Unreadable
from bot.core.feeds import Feed, FeedAnswer, FeedEntry, Found
from bot.core.identity import same
from bot.core.parsed import ParsedIssue
from bot.core.urls import canonical, site
from bot.sources.decoding import decode
from bot.sources.feeds import is_feed, read_feed
from bot.sources.fetching import HTML, Fetched, Fetcher
from bot.sources.html_newsletter import read_html, read_page
from bot.sources.mail import is_mail, read_mail
from bot.sources.markdown import read_newsletter_bytes
from bot.sources.page_facts import Facts, read_facts
from bot.sources.redirects import unwrapped

log = structlog.get_logger()

LARGEST = 5_000_000
"""Bytes of a page, a feed or a file that are read; full feeds of a year take two or three million."""

PATIENCE = timedelta(seconds=10)
"""For an issue, its feed and its pages together, while somebody waits."""

LONG_PATIENCE = timedelta(minutes=1)
"""For all the issues of a feed."""

TEXT = frozenset({"text/plain", "text/markdown", "text/x-markdown", "application/octet-stream"})
FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml"})
MEDIA = HTML | TEXT | FEEDS | {"message/rfc822"}

_PAGE = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_BEGINNING = 4_000
_MOST_FEEDS = 3
_MOST_TRIES = 5
_MOST_ISSUES = 100
_ENOUGH = 3
"""A summary with so many items is taken for the whole text; with fewer, the page is asked for."""

_BLOB = re.compile(
    r"(https?://github\.com/[^/?#]+/[^/?#]+)/blob/([^?#]+\.(?:md|markdown|html?|eml|txt))", re.IGNORECASE
)


class NewsletterReader:
    """Reads newsletters.

    fetcher: fetches links, guarded; it should read `LARGEST` bytes, as feeds are larger than pages. patience: for one
    issue; long_patience: for all of a feed.
    """

    def __init__(
        self, fetcher: Fetcher, *, patience: timedelta = PATIENCE, long_patience: timedelta = LONG_PATIENCE
    ) -> None:
        self._fetcher = fetcher
        self._patience = patience
        self._long_patience = long_patience

    async def read_file(self, name: str, content: bytes) -> Found:
        """Read a file that somebody attached: Markdown, HTML, a mail or a feed; raises as `read_link` does."""
        if is_feed(content):
            answer = await asyncio.to_thread(read_feed, content, "")
            return await self._in_time(self._of_feed(answer, every=True), every=True)
        page = name.lower().endswith((".html", ".htm", ".xhtml"))
        return Found(latest_first(await asyncio.to_thread(read_document, content, page=page)))

    async def read_link(self, url: str, *, every: bool = False) -> Found:
        """Read what an address leads to: an issue, or the latest one of the feed that a front page names.

        every: read all the issues that a feed holds. Raises NotANewsletter, or `Unreadable` where it does not come in
        time.
        """
        return await self._in_time(self._read_link(url, every=every), every=every)

    async def _read_link(self, url: str, *, every: bool) -> Found:
        found = _ok(await self._fetcher.fetch(_BLOB.sub(r"\1/raw/\2", url), media=MEDIA))
        if is_feed(found.content):
            return await self._of_feed(await _feed(found), every=every)
        if not _is_page(found.content, found.media):
            issues = await asyncio.to_thread(read_document, found.content)
            return Found(latest_first(tuple(_with_source(each, found.url, len(issues)) for each in issues)))
        html = await asyncio.to_thread(_text, found)
        facts = await asyncio.to_thread(read_facts, html, found.url)
        if facts.feeds and not facts.article:
            found_feed = await self._first_feed(facts, every=every)
            if found_feed:
                return found_feed
        issues = await asyncio.to_thread(read_page, html, facts, found.url)
        return Found(latest_first(issues), FeedAnswer(facts.feeds[0], "") if facts.feeds else None)

    async def ask(self, feed: Feed) -> FeedAnswer | None:
        """What a feed says now, or None if nothing has changed; raises NotANewsletter or `Unreadable`."""
        asked = {"If-None-Match": feed.etag, "If-Modified-Since": feed.modified}
        headers = {name: value for name, value in asked.items() if value}
        found = await self._fetcher.fetch(feed.url, media=MEDIA, headers=headers)
        return None if found.status == HTTPStatus.NOT_MODIFIED else replace(await _feed(_ok(found)), url=feed.url)

    async def read_entry(self, entry: FeedEntry) -> tuple[ParsedIssue, ...]:
        """Read an entry of a feed: its own text or, where that is only the beginning, its page.

        Raises NotANewsletter where there are no items, or `Unreadable` where the page does not come.
        """
        short: tuple[ParsedIssue, ...] = ()
        if entry.text:
            try:
                issues = await asyncio.to_thread(_of_entry, entry, entry.text)
            except NotANewsletter:
                if entry.whole or not entry.url:
                    raise
            else:
                if entry.whole or sum(len(each.items) for each in issues) >= _ENOUGH:
                    return issues
                short = issues
        if not entry.url:
            raise NotANewsletter("it has neither a text nor a page")
        try:
            found = _ok(await self._fetcher.fetch(entry.url))
            html = await asyncio.to_thread(_text, found)
            return await asyncio.to_thread(_of_entry, replace(entry, url=found.url), html, canonical(entry.url))
        except (NotANewsletter, Unreadable):
            if short:
                return short
            raise

    async def _in_time(self, reading: Awaitable[Found], *, every: bool) -> Found:
        try:
            async with asyncio.timeout((self._long_patience if every else self._patience).total_seconds()):
                return await reading
        except TimeoutError as error:
            raise Unreadable("It did not come in time.") from error

    async def _first_feed(self, facts: Facts, *, every: bool) -> Found | None:
        """The latest of the first feed of a page that has something, or the issue of its that the page is."""
        for address in facts.feeds[:_MOST_FEEDS]:
            try:
                answer = await _feed(_ok(await self._fetcher.fetch(address, media=MEDIA)))
                own = [each for each in answer.entries if facts.url and same(each.url, facts.url)]
                return await self._of_feed(replace(answer, url=address), every=every, entries=own)
            except (NotANewsletter, Unreadable) as error:
                log.info("feed not read", url=address, reason=str(error))
        return None

    async def _of_feed(self, answer: FeedAnswer, *, every: bool, entries: Sequence[FeedEntry] = ()) -> Found:
        issues: list[ParsedIssue] = []
        wrong: NotANewsletter | Unreadable = NotANewsletter("it is a feed without entries")
        for entry in islice(entries or answer.entries, _MOST_ISSUES if every else _MOST_TRIES):
            try:
                issues += await self.read_entry(entry)
            except (NotANewsletter, Unreadable) as error:
                wrong = error
            if issues and not every:
                break
        if not issues:
            raise wrong
        return Found(tuple(issues), answer if answer.url else None)


def read_document(content: bytes, *, page: bool = False) -> tuple[ParsedIssue, ...]:
    """Read the issues in bytes that are HTML, a mail or Markdown; raises NotANewsletter.

    page: they are known to be HTML.
    """
    if len(content) > LARGEST:
        raise NotANewsletter(f"it is larger than {LARGEST // 1_000_000} MB")
    if is_mail(content):
        return read_mail(content)
    if page or _is_page(content, ""):
        return read_html(decode(content))
    return read_newsletter_bytes(content)


def _of_entry(entry: FeedEntry, html: str, url: str | None = None) -> tuple[ParsedIssue, ...]:
    dated = entry.dated.date() if entry.dated else None
    source = url or canonical(unwrapped(entry.url)) or None
    return read_html(html, base=entry.url or None, title=entry.title or None, url=source, dated=dated)


def latest_first(issues: tuple[ParsedIssue, ...]) -> tuple[ParsedIssue, ...]:
    """The issues with the latest first, if all say when they are from; else as they stand."""
    days = [each.dated or each.number for each in issues]
    kinds = {type(each) for each in days}
    if len(kinds) != 1 or None in days:
        return issues
    return tuple(
        sorted(issues, key=lambda each: each.dated.toordinal() if each.dated else each.number or 0, reverse=True)
    )


def _with_source(issue: ParsedIssue, url: str, count: int) -> ParsedIssue:
    """The issue with the address it was read from, where it is the only one there and names no other."""
    return issue if issue.source_url or count > 1 or not site(url) else replace(issue, source_url=canonical(url))


async def _feed(found: Fetched) -> FeedAnswer:
    headers = _headers(found)
    answer = await asyncio.to_thread(read_feed, found.content, found.url, headers.get("content-type", ""))
    return replace(answer, etag=headers.get("etag", "")[:500], modified=headers.get("last-modified", "")[:100])


def _ok(found: Fetched) -> Fetched:
    if found.status != HTTPStatus.OK:
        raise Unreadable(f"The page answered with status {found.status}.")
    if not found.content:
        raise Unreadable("What is there is no page, no feed and no text." if found.media else "The page is empty.")
    return found


def _text(found: Fetched) -> str:
    return decode(found.content, _headers(found).get("content-type", ""), cut=found.cut)


def _headers(found: Fetched) -> Mapping[str, str]:
    return {name.lower(): value for name, value in found.headers.items()}


def _is_page(content: bytes, media: str) -> bool:
    return media in HTML - {""} or _PAGE.match(content[:_BEGINNING].removeprefix(b"\xef\xbb\xbf")) is not None
