"""The loopback Slack's methods that read messages: histories, threads, reactions."""

from __future__ import annotations

import base64

from tests.fakes.slack_calls import Answer, Call
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Channel, Json, Message, Poverty, Refusal


class Reading:
    """Answers out of the state."""

    def __init__(self, state: State, poverty: Poverty) -> None:
        self.state = state
        self.poverty = poverty

    def methods(self) -> dict[str, Answer]:
        """What answers each method."""
        return {
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "reactions.get": self._reactions,
        }

    def _inside(self, call: Call) -> Channel:
        """The channel, in which the bot is."""
        channel = self.state.find_channel(call.workspace, call.text("channel"))
        call.need(channel.kind)
        if call.workspace.bot.id not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def _history(self, call: Call) -> Json:
        channel = self._inside(call)
        if self.poverty.ignores_paging:
            there = (each for each in channel.messages.values() if not each.deleted and each.seen_by is None)
            return self._everything(call, sorted(there, key=lambda each: each.ts, reverse=True))
        within = self._within(call, channel.top())
        forward = bool(call.arguments.get("oldest")) and not call.arguments.get("latest")
        # With nothing but an oldest, the pages begin there; each page has its newest message first all the same.
        page, cursor = self._page(call, within if forward else within[::-1], 100)
        if forward:
            page.reverse()
        return self._messages(call, page, cursor) | {"pin_count": 0}

    def _replies(self, call: Call) -> Json:
        channel = self._inside(call)
        parent = self.state.find_message(channel, call.ts("ts", "invalid_ts"), "thread_not_found")
        replies = [] if parent.is_reply else channel.thread(parent.ts)
        if self.poverty.ignores_paging:
            return self._everything(call, [parent, *replies])
        page, cursor = self._page(call, self._within(call, replies), 1000)
        # The message on top comes with every page.
        return self._messages(call, [parent, *page], cursor)

    def _everything(self, call: Call, messages: list[Message]) -> Json:
        return self._messages(call, messages, "again" if self.poverty.repeats_pages else "")

    def _within(self, call: Call, messages: list[Message]) -> list[Message]:
        bounds = [call.text(name, needed=False) for name in ("oldest", "latest")]
        for name, bound in zip(("oldest", "latest"), bounds, strict=True):
            if bound and not bound.replace(".", "", 1).isdigit():
                raise Refusal(f"invalid_ts_{name}")
        oldest, latest = (_micros(each) if each else None for each in bounds)
        inclusive = call.flag("inclusive")
        return [
            each
            for each in messages
            if (oldest is None or _micros(each.ts) > oldest or (inclusive and _micros(each.ts) == oldest))
            and (latest is None or _micros(each.ts) < latest or (inclusive and _micros(each.ts) == latest))
        ]

    def _page(self, call: Call, messages: list[Message], usual: int) -> tuple[list[Message], str]:
        limit = call.number("limit", usual, 1000)
        start, cursor = 0, call.text("cursor", needed=False)
        if cursor:
            after, falling = _decoded(cursor), len(messages) > 1 and messages[0].ts > messages[-1].ts
            start = sum(each.ts > after if falling else each.ts < after for each in messages)
        page = messages[start : start + limit]
        left = messages[start + limit :]
        return page, base64.b64encode(f"next_ts:{left[0].ts}".encode()).decode() if left else ""

    def _messages(self, call: Call, page: list[Message], cursor: str) -> Json:
        wants = call.flag("include_all_metadata")
        shown = [self.state.shown(each, metadata=wants) | self._reacted(each, full=False) for each in page]
        found: Json = {"messages": shown, "has_more": bool(cursor)}
        return found | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})

    def _reacted(self, message: Message, *, full: bool) -> Json:
        """A message's reactions; the count of each is right, even where not all its people are named."""
        if not message.reactions:
            return {}
        most = None if full else self.poverty.users_shown
        return {
            "reactions": [
                {"name": name, "users": users[:most], "count": len(users)} for name, users in message.reactions.items()
            ]
        }

    def _reactions(self, call: Call) -> Json:
        if not call.arguments.get("channel") or not call.arguments.get("timestamp"):
            raise Refusal("no_item_specified")
        channel = self.state.find_channel(call.workspace, call.text("channel"))
        message = self.state.find_message(channel, call.ts("timestamp", "bad_timestamp"))
        shown = self.state.shown(message) | self._reacted(message, full=call.flag("full"))
        return {"type": "message", "channel": channel.id, "message": shown}


def _micros(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    return int(seconds or 0) * 1_000_000 + int(f"{rest[:6]:0<6}")


def _decoded(cursor: str) -> str:
    try:
        kind, _, ts = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError:
        raise Refusal("invalid_cursor") from None
    if kind != "next_ts":
        raise Refusal("invalid_cursor")
    return ts
