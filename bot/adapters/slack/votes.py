"""The reactions on a message as Slack tells them, from whichever of its methods is to be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters.slack import emojis
from bot.adapters.slack.failures import ABSENT, code, status
from bot.adapters.slack.paging import pages
from bot.adapters.slack.places import Place
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError, MessageGone, SendLater

CUT_SHORT = "Slack does not tell everybody who voted just now."

_NOT_TO_BE_HAD = frozenset(
    {
        *("unknown_method", "method_deprecated", "deprecated_endpoint", "method_not_supported_for_channel_type"),
        *("missing_scope", "not_allowed_token_type", "no_permission", "access_denied", "enterprise_is_restricted"),
    }
)

Reactions = list[dict[str, Any]]


class Ledger:
    """Reads reactions."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, where: Place) -> Mapping[str, frozenset[str]]:
        """The users behind each emoji that the bot knows; raises `SendLater` where Slack does not tell all of them.

        reactions.get tells all. A history cuts long lists of users short, and says so by the count alone.
        """
        found = await self._got(where)
        if found is None or not _complete(found):
            found = await self._in_history(where)
        if not _complete(found):
            raise SendLater(CUT_SHORT)
        return _folded(found)

    async def _got(self, where: Place) -> Reactions | None:
        try:
            answer = await self._wire.ask(
                where.team, "reactions.get", channel=where.channel, timestamp=where.ts, full=True
            )
        except BroadsheetError as error:
            if code(error) in _NOT_TO_BE_HAD or status(error) in ABSENT:
                return None
            raise
        return _of(answer.get("message"))

    async def _in_history(self, where: Place) -> Reactions:
        bounds: dict[str, Any] = {"channel": where.channel, "oldest": where.ts, "latest": where.ts, "inclusive": True}
        method = "conversations.history" if where.thread is None else "conversations.replies"
        bounds |= {} if where.thread is None else {"ts": where.thread}
        async for found in pages(self._wire, where.team, method, "messages", "ts", **bounds):
            for each in found:
                if each.get("ts") == where.ts:
                    return _of(each)
        raise MessageGone("The message has been deleted on Slack.")


def _of(message: Any) -> Reactions:
    found = message.get("reactions") if isinstance(message, dict) else None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SendLater("Slack's answer makes no sense.")
    return [each for each in found if emojis.emoji(str(each.get("name"))) is not None]


def _users(reaction: Mapping[str, Any]) -> frozenset[str]:
    users = reaction.get("users")
    return frozenset(map(str, users)) if isinstance(users, list) else frozenset()


def _complete(found: Reactions) -> bool:
    counts = (each.get("count") for each in found)
    return all(
        not isinstance(count, int) or len(_users(each)) >= count for count, each in zip(counts, found, strict=True)
    )


def _folded(found: Reactions) -> Mapping[str, frozenset[str]]:
    """The users by emoji, whatever skin tones they chose."""
    folded: dict[str, frozenset[str]] = {}
    for each in found:
        emoji = emojis.emoji(str(each.get("name")))
        if emoji is not None:
            folded[emoji] = folded.get(emoji, frozenset()) | _users(each)
    return folded
