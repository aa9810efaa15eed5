from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from cryptography.fernet import Fernet
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from structlog.testing import capture_logs

from bot.adapters.slack import paths
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.installations import Installation, Installations, ManyWorkspaces, OneWorkspace
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.quiet import fold, quietly
from bot.adapters.slack.refusals import SlackRefused
from bot.adapters.slack.running import FIRST_PAUSE, run
from bot.adapters.slack.scopes import SCOPES
from bot.adapters.slack.underway import finishing
from bot.adapters.slack.vault import Vault
from bot.core.errors import SendLater
from tests.adapters.slack.bolt import Told
from tests.adapters.slack.keeping import FakeKeep
from tests.fakes.clock import FakeClock
from tests.fakes.slack_faults import Fault
from tests.fakes.slack_server import SlackServer

MANY = SlackOptions(
    app_token="xapp",
    signing_secret="signed",
    client_id="1.2",
    client_secret="secret",
    encryption_keys=(Fernet.generate_key().decode(),),
    public_url="https://paper.example.org",
)


def options_for(server: SlackServer, **options: Any) -> SlackOptions:
    """The options for this Slack, on a port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    accounts = server.accounts
    return replace(
        SlackOptions(
            api_url=server.api_url,
            app_token=server.app_token,
            signing_secret=accounts.signing_secret,
            client_id=accounts.client_id,
            client_secret=accounts.client_secret,
            encryption_keys=MANY.encryption_keys,
            public_url="http://paper.test",
            port=port,
        ),
        **options,
    )


@asynccontextmanager
async def running(
    server: SlackServer, told: Told, options: SlackOptions, installations: Installations, clock: FakeClock | None = None
) -> AsyncIterator[asyncio.Task[None]]:
    """The adapter at work, until the block ends."""
    clock = clock or FakeClock(hurried=True)
    server.delivery.signed_at = lambda: clock.now().timestamp()
    server.delivery.address = f"http://127.0.0.1:{options.port}{paths.EVENTS}" if options.mode == "http" else None
    work = run(told.app(), options, installations, told.house(), Connection(server.api_url), clock)
    task = asyncio.create_task(work)
    begun = asyncio.create_task(told.until(lambda: bool(told.returns)))
    try:
        await asyncio.wait({task, begun}, return_when=asyncio.FIRST_COMPLETED)
        await (begun if begun.done() else task)
        yield task
    finally:
        task.cancel()
        begun.cancel()
        await asyncio.gather(task, begun, return_exceptions=True)


def one(server: SlackServer, token: str) -> OneWorkspace:
    """The workspace of a token from the settings."""
    return OneWorkspace(token, Connection(server.api_url))


async def many(server: SlackServer, *teams: str) -> ManyWorkspaces:
    """Workspaces that installed the app."""
    found = ManyWorkspaces(FakeKeep(), Vault(MANY.encryption_keys))
    for team in teams:
        await found.add(Installation(team, f"xoxb-{team}", "U1", "B1"))
    return found


async def test_a_socket_for_one_workspace() -> None:
    """Over a socket, ballots are read again at the start and each time the line comes back."""
    told = Told()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        options = options_for(server, bot_token=workspace.token)
        async with running(server, told, options, one(server, workspace.token)) as task:
            await server.socket.drop()
            await told.until(lambda: len(told.returns) >= 2)
            assert not task.done()
        assert set(told.returns) == {(workspace.id,)}
        assert server.socket.connections == []


async def test_http_for_many_workspaces() -> None:
    """Over HTTP, the ballots of every workspace are read again at the start, and requests are taken."""
    told = Told()
    told.go_on.set()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        channel, user = server.state.channel(workspace), server.state.user(workspace, "Ben")
        options = options_for(server, mode="http")
        async with running(server, told, options, await many(server, workspace.id, "T2")):
            assert told.returns == [(workspace.id, "T2")]
            await server.type(workspace, channel, user, "/paper", "1")
            assert told.commands == ["1"]
        assert server.socket.opened == 0


async def test_a_socket_for_many_workspaces() -> None:
    """With a socket too, workspaces can install the app: the pages are there, Slack's requests are not taken."""
    told = Told()
    async with SlackServer() as server:
        options = options_for(server)
        async with running(server, told, options, await many(server, "T1")), aiohttp.ClientSession() as browser:
            async with browser.get(f"http://127.0.0.1:{options.port}{paths.INSTALL}") as answer:
                assert "Add to Slack" in await answer.text()
            async with browser.post(f"http://127.0.0.1:{options.port}{paths.EVENTS}") as answer:
                assert answer.status == 404


async def test_what_listeners_do_is_done_before_the_end() -> None:
    """A listener that acknowledged and works on is let finish when the bot stops."""
    told = Told()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        channel, user = server.state.channel(workspace), server.state.user(workspace, "Ben")
        options = options_for(server, bot_token=workspace.token)
        async with running(server, told, options, one(server, workspace.token)) as task:
            await server.type(workspace, channel, user, "/paper", "1")
            task.cancel()
            await server.socket.until(lambda: not server.socket.connections)
            assert told.finished == []
            told.go_on.set()
            await asyncio.gather(task, return_exceptions=True)
            assert told.finished == ["1"]


async def test_a_listener_that_never_ends_is_stopped() -> None:
    """Nothing holds the bot up for longer than its patience."""
    told = Told()
    app = told.app()
    async with finishing(app, patience=0):
        body = {"command": "/paper", "text": "1", "team_id": "T1", "user_id": "U1"}
        await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert (told.commands, told.finished) == (["1"], [])


async def test_a_wrong_bot_token() -> None:
    """A token that Slack does not know ends in one sentence that says where to get the right one."""
    async with SlackServer() as server:
        server.state.workspace()
        options = options_for(server, bot_token="xoxb-wrong")
        told, wrong = Told(), one(server, "xoxb-wrong")
        with pytest.raises(SlackRefused, match="OAuth & Permissions"):
            await run(told.app(), options, wrong, told.house(), Connection(server.api_url), FakeClock())


async def test_slack_cannot_be_reached_at_the_start() -> None:
    """The bot waits for Slack to come back, and then begins."""
    told, clock = Told(), FakeClock(hurried=True)
    async with SlackServer() as server:
        workspace = server.state.workspace()
        server.script(*(Fault("auth.test", error="service_unavailable") for _ in range(3)))
        with capture_logs() as logs:
            async with running(
                server, told, options_for(server, bot_token=workspace.token), one(server, workspace.token), clock
            ):
                pass
    assert len([each for each in logs if each["event"] == "Slack does not say who we are"]) == 3
    assert clock.slept == [FIRST_PAUSE * 2**number for number in range(3)]


async def test_missing_scopes_are_named() -> None:
    """What the app may not do is one line of log, which says what to do about it."""
    told = Told()
    async with SlackServer() as server:
        granted = tuple(each for each in SCOPES if each not in ("reactions:read", "files:read"))
        workspace = server.state.workspace(scopes=granted)
        with capture_logs() as logs:
            async with running(
                server, told, options_for(server, bot_token=workspace.token), one(server, workspace.token)
            ):
                pass
    (line,) = [each for each in logs if "lacks scopes" in each["event"]]
    assert line["missing"] == "reactions:read, files:read"


async def test_ballots_that_cannot_be_read_again() -> None:
    """A recount that fails is logged, and the next return tries again; events are taken in all the while."""
    told = Told()
    async with SlackServer() as server:
        workspace = server.state.workspace()
        house, answers = told.house(), iter([SendLater("Slack is busy."), ValueError("bug"), None])

        async def returned(communities: Any) -> None:
            await told.house().returned(communities)
            error = next(answers, None)
            if error:
                raise error

        with capture_logs() as logs:
            work = run(
                told.app(),
                options_for(server, bot_token=workspace.token),
                one(server, workspace.token),
                replace(house, returned=returned),
                Connection(server.api_url),
                FakeClock(hurried=True),
            )
            task = asyncio.create_task(work)
            for number in (1, 2, 3):
                await told.until(lambda number=number: len(told.returns) >= number)  # type: ignore[misc]  # an int
                if number < 3:
                    await server.socket.ready()
                    await server.socket.drop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert len([each for each in logs if each["event"] == "ballots could not be read again"]) == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"app_token": ""}, "slack.app_token"),
        ({"mode": "http", "signing_secret": ""}, "slack.signing_secret"),
        ({"client_id": "", "public_url": ""}, "slack.client_id, slack.public_url"),
        ({"encryption_keys": ()}, "slack.encryption_keys"),
        ({"command_prefix": "Bs "}, "slack.command_prefix"),
    ],
)
def test_settings_that_are_missing(changes: dict[str, Any], named: str) -> None:
    """What the chosen mode needs and does not have is named, all of it at once."""
    MANY.check()
    replace(MANY, bot_token="xoxb", client_id="", encryption_keys=(), public_url="").check()
    with pytest.raises(SlackRefused, match=named):
        replace(MANY, **changes).check()


def test_options_show_no_secrets() -> None:
    """Whoever prints the options prints none of their secrets."""
    shown = repr(replace(MANY, bot_token="xoxb-1", proxy="http://me:pass@proxy"))
    assert not any(each in shown for each in ("xoxb-1", "xapp", "signed", "secret", *MANY.encryption_keys, "pass@"))


def test_the_libraries_log_in_single_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Advice on code and tracebacks of failing networks stay out of the log; a bug keeps its traceback."""
    log = logging.getLogger("slack_bolt.AsyncApp")
    with quietly():
        log.warning("Unhandled request\n---\n[Suggestion] %s", "Write a listener")
        refused = SlackApiError("Failed", {"ok": False})  # type: ignore[no-untyped-call]  # slack_sdk's own
        for error in (TimeoutError(), refused, KeyError("bug")):
            log.error("Failed to run listener function", exc_info=error)
    assert [each.getMessage() for each in caplog.records] == [
        "Unhandled request",
        "Failed to run listener function (TimeoutError)",
        "Failed to run listener function (Failed)",
        "Failed to run listener function",
    ]
    assert [each.exc_info is None for each in caplog.records] == [True, True, True, False]
    assert fold not in log.filters
