"""Newsletters written elsewhere, in memory: what links hold, and feeds whose answers a test sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.errors import NotANewsletter, Unreadable
from bot.core.feeds import Feed, FeedAnswer, FeedEntry, Found
from bot.core.parsed import ParsedIssue
from bot.sources.newsletters import read_document


class FakeLetters:
    """The port `NewsletterSource`: links and feeds are Markdown by address; a fault is raised in place of an answer.

    A feed whose etag was given is said not to have changed.
    """

    def __init__(self) -> None:
        self.links: dict[str, str] = {}
        self.feeds: dict[str, FeedAnswer] = {}
        self.faults: dict[str, BaseException] = {}
        self.asked: list[Feed] = []

    async def read_file(self, name: str, content: bytes) -> Found:
        return Found(read_document(content, page=name.endswith(".html")))

    async def read_link(self, url: str, *, every: bool = False) -> Found:
        self._fail(url)
        if url in self.feeds:
            feed = self.feeds[url]
            entries = feed.entries if every else feed.entries[:1]
            read = [await self.read_entry(each) for each in entries]
            return Found(tuple(issue for issues in read for issue in issues), feed)
        if url not in self.links:
            raise Unreadable("The page answered with status 404.")
        return Found(read_document(self.links[url].encode()))

    async def ask(self, feed: Feed) -> FeedAnswer | None:
        self.asked.append(feed)
        self._fail(feed.url)
        answer = self.feeds[feed.url]
        return None if answer.etag and answer.etag == feed.etag else answer

    async def read_entry(self, entry: FeedEntry) -> tuple[ParsedIssue, ...]:
        self._fail(entry.url)
        if not entry.text:
            raise NotANewsletter("it has no links")
        return read_document(f"---\ntitle: {entry.title}\nurl: {entry.url}\n---\n\n{entry.text}".encode())

    def _fail(self, url: str) -> None:
        if url in self.faults:
            raise self.faults[url]


def entry(number: int, dated: datetime | None = None, texts: Mapping[int, str] | None = None) -> FeedEntry:
    """An entry of a weekly feed, with an item of its own."""
    text = (texts or {}).get(
        number, f"## Papers\n\n- [Paper {number}](https://papers.example.org/{number}): it works.\n"
    )
    url = f"https://weekly.example.org/p/{number}"
    return FeedEntry(f"id-{number}", f"The Weekly #{number}", url, dated, text, whole=True)
