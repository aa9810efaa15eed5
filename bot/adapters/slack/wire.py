"""Calls of Slack's Web API by a workspace's own token; what goes wrong comes back as an error that the core knows."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.connection import ONCE, Connection
from bot.adapters.slack.failures import failure
from bot.adapters.slack.installations import Installation, Installations
from bot.core.errors import ChannelGone, SendLater
from bot.core.ports import Clock

LONGEST = 40.0
"""Seconds that a call may take with its repeats: two of them fit into a delivery's time."""

MOST_CLIENTS = 500

NOT_INSTALLED = (
    "The bot is not installed in that Slack workspace any more: install it again, then start again in the channel "
    "with /newsletter setup."
)

_BROKEN = (
    SlackClientError,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    # What slack_sdk lets through of an answer that is no JSON, or JSON of another shape.
    ValueError,
    LookupError,
    AttributeError,
)


class Wire:
    """Asks Slack, as the bot that is installed in a workspace."""

    def __init__(self, installations: Installations, clock: Clock, connection: Connection) -> None:
        self.clock = clock
        self._installations = installations
        self._connection = connection
        self._clients: dict[str, AsyncWebClient] = {}

    async def installation(self, team: str) -> Installation:
        """The bot in this workspace; raises `ChannelGone` where it is not installed any more."""
        found = await self._installations.get(team)
        if found is None:
            raise ChannelGone(NOT_INSTALLED)
        return found

    async def ask(self, team: str, method: str, posts: bool = False, **arguments: Any) -> dict[str, Any]:
        """Slack's answer to one call, by the name that Slack gives the method.

        posts: the call may leave something behind even when it fails. Raises the core's errors.
        """
        # By slack_sdk's own method, which knows whether Slack wants a query or JSON.
        call = getattr(self._client((await self.installation(team)).token), method.replace(".", "_"))
        uncertain = posts or method in ONCE
        try:
            async with asyncio.timeout(LONGEST):
                answer = await call(**arguments)
            data = answer.data
        except _BROKEN as error:
            raise failure(error, uncertain=uncertain) from error
        if not isinstance(data, dict):
            raise SendLater("Slack's answer makes no sense.", uncertain=uncertain)
        return data

    def _client(self, token: str) -> AsyncWebClient:
        client = self._clients.get(token)
        if client is None:
            if len(self._clients) >= MOST_CLIENTS:
                self._clients.clear()
            client = self._clients[token] = self._connection.client(token)
        return client
