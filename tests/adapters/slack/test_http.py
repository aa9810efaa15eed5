from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.adapters.slack import paths
from bot.adapters.slack.http import LARGEST, Requests, make_server, serving
from bot.core.errors import BroadsheetError
from tests.adapters.slack.bolt import Told
from tests.fakes.clock import FakeClock
from tests.fakes.slack_server import SlackServer

JSON = {"Content-Type": "application/json"}


@dataclass
class Door:
    """Our server, a loopback Slack that brings things to it, and somebody else who tries to."""

    server: SlackServer
    address: str
    clock: FakeClock
    stranger: aiohttp.ClientSession

    async def post(self, body: bytes | BytesIO, headers: dict[str, str]) -> int:
        """Post a request; returns the answer's status."""
        async with self.stranger.post(self.address + paths.EVENTS, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status


@asynccontextmanager
async def door(told: Told) -> AsyncIterator[Door]:
    """Our server on loopback, with Slack's clock and ours in step."""
    clock = FakeClock()
    async with SlackServer() as server, aiohttp.ClientSession() as stranger:
        requests = Requests(told.app(), server.accounts.signing_secret, clock)
        async with serving(make_server(requests, None), "127.0.0.1", 0) as address:
            server.delivery.address = address + paths.EVENTS
            server.delivery.signed_at = lambda: clock.now().timestamp()
            yield Door(server, address, clock, stranger)


async def test_a_command_and_an_event_over_http() -> None:
    """Signed requests reach their listeners, and the answer carries the acknowledgement."""
    told = Told()
    async with door(told) as here:
        workspace = here.server.state.workspace()
        channel, user = here.server.state.channel(workspace), here.server.state.user(workspace, "Ben")
        message = here.server.state.say(channel, user, "Hello")
        asked = await here.server.type(workspace, channel, user, "/paper", "ü 1")
        assert asked.ack == {"text": "Looking up ü 1"}
        await here.server.react(message, user, "one")
        await told.until(lambda: len(told.events) == 1)
        assert here.server.delivery.lost == []
        told.go_on.set()


async def test_slack_checks_the_address() -> None:
    """Slack's challenge is answered, signed as it is; without the signature it is not."""
    body = b'{"type": "url_verification", "challenge": "3eZbrw1a"}'
    async with door(Told()) as here:
        headers = here.server.delivery.signed(body.decode()) | JSON
        async with here.stranger.post(here.address + paths.EVENTS, data=body, headers=headers) as answer:
            assert "3eZbrw1a" in await answer.text()
        assert await here.post(body, JSON) == 401


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Slack-Signature", "v0=" + "0" * 64),
        ("X-Slack-Signature", "v0=short"),
        ("X-Slack-Signature", "v0=" + "ü" * 64),
        ("X-Slack-Signature", ""),
        ("X-Slack-Request-Timestamp", "now"),
        ("X-Slack-Request-Timestamp", "-1"),
        ("X-Slack-Request-Timestamp", "9" * 400),
        ("X-Slack-Request-Timestamp", ""),
    ],
)
async def test_a_forged_request(header: str, value: str) -> None:
    """Whatever stands in place of Slack's signature or its time, nothing is heard of the request."""
    told = Told()
    body = b"command=/paper&text=1&team_id=T1&user_id=U1"
    async with door(told) as here:
        headers = here.server.delivery.signed(body.decode())
        assert await here.post(body, headers | {header: value}) == 401
        assert await here.post(body + b"2", headers) == 401
        assert told.commands == []


async def test_a_request_that_is_played_back() -> None:
    """A signed request that is older than five minutes is nobody's any more, and neither is one from the future."""
    told = Told()
    body = b"command=/paper&text=1&team_id=T1&user_id=U1"
    async with door(told) as here:
        headers = here.server.delivery.signed(body.decode())
        here.clock.advance(timedelta(minutes=5, seconds=1))
        assert await here.post(body, headers) == 401
        here.clock.advance(timedelta(minutes=-11))
        assert await here.post(body, headers) == 401
        assert told.commands == []


async def test_a_body_that_cannot_be_read() -> None:
    """Bytes that are no text, text that is no JSON, and far too much of either are answered, each with its status."""
    async with door(Told()) as here:
        signed = here.server.delivery.signed("{")
        assert await here.post(b"{", signed | JSON) == 400
        assert await here.post(b"\xff\xfe", signed) == 401
        assert await here.post(BytesIO(b"x" * (LARGEST + 1)), signed) == 413


async def test_a_compressed_body() -> None:
    """Slack compresses nothing: what somebody else has made small is not blown up to see whether it is signed."""
    async with door(Told()) as here:
        small = gzip.compress(b"x" * 100 * LARGEST)
        assert len(small) < LARGEST
        headers = here.server.delivery.signed("x") | {"Content-Encoding": "gzip"}
        assert await here.post(small, headers) == 401


async def test_health() -> None:
    """A balancer learns that the process answers; other addresses are nothing."""
    async with serving(make_server(None, None), "127.0.0.1", 0) as address, aiohttp.ClientSession() as browser:
        async with browser.get(address + paths.HEALTH) as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ok"})
        for path in (paths.EVENTS, paths.INSTALL, "/"):
            async with browser.get(address + path) as answer:
                assert answer.status == 404


async def test_a_port_that_is_taken() -> None:
    """Starting on somebody else's port is one sentence that names the setting."""
    async with serving(make_server(None, None), "127.0.0.1", 0) as address:
        port = urlsplit(address).port
        assert port
        with pytest.raises(BroadsheetError, match=r"is taken: set slack\.port"):
            async with serving(make_server(None, None), "127.0.0.1", port):
                pass


async def test_a_request_under_way_is_answered_before_the_end() -> None:
    """Stopping the server does not cut off what it is answering."""
    told = Told()
    told.go_on.set()
    async with SlackServer() as server:
        clock = FakeClock()
        workspace = server.state.workspace()
        channel, user = server.state.channel(workspace), server.state.user(workspace, "Ben")
        server.delivery.signed_at = lambda: clock.now().timestamp()
        requests = Requests(told.app(), server.accounts.signing_secret, clock)
        async with serving(make_server(requests, None), "127.0.0.1", 0) as address:
            server.delivery.address = address + paths.EVENTS
            typed = asyncio.create_task(server.type(workspace, channel, user, "/paper", "1"))
            await told.until(lambda: told.commands == ["1"])
        assert (await typed).ack == {"text": "Looking up 1"}
