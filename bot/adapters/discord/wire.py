"""Requests to Discord through discord.py, which names routes and keeps to their rate limits; the outbox tries again.

discord.py would wait for as long as Discord asks, and repeat what met a fault for half a minute, whether or not it can
be repeated safely. Here both come back at once as errors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.adapters.discord.failures import ARCHIVED, EDITS_USED_UP, FAULT, TOO_MANY, GloballyLimited, code, failure
from bot.core.errors import ChannelGone, SendLater, Undeliverable

LONGEST = 25.0
"""Seconds that Discord has for an answer: three, as a message in a new thread needs, fit into a delivery's lease."""

OVERDUE = 45.0
"""Seconds after which a request is given up that waits its turn: more than the 30 after which discord.py looks whether
a turn has come that nobody told of, as where a request was given up in the moment of its end."""

PATIENCE = 3.0
"""Seconds that a rate limit is waited for on the spot."""

NONSENSE = "Discord's answer makes no sense."

NOT_YET = "The bot has not logged in to Discord yet."

_BROKEN = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    # What discord.py lets through of an answer that is no proper JSON, and of a client that was closed.
    ValueError,
    LookupError,
    RuntimeError,
)


class Wire:
    """Asks Discord, as a client that has logged in."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    @property
    def me(self) -> str:
        """The bot's own user id."""
        if self._client.user is None:
            raise SendLater(NOT_YET)
        return str(self._client.user.id)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
        posts: bool = False,
        thread: bool = False,
        **ids: str,
    ) -> Any:
        """Discord's answer, decoded; the path is a route of Discord's documentation, `ids` what stands in its braces.

        posts: the request may leave something behind even when it fails. thread: its channel is a thread, which is
        opened again if Discord has put it away. Raises the core's errors.
        """
        request = partial(self._once, method, path, body=body, query=query, posts=posts, thread=thread, **ids)
        try:
            return await request()
        except Undeliverable as error:
            if not thread or code(error) != ARCHIVED:
                raise
            await self._open_again(ids["channel_id"], error)
        return await request()

    async def _open_again(self, thread: str, refusal: Undeliverable) -> None:
        """Take a thread out of the archive; raises the refusal that it is for where that is refused too."""
        path = "/channels/{channel_id}"
        try:
            await self._once("PATCH", path, body={"archived": False}, thread=True, channel_id=thread)
        except (Undeliverable, ChannelGone):
            raise refusal from refusal.__cause__

    async def _once(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
        posts: bool = False,
        thread: bool = False,
        **ids: str,
    ) -> Any:
        if self._client.user is None:
            raise SendLater(NOT_YET)
        options: dict[str, Any] = {"timeout": aiohttp.ClientTimeout(total=LONGEST)}
        options |= {} if body is None else {"json": body}
        options |= {} if query is None else {"params": query}
        try:
            async with asyncio.timeout(OVERDUE):
                route = Route(method, path, **ids)
                return await self._client.http.request(route, raise_for_status=_at_once, **options)
        except _BROKEN as error:
            raise failure(error, uncertain=posts, thread=thread) from error

    async def one(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """An answer that has to be an object."""
        answer = await self.ask(method, path, **options)
        posts = options.get("posts", False)
        if not isinstance(answer, dict) or (posts and "id" not in answer):
            raise SendLater(NONSENSE, uncertain=posts)
        return answer

    async def many(self, method: str, path: str, **options: Any) -> list[dict[str, Any]]:
        """An answer that has to be a list."""
        answer = await self.ask(method, path, **options)
        if not isinstance(answer, list):
            raise SendLater(NONSENSE)
        return answer


async def _at_once(response: aiohttp.ClientResponse) -> None:
    """Raise what discord.py would wait for and try again."""
    if response.status >= FAULT:
        raise discord.DiscordServerError(response, await response.text(errors="replace"))
    if response.status == TOO_MANY and response.headers.get("Via"):
        data = await response.json(content_type=None)
        wait = data.get("retry_after") if isinstance(data, dict) else None
        if wait is None or data.get("code") == EDITS_USED_UP:
            raise discord.HTTPException(response, data)
        if wait > PATIENCE:
            raise GloballyLimited(wait) if data.get("global") else discord.RateLimited(wait)
