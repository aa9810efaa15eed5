"""arXiv's answer judged: a feed with papers, a feed that says there is none, or no answer at all.

The library mends what it reads: of a feed that broke off it gives the papers before the break; of a page of HTML,
a line of text or an empty body it gives none, just as for a paper that does not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import requests

from bot.core.errors import NoSuchPaper, SourceDown
from bot.core.text import clip, one_line
from bot.sources.arxiv_http import Answer

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_NUMBER = re.compile(r"[0-9]{1,9}")
_OK = 200
_PASSING = frozenset({403, 406, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_LONGEST_HOLD = timedelta(days=1)


class Passing(SourceDown):
    """A failure that may be over in a moment; `hold` is how long arXiv asks us to wait, if it does."""

    def __init__(self, reason: str, hold: timedelta | None = None) -> None:
        super().__init__(_sentence(reason))
        self.hold = hold


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole feed: how many entries it has, how many arXiv found in all, and the errors it reports."""

    entries: int
    total: int
    errors: tuple[str, ...]


def check(answer: Answer | None, error: Exception | None, now: datetime) -> bool:
    """Whether the answer has papers (True) or says that there is none (False).

    answer: None where there was none to the end, for which `error` is the reason. Raises `SourceDown` where
    it is neither, `Passing` where asking again may help.
    """
    if answer is None:
        raise Passing(_reason(error))
    if answer.status in _PASSING:
        raise Passing(f"it answered with status {answer.status}", hold(answer, now))
    feed = read_feed(answer.body)
    if feed is None and answer.status == _OK:
        raise Passing("its answer was no list of papers, or broke off")
    if feed is not None and any("incorrect id format" in each for each in feed.errors):
        return False
    if feed is not None and feed.errors:
        raise down(f"it did not take the question ({clip(one_line(feed.errors[0]), 80)})")
    if feed is None or answer.status != _OK:
        raise down(f"it answered with status {answer.status}")
    if feed.total and not feed.entries:
        raise Passing("it found something and did not send it")
    return feed.entries > 0


def read_feed(body: bytes) -> Feed | None:
    """Read an answer's outline; None where it is no Atom feed, or not all of one."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None
    try:
        root = ET.fromstring(body)  # noqa: S314 # without a DOCTYPE there are no entities to expand
    except (ET.ParseError, ValueError, LookupError):
        return None
    if root.tag != f"{_ATOM}feed":
        return None
    entries = root.findall(f"{_ATOM}entry")
    errors = [each for each in entries if "/api/errors" in (each.findtext(f"{_ATOM}id") or "")]
    total = (root.findtext(_TOTAL) or "").strip()
    return Feed(
        entries=len(entries),
        total=int(total) if _NUMBER.fullmatch(total) else 0,
        errors=tuple((each.findtext(f"{_ATOM}summary") or "no reason given").strip() for each in errors),
    )


def hold(answer: Answer, now: datetime) -> timedelta | None:
    """How long the answer's `Retry-After` asks us to wait: seconds or a date (RFC 9110, section 10.2.3)."""
    value = answer.headers.get("Retry-After", "").strip()
    if _NUMBER.fullmatch(value):
        return min(timedelta(seconds=int(value)), _LONGEST_HOLD) or None
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(until - now, _LONGEST_HOLD) if until > now else None


def _reason(error: Exception | None) -> str:
    if isinstance(error, TimeoutError | requests.Timeout):
        return "it did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "it cannot be reached"
    return "its answer broke off"


def down(reason: str) -> SourceDown:
    """The error for a failure that asking again at once would not help."""
    return SourceDown(_sentence(reason))


def nothing(paper_id: str, version: int | None) -> NoSuchPaper:
    """The error for a paper, or a version of it, that there is not."""
    what = f"paper {paper_id}" if version is None else f"version {version} of {paper_id}"
    return NoSuchPaper(f"arXiv has no {what}.")


def _sentence(reason: str) -> str:
    return f"arXiv cannot help just now: {reason}. Please try again in a few minutes."
