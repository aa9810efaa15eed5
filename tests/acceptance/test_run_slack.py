"""The bot as a process on a Slack of its own: it comes up, posts, answers, and stops when told to, in both modes."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.adapters.slack.scopes import SCOPES
from bot.core.model import Channel, Newsletter, Schedule, Subscription
from bot.store import open_store
from tests.acceptance.shell import PATIENCE, run, variables
from tests.fakes.slack_server import SlackServer
from tests.world import MONDAY


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(server: SlackServer, mode: str, port: int, token: str) -> dict[str, str]:
    """The variables that point the bot at the server."""
    return {
        "BROADSHEET_SLACK__MODE": mode,
        "BROADSHEET_SLACK__API_URL": server.api_url,
        "BROADSHEET_SLACK__BOT_TOKEN": token,
        "BROADSHEET_SLACK__APP_TOKEN": server.app_token,
        "BROADSHEET_SLACK__SIGNING_SECRET": server.accounts.signing_secret,
        "BROADSHEET_SLACK__PORT": str(port),
    }


@asynccontextmanager
async def running(folder: Path, given: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env=variables(given),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_it_comes_up_posts_what_waits_answers_and_stops_when_told_to(tmp_path: Path, mode: str) -> None:
    """What a shell read in is posted, somebody's command is answered; SIGTERM ends it with exit code 0."""
    async with SlackServer(now=None) as server:
        town = server.state.workspace("Town", scopes=tuple(SCOPES))
        channel, reader = server.state.channel(town, "paper"), server.state.user(town, "Rosa")
        async with open_store(tmp_path / "broadsheet.sqlite") as store, store.transaction() as tx:
            made = await tx.newsletters.add(Newsletter(0, "The Paper", Schedule(0, MONDAY.time(), "UTC")))
            await tx.newsletters.subscribe(Subscription(made.id, Channel("slack", town.id, channel.id)))
        letter = tmp_path / "letter.md"
        letter.write_text(
            "# Our Letter #7\n\n## Papers\n\n### [A](https://example.org/a)\n\nWords.\n", encoding="utf-8"
        )
        assert (await run(tmp_path, "import", str(letter))).code == 0
        port = free_port()
        if mode == "http":
            server.delivery.address = f"http://127.0.0.1:{port}/slack/events"
        async with running(tmp_path, settings(server, mode, port, town.token)) as process:
            async with asyncio.timeout(PATIENCE):
                await server.until(lambda: len(server.calls("chat.postMessage")) == 2)
                if mode == "socket":
                    await server.socket.ready(1)
                asked = await server.type(town, channel, reader, "/issue")
                answer = await asked.answer(1)
            assert "Our Letter #7" in str(answer)
            head, *_ = server.messages(channel.id)
            assert len(server.messages(channel.id, head.ts)) == 1
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_wrong_token_is_one_line(tmp_path: Path) -> None:
    """It says what to do about it and ends, instead of trying for ever."""
    async with SlackServer(now=None) as server:
        server.state.workspace("Town")
        ended = await run(tmp_path, "run", settings=settings(server, "socket", 1, "xoxb-wrong"))
    assert (ended.code, ended.out) == (1, "")
    assert "slack.bot_token" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


async def test_the_manifest_is_printed_for_the_mode_and_the_prefix(tmp_path: Path) -> None:
    """It follows the settings, and says in one line what they lack."""
    plain = await run(tmp_path, "manifest", "slack")
    assert "socket_mode_enabled: true" in plain.out
    assert "- command: /paper" in plain.out
    given = {
        "BROADSHEET_SLACK__MODE": "http",
        "BROADSHEET_SLACK__COMMAND_PREFIX": "bs-",
        "BROADSHEET_SLACK__PUBLIC_URL": "https://paper.example.org",
    }
    prefixed = await run(tmp_path, "manifest", "slack", settings=given)
    assert "- command: /bs-paper" in prefixed.out
    assert "https://paper.example.org/slack/events" in prefixed.out
    lacking = await run(tmp_path, "manifest", settings={"BROADSHEET_SLACK__MODE": "http"})
    assert (lacking.code, lacking.out) == (1, "")
    assert "public_url" in lacking.err
