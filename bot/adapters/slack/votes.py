"""The reactions on a message as Slack tells them, from whichever of its methods is to be had."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.adapters.slack import emojis
from bot.adapters.slack.failures import absent, code, limited
from bot.adapters.slack.paging import pages
from bot.adapters.slack.places import Place
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError, ChannelGone, MessageGone, SendLater, Undeliverable

UNTOLD = "Slack does not tell everybody who voted."

_SECOND = 1_000_000
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{6}")

_NOT_TO_BE_HAD = frozenset({"missing_scope", "no_permission", "access_denied"})

Reactions = list[dict[str, Any]]


class Ledger:
    """Reads reactions."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, where: Place) -> Mapping[str, frozenset[str]]:
        """The users behind each emoji that the bot knows.

        reactions.get tells all. A history cuts long lists of users short, and says so by the count alone: where nothing
        tells more, waiting would not help, so this raises an error that is no `SendLater`.
        """
        found = await self._got(where)
        if found is None or not _complete(found):
            found = await self._in_history(where)
        if not _complete(found):
            raise BroadsheetError(UNTOLD)
        return _folded(found)

    async def _got(self, where: Place) -> Reactions | None:
        try:
            answer = await self._wire.ask(
                where.team, "reactions.get", channel=where.channel, timestamp=where.ts, full=True
            )
        except BroadsheetError as error:
            # A server that lacks the method has many ways to say so.
            told = isinstance(error, ChannelGone | MessageGone) or limited(error)
            if told and code(error) not in _NOT_TO_BE_HAD:
                raise
            return None
        message = answer.get("message")
        return _of(message) if isinstance(message, dict) else None

    async def _in_history(self, where: Place) -> Reactions:
        message = await self._message(where)
        found = _of(message)
        # Below a ballot there are the bot's own at least: a history without any leaves reactions out.
        if not message.get("reactions"):
            raise BroadsheetError(UNTOLD)
        return found

    async def _message(self, where: Place) -> dict[str, Any]:
        """The message; raises `MessageGone` only where no way of asking finds it, as its votes would be lost."""
        before, after = _around(where.ts)
        bounds: dict[str, Any] = {"channel": where.channel, "oldest": before, "latest": after, "inclusive": True}
        if where.thread is None:
            found = await self._look(where, "conversations.history", **bounds)
            if found is not None:
                return found
            bounds = {"channel": where.channel}
        try:
            found = await self._look(where, "conversations.replies", ts=where.thread or where.ts, **bounds)
        except BroadsheetError as error:
            if where.thread is not None or not (isinstance(error, MessageGone | Undeliverable) or absent(error)):
                raise
            found = None
        if found is None:
            raise MessageGone("The message has been deleted on Slack.")
        return found

    async def _look(self, where: Place, method: str, **asked: Any) -> dict[str, Any] | None:
        async for found in pages(self._wire, where.team, method, "messages", "ts", **asked):
            for each in found:
                if each.get("ts") == where.ts:
                    return each
        return None


def _around(ts: str) -> tuple[str, str]:
    """The moments just before and after a message: between them it is found also where bounds are left out."""
    if not _TS.fullmatch(ts):
        return ts, ts
    micros = int(ts.replace(".", ""))
    return _written(micros - 1), _written(micros + 1)


def _written(micros: int) -> str:
    return f"{micros // _SECOND}.{micros % _SECOND:06d}"


def _of(message: Mapping[str, Any]) -> Reactions:
    found = message.get("reactions")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SendLater("Slack's answer makes no sense.")
    return [each for each in found if emojis.emoji(str(each.get("name"))) is not None]


def _users(reaction: Mapping[str, Any]) -> frozenset[str]:
    users = reaction.get("users")
    return frozenset(map(str, users)) if isinstance(users, list) else frozenset()


def _complete(found: Reactions) -> bool:
    """Whether each emoji has all its users by it: as many as it counts."""
    return all(isinstance(each.get("users"), list) and len(_users(each)) >= _count(each) for each in found)


def _count(reaction: Mapping[str, Any]) -> int:
    count = reaction.get("count")
    return count if isinstance(count, int) else 0


def _folded(found: Reactions) -> Mapping[str, frozenset[str]]:
    """The users by emoji, whatever skin tones they chose."""
    folded: dict[str, frozenset[str]] = {}
    for each in found:
        emoji = emojis.emoji(str(each.get("name")))
        if emoji is not None:
            folded[emoji] = folded.get(emoji, frozenset()) | _users(each)
    return folded
