"""What people do with the bot in the loopback Slack, and what it answers them by response_url."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.fakes.slack_blocks import IN_MESSAGE, Fetch, problems
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Channel, Json, Message, User

LIVES, USES = timedelta(minutes=30), 5
"""How long and how often a response_url can be used."""


class Changes:
    """Lets tests wait until something holds, looked at whenever anything has happened."""

    def __init__(self) -> None:
        self._condition = asyncio.Condition()

    async def tell(self) -> None:
        """Have those who wait look again."""
        async with self._condition:
            self._condition.notify_all()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Return as soon as it holds; a test that waits for it in vain fails."""
        async with asyncio.timeout(10), self._condition:
            await self._condition.wait_for(holds)


@dataclass
class Interaction:
    """Something that a person did with the bot: what was sent, what it was acknowledged with, what was answered.

    `posts` are the bodies posted to its response_url; `answers` those and the acknowledgement, where that says
    something.
    """

    user: User
    channel: Channel | None
    original: Message | None
    at: datetime
    changes: Changes
    payload: Json = field(default_factory=dict)
    ack: Json | None = None
    posts: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)

    async def answer(self, number: int = 1) -> Json:
        """What the bot answered, as soon as it has so often."""
        await self.changes.until(lambda: len(self.answers) >= number)
        return self.answers[number - 1]


class Responses:
    """The addresses that the bot answers interactions at."""

    def __init__(self, state: State, changes: Changes, fetch: Fetch) -> None:
        self.state = state
        self.changes = changes
        self.fetch = fetch
        self.base = ""
        self.interactions: list[Interaction] = []
        self._by_number: dict[str, Interaction] = {}
        self._numbers = itertools.count(1)

    def begin(self, user: User, channel: Channel | None, original: Message | None = None) -> tuple[Interaction, str]:
        """A new interaction, and its response_url."""
        made = Interaction(user, channel, original, self.state.now(), self.changes)
        number = f"{user.team_id}-{next(self._numbers)}"
        self.interactions.append(made)
        self._by_number[number] = made
        return made, f"{self.base}/{number}"

    async def take(self, request: web.Request) -> web.Response:
        """Take in what the bot posts to a response_url."""
        found = self._by_number.get(request.match_info["number"])
        if found is None or found.channel is None:
            return web.Response(status=404, text="no_such_url")
        if self.state.now() - found.at > LIVES:
            return web.Response(status=404, text="expired_url")
        if len(found.posts) >= USES:
            return web.Response(status=404, text="used_url")
        body = await request.json()
        wrong = self._wrong(body)
        if wrong:
            return web.Response(status=400, text=wrong)
        found.posts.append(body)
        await self.say(found, body)
        return web.Response(text="ok")

    def _wrong(self, body: Json) -> str | None:
        if body.get("delete_original"):
            return None
        if not body.get("text") and not body.get("blocks"):
            return "no_text"
        broken = body.get("blocks") and list(problems(body["blocks"], "/blocks", IN_MESSAGE, self.fetch))
        return "invalid_blocks" if broken else None

    async def say(self, interaction: Interaction, body: Json) -> None:
        """Show what the bot answered: in place of the message, to everybody in the channel, or to the person alone."""
        original, channel = interaction.original, interaction.channel
        assert channel
        if original and body.get("delete_original"):
            original.deleted = True
        elif original and body.get("replace_original"):
            original.text = body.get("text") or ""
            original.blocks = self.state.numbered(body.get("blocks") or [])
            original.edits += 1
        else:
            workspace = self.state.workspaces[channel.team_id]
            seen_by = None if body.get("response_type") == "in_channel" else interaction.user.id
            self.state.say(
                channel,
                workspace.bot,
                body.get("text") or "",
                blocks=body.get("blocks"),
                seen_by=seen_by,
                thread_ts=body.get("thread_ts"),
                arguments=body,
            )
        interaction.answers.append(body)
        await self.changes.tell()
