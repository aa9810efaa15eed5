"""A loopback Slack with people in it, and Slack's own libraries talking to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_server import SlackServer
from tests.fakes.slack_world import Json


class Town:
    """A server with a workspace, a channel with the bot in it, two people, and a client with the bot's token."""

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.workspace = server.state.workspace()
        self.channel = server.state.channel(self.workspace)
        self.ada = server.state.user(self.workspace, "Ada", admin=True)
        self.ben = server.state.user(self.workspace, "Ben", locale="ja-JP")
        self.client = self.with_token(self.workspace.token)

    def with_token(self, token: str | None) -> AsyncWebClient:
        """A client that tries nothing twice."""
        return AsyncWebClient(token, self.server.api_url, retry_handlers=[])

    async def post(self, text: str = "Good morning", **arguments: Any) -> str:
        """Post a message into the channel; returns its ts."""
        answer = await self.client.chat_postMessage(channel=self.channel.id, text=text, **arguments)
        return str(answer["ts"])


@asynccontextmanager
async def town(**modes: Any) -> AsyncIterator[Town]:
    """A loopback Slack in these modes."""
    async with SlackServer(**modes) as server:
        yield Town(server)


@asynccontextmanager
async def connected(here: Town, app: AsyncApp | None = None) -> AsyncIterator[AsyncApp]:
    """Bolt, connected to the server by Socket Mode."""
    app = app or AsyncApp(client=here.client)
    handler = AsyncSocketModeHandler(app, here.server.app_token, ping_interval=0.05, web_client=here.client)
    before = len(here.server.socket.connections)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it so
    try:
        await here.server.socket.ready(before + 1)
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # as above


@asynccontextmanager
async def listening(here: Town) -> AsyncIterator[AsyncApp]:
    """Bolt, behind an address that the server sends signed requests to."""
    app = AsyncApp(client=here.client, signing_secret=here.server.accounts.signing_secret)
    runner = web.AppRunner(app.web_app("/slack/events"), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.server.delivery.address = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield app
    finally:
        await runner.cleanup()


async def refused(call: Awaitable[Any]) -> Json:
    """What a call that is refused is answered with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


async def error(call: Awaitable[Any]) -> str:
    """The name of the error that a call is answered with."""
    return str((await refused(call))["error"])


def section(text: str, **rest: Any) -> Json:
    """A block with a text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **rest}


def button(label: str = "Press", **rest: Any) -> Json:
    """A button."""
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": "press", **rest}


def actions(*elements: Json) -> Json:
    """A block of elements."""
    return {"type": "actions", "elements": list(elements)}


def asks(label: str, element: Json, **rest: Any) -> Json:
    """A block that asks for something; its block_id is its label in small letters."""
    labelled = {"type": "plain_text", "text": label}
    return {"type": "input", "block_id": label.lower(), "label": labelled, "element": element, **rest}


def modal(*blocks: Json, **rest: Any) -> Json:
    """A view with a title and a button to send it."""
    texts = {name: {"type": "plain_text", "text": name.title()} for name in ("title", "submit")}
    return {"type": "modal", **texts, "blocks": list(blocks), **rest}
