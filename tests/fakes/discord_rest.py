"""The loopback Discord's REST routes: those that the adapter and discord.py's own login use."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.fakes.discord_state import PASSED_ON, State
from tests.fakes.discord_world import (
    FORUM,
    HISTORY,
    REACT,
    SEND,
    SEND_IN_THREADS,
    START_THREADS,
    THREADS,
    Channel,
    Message,
    Refusal,
)

Answer = dict[str, Any] | list[Any] | None
Handler = Callable[[web.Request], Awaitable[Answer]]

MESSAGES = "/channels/{channel}/messages"
MESSAGE = f"{MESSAGES}/{{message}}"
REACTIONS = f"{MESSAGE}/reactions/{{emoji}}"


class Rest:
    """Answers requests out of the state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Methods, paths and what answers them."""
        return [
            ("GET", "/channels/{channel}", self._channel),
            ("PATCH", "/channels/{channel}", self._change_channel),
            ("GET", MESSAGES, self._history),
            ("POST", MESSAGES, self._post),
            ("GET", MESSAGE, self._message),
            ("PATCH", MESSAGE, self._edit),
            ("DELETE", MESSAGE, self._delete),
            ("POST", f"{MESSAGE}/crosspost", self._crosspost),
            ("POST", f"{MESSAGE}/threads", self._thread_below),
            ("POST", "/channels/{channel}/threads", self._forum_post),
            ("GET", "/channels/{channel}/threads/archived/public", self._archived),
            ("PUT", f"{REACTIONS}/@me", self._react),
            ("GET", REACTIONS, self._reactors),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/guilds/{guild}/channels", self._channels),
            ("GET", "/guilds/{guild}/roles", self._roles),
            ("GET", "/guilds/{guild}/members/{user}", self._member),
            ("GET", "/guilds/{guild}/threads/active", self._active),
        ]

    def _here(self, request: web.Request, *needed: int) -> Channel:
        return self.state.seen(request.match_info["channel"], *needed)[1]

    def _that(self, request: web.Request, *needed: int) -> Message:
        return self.state.message(self._here(request, *needed), request.match_info["message"])

    def _awake(self, request: web.Request, *needed: int) -> Message:
        if self._here(request).archived:
            raise Refusal(400, 50083, "Thread is archived")
        return self._that(request, *needed)

    def _shown(self, message: Message) -> dict[str, Any]:
        return message.payload(self.state.bot.id)

    async def _channel(self, request: web.Request) -> Answer:
        return self._here(request).payload()

    async def _change_channel(self, request: web.Request) -> Answer:
        channel, body = self._here(request), await request.json()
        if channel.locked:
            raise Refusal(403, 50013, "Missing Permissions")
        channel.archived = self.state.now() if body.get("archived") else None
        return channel.payload()

    async def _history(self, request: web.Request) -> Answer:
        guild, channel = self.state.seen(request.match_info["channel"])
        limit = int(request.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Refusal(400, 50035, "Invalid Form Body")
        messages = self.state.history(guild, channel)
        after, before, around = (int(request.query.get(name, 0)) for name in ("after", "before", "around"))
        if after:
            # The oldest that come after it, and yet the newest of them first.
            messages = [each for each in messages if int(each.id) > after][:limit]
        elif around:
            messages = sorted(messages, key=lambda each: abs(int(each.id) - around))[:limit]
        else:
            messages = [each for each in messages if not before or int(each.id) < before][-limit:]
        return [self._shown(each) for each in sorted(messages, key=lambda each: int(each.id), reverse=True)]

    async def _post(self, request: web.Request) -> Answer:
        channel = self._here(request)
        if channel.kind == FORUM:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        self._here(request, SEND_IN_THREADS if channel.kind in THREADS else SEND)
        message = self.state.post(channel, await request.json())
        return self._shown(message) | ({"nonce": message.nonce} if message.nonce else {})

    async def _message(self, request: web.Request) -> Answer:
        return self._shown(self._that(request, HISTORY))

    async def _edit(self, request: web.Request) -> Answer:
        message = self._awake(request)
        self.state.edit(message, await request.json())
        return self._shown(message)

    async def _delete(self, request: web.Request) -> Answer:
        self.state.delete(self._that(request))
        return None

    async def _crosspost(self, request: web.Request) -> Answer:
        message = self._that(request, SEND)
        if message.body.get("flags", 0) & PASSED_ON:
            raise Refusal(400, 40033, "This message has already been crossposted")
        message.body["flags"] = message.body.get("flags", 0) | PASSED_ON
        return self._shown(message)

    async def _thread_below(self, request: web.Request) -> Answer:
        message = self._that(request, START_THREADS, HISTORY)
        body = await request.json()
        channel = self._here(request)
        if channel.kind in (FORUM, *THREADS):
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        return self.state.thread(channel, body["name"], body["auto_archive_duration"], message).payload()

    async def _forum_post(self, request: web.Request) -> Answer:
        forum, body = self._here(request, SEND), await request.json()
        if forum.kind != FORUM:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        if forum.flags & 16 and not body.get("applied_tags"):
            raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
        thread = self.state.thread(forum, body["name"], body["auto_archive_duration"])
        try:
            first = self.state.post(thread, body["message"])
        except Refusal:
            del self.state.guilds[forum.guild_id].channels[thread.id]
            raise
        # A post's first message has the post's own id.
        del thread.messages[first.id]
        first.id = thread.id
        thread.messages[first.id] = first
        return thread.payload() | {"message": self._shown(first)}

    async def _archived(self, request: web.Request) -> Answer:
        guild, forum = self.state.seen(request.match_info["channel"], HISTORY)
        before, limit = request.query.get("before"), int(request.query.get("limit", 50))
        found = sorted(self.state.threads(guild, forum, archived=True), key=_put_away, reverse=True)
        found = [each for each in found if before is None or _put_away(each) < datetime.fromisoformat(before)]
        return {"threads": [each.payload() for each in found[:limit]], "members": [], "has_more": len(found) > limit}

    async def _active(self, request: web.Request) -> Answer:
        guild = self._known(request)
        return {"threads": [each.payload() for each in self.state.threads(guild, archived=False)], "members": []}

    async def _react(self, request: web.Request) -> Answer:
        message = self._awake(request, HISTORY, REACT)
        emoji = request.match_info["emoji"]
        if emoji.isascii():
            raise Refusal(400, 10014, "Unknown Emoji")
        self.state.react(message, emoji, [self.state.bot])
        return None

    async def _reactors(self, request: web.Request) -> Answer:
        reaction = self._that(request, HISTORY).reactions.get(request.match_info["emoji"])
        if reaction is None:
            raise Refusal(400, 10014, "Unknown Emoji")
        sort = reaction.burst if request.query.get("type") == "1" else reaction.normal
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 25))
        if not 1 <= limit <= 100:
            raise Refusal(400, 50035, "Invalid Form Body")
        users = sorted((user for user in sort.values() if int(user.id) > after), key=lambda user: int(user.id))
        return [user.payload() for user in users[:limit]]

    def _known(self, request: web.Request) -> Any:
        guild = self.state.guilds.get(request.match_info["guild"])
        if guild is None:
            raise Refusal(404, 10004, "Unknown Guild")
        return guild

    async def _guild(self, request: web.Request) -> Answer:
        found: dict[str, Any] = self._known(request).payload(self.state.bot)
        return {name: value for name, value in found.items() if name not in {"channels", "threads", "members"}}

    async def _channels(self, request: web.Request) -> Answer:
        return [each.payload() for each in self._known(request).channels.values() if each.kind not in THREADS]

    async def _roles(self, request: web.Request) -> Answer:
        found: list[Any] = self._known(request).role_payloads()
        return found

    async def _member(self, request: web.Request) -> Answer:
        guild, user_id = self._known(request), request.match_info["user"]
        if user_id not in guild.members:
            raise Refusal(404, 10007, "Unknown Member")
        found: dict[str, Any] = guild.member_payload(guild.members[user_id])
        return found


def _put_away(thread: Channel) -> datetime:
    assert thread.archived is not None
    return thread.archived


def answer(value: Answer, status: int = 200) -> web.Response:
    """An answer as Discord sends it, whose type discord.py compares letter by letter."""
    if value is None:
        return web.Response(status=204)
    headers = {"Content-Type": "application/json", "Via": "1.1 google"}
    return web.Response(body=json.dumps(value).encode(), status=status, headers=headers)
