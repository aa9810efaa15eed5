"""Slack over HTTP: its signed requests, the pages of "Add to Slack", and a sign of health."""

from __future__ import annotations

import errno
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk import signature

from bot.adapters.slack import paths
from bot.adapters.slack.oauth import OAuth
from bot.core.errors import BroadsheetError
from bot.core.ports import Clock

log = structlog.get_logger()

LARGEST = 1024 * 1024
"""Bytes of a request that are read: Slack's own are far smaller."""

PATIENCE = 3.0
"""Seconds that requests under way have to end when the server stops: as long as Slack waits for an answer."""


class _Seconds(signature.Clock):
    """Our clock, as slack_sdk asks for the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class Requests:
    """Takes Slack's requests to Bolt, once their signature has shown that they are Slack's, and recent."""

    def __init__(self, app: AsyncApp, signing_secret: str, clock: Clock) -> None:
        self._app = app
        self._verifier = signature.SignatureVerifier(signing_secret, _Seconds(clock))

    async def take(self, request: web.Request) -> web.Response:
        """Answer one request."""
        body = await request.read()
        if not self._is_slacks(request, body):
            return web.json_response({"error": "invalid request"}, status=HTTPStatus.UNAUTHORIZED)
        try:
            asked = AsyncBoltRequest(
                body=body.decode(),
                query=request.query_string,
                headers={name: request.headers.getall(name) for name in request.headers},
            )
        except ValueError:
            return web.json_response({"error": "unreadable request"}, status=HTTPStatus.BAD_REQUEST)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _is_slacks(self, request: web.Request, body: bytes) -> bool:
        """Whether the signature is good; slack_sdk trips over headers that cannot be."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signed = request.headers.get("X-Slack-Signature", "")
        if not re.fullmatch("[0-9]{1,12}", timestamp) or not re.fullmatch("v0=[0-9a-f]{64}", signed):
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signed)
        except UnicodeDecodeError:
            return False


def make_server(requests: Requests | None, oauth: OAuth | None) -> web.Application:
    """The server's pages: those for Slack where there is a Bolt app, those for people where there is OAuth."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    server = web.Application(client_max_size=LARGEST)
    server.add_routes([web.get(paths.HEALTH, health)])
    if requests is not None:
        server.add_routes([web.post(paths.EVENTS, requests.take)])
    if oauth is not None:
        server.add_routes(oauth.routes())
    return server


@asynccontextmanager
async def serving(server: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve while the block runs; yields the address.

    port: 0 takes any free one. Raises `BroadsheetError` where the port is not to be had.
    """
    # Slack compresses nothing, and what others compress may be far larger than it looks.
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=PATIENCE, auto_decompress=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            taken = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise BroadsheetError(f"Port {port} on {host} {taken}: set slack.port to another.") from error
        address = f"http://{f'[{host}]' if ':' in host else host}:{runner.addresses[0][1]}"
        log.info("listening for Slack", address=address)
        yield address
    finally:
        await runner.cleanup()
