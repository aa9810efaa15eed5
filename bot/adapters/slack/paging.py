"""Slack's answers page by page; reading ends on any server, also on one that gives every page again and again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from bot.adapters.slack.limits import PAGE
from bot.adapters.slack.wire import Wire


async def pages(
    wire: Wire, team: str, method: str, items: str, name: str, **arguments: Any
) -> AsyncIterator[list[dict[str, Any]]]:
    """The new ones of each page's items, which are known apart by `name`, until there are no more."""
    known: set[str] = set()
    cursors: set[str] = set()
    cursor: str | None = None
    while True:
        answer = await wire.ask(team, method, limit=PAGE, cursor=cursor, **arguments)
        there = answer.get(items)
        found = [each for each in there if isinstance(each, dict)] if isinstance(there, list) else []
        fresh = [each for each in found if str(each.get(name)) not in known]
        yield fresh
        known.update(str(each.get(name)) for each in fresh)
        cursor = _next(answer)
        if not fresh or not cursor or cursor in cursors:
            return
        cursors.add(cursor)


def _next(answer: dict[str, Any]) -> str:
    metadata = answer.get("response_metadata")
    cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
    return cursor if isinstance(cursor, str) else ""
