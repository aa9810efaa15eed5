"""One websocket of Socket Mode, from its hello until it ends."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from time import time
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

log = structlog.get_logger()

PATIENCE = 3.0
"""Seconds that an acknowledgement may take: as long as Slack waits for one."""

MUTE = 5.0
"""Seconds after which a server that says no hello is taken to be ready."""


class _Answering(AsyncBaseSocketModeClient):
    """Sends acknowledgements over the websocket that brought what they are for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.logger = logging.getLogger(__name__)
        self._socket = socket

    async def send_message(self, message: str) -> None:
        await self._socket.send_str(message)


class Line:
    """Reads a websocket and takes what comes to Bolt.

    ready: events come from now on. over: Slack wants another websocket opened, or this one has ended. reason: why it is
    over, in Slack's word if it gave one.
    """

    def __init__(self, app: AsyncApp, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._app = app
        self._socket = socket
        self._answering = _Answering(socket)
        self._answers: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()
        self.over = asyncio.Event()
        self.reason = ""
        self._reading = asyncio.create_task(self._read())

    async def ready(self) -> None:
        """Return once events come, or the line is over before any can."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MUTE):
                await self._ready.wait()

    async def end(self) -> None:
        """Let acknowledgements go out, then close the websocket."""
        if self._answers:
            await asyncio.wait(set(self._answers), timeout=PATIENCE)
        for task in self._answers:
            task.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        await self._socket.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            self.reason = self.reason or "closed"
            self._ready.set()
            self.over.set()

    def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            log.warning("Slack sent what is no message", length=len(text))
            return
        if message.get("type") == "disconnect":
            self.reason = str(message.get("reason") or "closed")
            self.over.set()
        elif message.get("type") != "hello":
            task = asyncio.create_task(self._answer(message))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)
        self._ready.set()

    async def _answer(self, message: dict[str, Any]) -> None:
        """Have Bolt take an envelope in, and acknowledge it."""
        try:
            request = SocketModeRequest.from_dict(message)
            if request is None:
                return
            began = time()
            response = await run_async_bolt_app(self._app, request)
            await send_async_response(self._answering, request, response, began)
        except (OSError, aiohttp.ClientError) as error:
            log.warning("an acknowledgement did not reach Slack", kind=message.get("type"), reason=str(error))
        except Exception:
            log.exception("an event was lost", kind=message.get("type"))
