from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.fakes.slack_socket import NotAcknowledged
from tests.fakes.slack_town import Town, listening, town
from tests.fakes.slack_world import Json


async def test_signed_requests() -> None:
    """Commands and events come as requests that Bolt takes for Slack's."""
    async with town() as here, listening(here) as app:
        told: list[Json] = []

        async def note(body: Json) -> None:
            told.append(body)

        async def hello(ack: Any, command: Json) -> None:
            await ack({"text": f"Hello {command['text']}", "response_type": "in_channel"})

        app.event("reaction_added")(note)
        app.command("/hello")(hello)
        done = await here.server.type(here.workspace, here.channel, here.ada, "/hello", "all & sundry")
        assert done.answers[0]["text"] == "Hello all &amp; sundry"
        (message,) = here.server.messages(here.channel.id)
        await here.server.react(message, here.ada, "one")
        assert [each["event"]["reaction"] for each in told] == ["one"]


@pytest.mark.parametrize("wrong", ["secret", "time"])
async def test_requests_that_are_not_slacks(wrong: str) -> None:
    """Signed with another secret, or an old one sent again, a request is refused."""
    async with town() as here, listening(here):
        if wrong == "secret":
            here.server.accounts.signing_secret = "another"
        else:
            here.server.delivery.signed_at = lambda: time.time() - 600
        with pytest.raises(NotAcknowledged, match="http_error"):
            await here.server.type(here.workspace, here.channel, here.ada, "/hello")


@asynccontextmanager
async def door(here: Town, *answers: int | None) -> AsyncIterator[list[dict[str, str]]]:
    """An address that answers with these statuses in turn, or for None not at all; then with 200."""
    left, headers = list(answers), list[dict[str, str]]()

    async def take(request: web.Request) -> web.Response:
        headers.append({name: value for name, value in request.headers.items() if name.startswith("X-Slack-Retry")})
        status = left.pop(0) if left else 200
        if status is None and request.transport:
            request.transport.abort()
        stop = {"X-Slack-No-Retry": "1"} if status == 404 else {}
        return web.Response(status=status or 200, headers=stop)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.server.delivery.address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    here.server.delivery.patience = timedelta(seconds=5)
    try:
        yield headers
    finally:
        await runner.cleanup()


async def test_events_come_again() -> None:
    """One that is not taken comes again, up to three times, and says why."""
    async with town() as here, door(here, 500, None) as headers:
        await here.server.invite(here.channel)
        assert headers == [
            {},
            {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"},
            {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "connection_failed"},
        ]
        assert here.server.delivery.lost == []


async def test_events_that_are_given_up() -> None:
    """After three more tries, or where the answer asks for no more, an event is lost."""
    async with town() as here, door(here, 500, 500, 500, 500, 404) as headers:
        await here.server.invite(here.channel)
        await here.server.invite(here.channel)
        assert len(headers) == 5
        assert len(here.server.delivery.lost) == 2
