"""Feeds: what one says when it is asked, and one that a newsletter follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.parsed import ParsedIssue


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry of a feed.

    id: what the feed tells it apart by. url: its page, empty where it has none. text: its HTML, empty where the feed
    has only a link; whole: whether the feed says that this is all of it.
    """

    id: str
    title: str
    url: str
    dated: datetime | None = None
    text: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What a feed says, its entries latest first; etag and modified are what it is asked with the next time."""

    url: str
    title: str
    entries: tuple[FeedEntry, ...] = ()
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at an address or in a file: issues, the latest first, and the feed that brings more of them."""

    issues: tuple[ParsedIssue, ...]
    feed: FeedAnswer | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that a newsletter follows.

    since: when that began. next_at: when it is asked again. failures: how often it did not answer in a row, since
    `failing_since`; `reason` is what went wrong last, `told` whether the editors know.
    """

    id: int
    newsletter_id: int
    url: str
    since: datetime
    title: str = ""
    etag: str = ""
    modified: str = ""
    next_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    reason: str = ""
    told: bool = False

    @property
    def name(self) -> str:
        """What it is called, or its address."""
        return self.title or self.url
