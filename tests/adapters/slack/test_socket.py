from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.refusals import SlackRefused
from bot.adapters.slack.socket import FIRST_PAUSE, LONGEST_PAUSE, STEADY, Socket
from tests.adapters.slack.bolt import Told
from tests.fakes.clock import FakeClock
from tests.fakes.slack_faults import Fault, rate_limited
from tests.fakes.slack_server import SlackServer

OPEN = "apps.connections.open"


def socket_to(server: SlackServer, told: Told, clock: FakeClock, **options: Any) -> Socket:
    """The transport, which notes each time that events come again."""
    token = options.pop("app_token", server.app_token)

    def back() -> None:
        told.returns.append(())

    chosen = SlackOptions(api_url=server.api_url, app_token=token, **options)
    return Socket(told.app(), chosen, Connection(server.api_url), clock, back)


@asynccontextmanager
async def connected(
    server: SlackServer, told: Told, clock: FakeClock | None = None, **options: Any
) -> AsyncIterator[asyncio.Task[None]]:
    """The transport at work."""
    work = socket_to(server, told, clock or FakeClock(hurried=True), **options)
    task = asyncio.create_task(work.run())
    try:
        await server.socket.ready()
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, SlackRefused):
            await task


async def opened(server: SlackServer, number: int) -> None:
    """Return once so many connections were opened in all."""
    await server.socket.until(lambda: server.socket.opened == number)


def grows(pauses: Sequence[timedelta]) -> bool:
    """Whether each pause is half as long as it may be at least, and that doubles each time."""
    most = [min(LONGEST_PAUSE, FIRST_PAUSE * 2**number) for number in range(len(pauses))]
    return all(each / 2 <= pause.total_seconds() <= each for each, pause in zip(most, pauses, strict=True))


async def test_an_event_and_a_command_over_the_wire() -> None:
    """Events are acknowledged and heard, and a command's acknowledgement carries what the listener says at once."""
    told = Told()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        channel, user = server.state.channel(workspace), server.state.user(workspace, "Ben")
        message = server.state.say(channel, user, "Hello")
        async with connected(server, told):
            await server.react(message, user, "one")
            await told.until(lambda: len(told.events) == 1)
            asked = await server.type(workspace, channel, user, "/paper", "2103.06255")
            assert asked.ack == {"text": "Looking up 2103.06255"}
            assert told.commands == ["2103.06255"]
            told.go_on.set()
    assert told.events[0]["reaction"] == "one"
    assert server.delivery.lost == []
    assert len(told.returns) == 1


async def test_a_dropped_line_comes_back() -> None:
    """When the connection breaks another one is opened, and what was missed can be read again."""
    told = Told()
    async with SlackServer() as server, connected(server, told):
        with capture_logs() as logs:
            for number in (2, 3, 4):
                await server.socket.drop()
                await opened(server, number)
                await server.socket.ready()
        assert not [each for each in logs if each["log_level"] in ("error", "critical")]
    assert len(told.returns) >= 3


async def test_the_next_line_is_open_before_the_last_one_ends() -> None:
    """Slack's warning opens another connection while the first still takes events, which then ends by our doing."""
    told = Told()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        channel, user = server.state.channel(workspace), server.state.user(workspace, "Ben")
        message = server.state.say(channel, user, "Hello")
        async with connected(server, told):
            first = server.socket.connections[0]
            await server.socket.disconnect("warning")
            await server.react(message, user, "one")
            await server.socket.until(lambda: server.socket.opened == 2 and first not in server.socket.connections)
            await server.react(message, user, "two")
            await told.until(lambda: len(told.events) == 2)
            assert len(server.socket.connections) == 1
    assert server.delivery.lost == []


async def test_a_line_that_slack_renews() -> None:
    """A connection that Slack renews is replaced at once when it lasted, however often that happens."""
    told, clock = Told(), FakeClock()
    async with SlackServer() as server, connected(server, told, clock):
        for number in (2, 3, 4):
            clock.advance(STEADY)
            await server.socket.disconnect("refresh_requested")
            await opened(server, number)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(OPEN, error="invalid_auth"), "App-Level Tokens"),
        (Fault(OPEN, error="token_revoked"), "App-Level Tokens"),
        (Fault(OPEN, error="missing_scope"), "connections:write"),
    ],
)
async def test_a_token_that_will_not_do(fault: Fault, why: str) -> None:
    """A wrong token ends in one sentence that says where to get the right one, and is not tried again."""
    async with SlackServer() as server:
        server.script(fault)
        with pytest.raises(SlackRefused, match=why):
            await socket_to(server, Told(), FakeClock()).run()
        assert len(server.calls(OPEN)) == 1


async def test_the_bots_token_is_no_app_token() -> None:
    """Tokens that were swapped are told apart: xapp-… goes where xoxb-… was put."""
    async with SlackServer() as server:
        token = server.state.workspace().token
        with pytest.raises(SlackRefused, match="xapp-"):
            await socket_to(server, Told(), FakeClock(), app_token=token).run()


async def test_socket_mode_is_switched_off() -> None:
    """When an admin switches Socket Mode off, the bot says so instead of knocking for ever."""
    async with SlackServer() as server, connected(server, Told()) as task:
        await server.socket.disconnect("link_disabled")
        with pytest.raises(SlackRefused, match="switched off"):
            await asyncio.wait_for(task, 10)


async def test_troubles_are_waited_out() -> None:
    """Whatever goes wrong on the way to a line is tried again after growing pauses, and told of ever more rarely."""
    told, clock = Told(), FakeClock(hurried=True)
    async with SlackServer() as server:
        dead_end = json.dumps({"ok": True, "url": "ws://127.0.0.1:1/link"})
        server.script(
            Fault(OPEN, error="internal_error"),
            Fault(OPEN, 200, dead_end),
            Fault(OPEN, 200, json.dumps({"ok": True})),
            Fault(OPEN, 200, json.dumps({"ok": True, "url": f"{server.socket.url}?ticket=old"})),
            Fault(OPEN, 502, "<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
            Fault(OPEN, reset=True),
            Fault(OPEN, 200, "<html>", {"Content-Type": "application/json"}),
        )
        with capture_logs() as logs:
            async with connected(server, told, clock):
                pass
    warnings = [each for each in logs if each["event"] == "no line to Slack"]
    assert [each["tries"] for each in warnings] == [1, 2, 4]
    assert not any(each.get("exc_info") or "\n" in each["reason"] for each in warnings)
    assert len(clock.slept) == 7
    assert grows(clock.slept)


async def test_slack_asks_to_wait() -> None:
    """A rate limit is waited for as long as it says."""
    clock = FakeClock(hurried=True)
    async with SlackServer() as server:
        server.script(rate_limited(OPEN, 90))
        async with connected(server, Told(), clock):
            assert clock.slept == [timedelta(seconds=90)]


async def test_lines_that_do_not_last_are_not_opened_in_a_loop() -> None:
    """A server that says hello and hangs up is called on after growing pauses."""
    clock = FakeClock()
    async with SlackServer() as server, connected(server, Told(), clock):
        for number in (1, 2, 3):
            await opened(server, number)
            await server.socket.ready()
            await server.socket.drop()
            await clock.somebody_sleeps()
            clock.move_to(clock.sleepers[0])
        await server.socket.until(lambda: server.socket.opened == 4)
    assert grows(clock.slept)


async def test_a_silent_line_is_given_up() -> None:
    """A connection that answers no sign of life any more is replaced by another one."""
    told, first = Told(), asyncio.Event()
    async with SlackServer() as server:

        async def deaf(request: web.Request) -> web.StreamResponse:
            socket = web.WebSocketResponse(autoping=False)
            await socket.prepare(request)
            await socket.send_json({"type": "hello"})
            first.set()
            async for _ in socket:
                continue
            return socket

        async with _served(deaf) as address:
            server.script(Fault(OPEN, 200, json.dumps({"ok": True, "url": address})))
            async with connected(server, told, ping_interval=0.05):
                assert first.is_set()
    assert len(server.calls(OPEN)) == 2


async def test_a_server_that_says_no_hello() -> None:
    """The first envelope shows as well that events come."""
    told = Told()

    async def curt(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in ("no message", "[]", '{"type": "events_api"}', "[" * 10_000, '{"type": "other"}'):
            await socket.send_str(frame)
        payload = {"command": "/paper", "text": "1", "team_id": "T1", "user_id": "U1"}
        await socket.send_json({"type": "slash_commands", "envelope_id": "1", "payload": payload})
        ack = await socket.receive_json()
        assert ack == {"envelope_id": "1", "payload": {"text": "Looking up 1"}}
        await socket.receive()
        return socket

    told.go_on.set()
    async with SlackServer() as server, _served(curt) as address:
        server.script(Fault(OPEN, 200, json.dumps({"ok": True, "url": address})))
        task = asyncio.create_task(socket_to(server, told, FakeClock()).run())
        await told.until(lambda: told.commands == ["1"])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert told.returns == [()]


async def test_what_was_received_is_acknowledged_before_the_end() -> None:
    """Stopping does not cut an acknowledgement off that is on its way."""
    told = Told()
    told.go_on.set()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        channel, user = server.state.channel(workspace), server.state.user(workspace, "Ben")
        async with connected(server, told) as task:
            typed = asyncio.create_task(server.type(workspace, channel, user, "/paper", "1"))
            await told.until(lambda: told.commands == ["1"])
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (await typed).ack == {"text": "Looking up 1"}
        assert server.socket.connections == []


@asynccontextmanager
async def _served(handler: Any) -> AsyncIterator[str]:
    """Another server of websockets; yields its address."""
    app = web.Application()
    app.add_routes([web.get("/", handler)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
