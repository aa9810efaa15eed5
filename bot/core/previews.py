"""What was read in, kept while an editor looks at it: nothing of it is an issue before they say so."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.errors import Refused
from bot.core.feeds import FeedAnswer, Found
from bot.core.model import Newsletter
from bot.core.parsed import ParsedHighlight, ParsedIssue, ParsedItem, ParsedSection
from bot.core.ports import Transaction

LIFE = timedelta(minutes=30)
"""So long a preview waits for its editor; the process may stop and start meanwhile."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Issues that were read in, the latest first, and the feed that they came from: its address, title and entries."""

    issues: tuple[ParsedIssue, ...]
    feed: str = ""
    title: str = ""
    entries: tuple[str, ...] = ()


async def keep_preview(tx: Transaction, newsletter: Newsletter, found: Found, now: datetime) -> str:
    """Keep what was found, and delete what nobody came for; returns the key that it is taken by."""
    await tx.previews.forget(now - LIFE)
    key = secrets.token_hex(6)
    await tx.previews.put(newsletter.id, key, now, _dump(found.issues, found.feed))
    return key


async def take_preview(tx: Transaction, newsletter: Newsletter, key: str, now: datetime) -> Preview:
    """The preview of a key, once; raises `Refused` for one that is gone."""
    await tx.previews.forget(now - LIFE)
    content = await tx.previews.take(newsletter.id, key)
    if content is None:
        raise Refused("That preview is gone: it was posted already, or half an hour is over. Import it again.")
    return _load(content)


def _dump(issues: Sequence[ParsedIssue], feed: FeedAnswer | None) -> str:
    entries = [each.id for each in feed.entries] if feed else []
    kept = {
        "issues": [asdict(each) for each in issues],
        "feed": feed.url if feed else "",
        "title": feed.title if feed else "",
        "entries": entries,
    }
    return json.dumps(kept, ensure_ascii=False, default=date.isoformat)


def _load(content: str) -> Preview:
    kept = _with_tuples(json.loads(content))
    return Preview(tuple(map(_issue, kept["issues"])), kept["feed"], kept["title"], kept["entries"])


def _with_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_with_tuples, value))
    return {name: _with_tuples(each) for name, each in value.items()} if isinstance(value, dict) else value


def _issue(kept: Mapping[str, Any]) -> ParsedIssue:
    parts = {
        "highlights": tuple(ParsedHighlight(**each) for each in kept["highlights"]),
        "sections": tuple(ParsedSection(**each) for each in kept["sections"]),
        "items": tuple(ParsedItem(**each) for each in kept["items"]),
        "dated": date.fromisoformat(kept["dated"]) if kept["dated"] else None,
    }
    return ParsedIssue(**{**kept, **parts})
