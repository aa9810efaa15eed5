"""Two workspaces and one process: from the click on "Add to Slack" to the first post, and out again and back."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from cryptography.fernet import Fernet

from tests.acceptance.shell import PATIENCE
from tests.acceptance.test_run_slack import free_port, running
from tests.fakes.slack_server import SlackServer
from tests.fakes.slack_world import Channel, User, Workspace


def settings(server: SlackServer, mode: str, port: int, key: str) -> dict[str, str]:
    """The variables for an app that workspaces install."""
    return {
        "BROADSHEET_SLACK__MODE": mode,
        "BROADSHEET_SLACK__API_URL": server.api_url,
        "BROADSHEET_SLACK__APP_TOKEN": server.app_token,
        "BROADSHEET_SLACK__SIGNING_SECRET": server.accounts.signing_secret,
        "BROADSHEET_SLACK__CLIENT_ID": server.accounts.client_id,
        "BROADSHEET_SLACK__CLIENT_SECRET": server.accounts.client_secret,
        "BROADSHEET_SLACK__ENCRYPTION_KEYS": f'["{key}"]',
        "BROADSHEET_SLACK__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BROADSHEET_SLACK__PORT": str(port),
        "BROADSHEET_LOG__LEVEL": "debug",
    }


async def listening(process: asyncio.subprocess.Process) -> bytes:
    """Return as soon as the pages can be opened, with what the process logged until then."""
    assert process.stderr
    log = b""
    while b"listening for Slack" not in log:
        line = await process.stderr.readline()
        assert line, log.decode()
        log += line
    return log


async def click(server: SlackServer, workspace: Workspace, port: int) -> str:
    """What a browser shows in the end to whoever installs the app in a workspace."""
    pages = f"http://127.0.0.1:{port}/slack"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{pages}/install") as answer:
            match = re.search(r'href="([^"]+)">Add to Slack<', await answer.text())
        assert match
        async with browser.get(f"{html.unescape(match[1])}&team={workspace.id}") as answer:
            assert answer.status == 200
            return await answer.text()


def people(server: SlackServer, name: str) -> tuple[Workspace, Channel, User]:
    """A workspace without the app; its channel has the id that the others' have."""
    workspace = server.state.workspace(name, installed=False)
    channel = server.state.channel(workspace, "the-paper")
    del workspace.channels[channel.id]
    channel.id = "C0PAPER"
    workspace.channels[channel.id] = channel
    return workspace, channel, server.state.user(workspace, "Ada", admin=True)


def posted(channel: Channel) -> Callable[[], bool]:
    """Whether one message is in the channel, each time that it is asked."""
    return lambda: len(channel.top()) == 1


def kept(folder: Path) -> bytes:
    """All that the process keeps."""
    return b"".join(each.read_bytes() for each in folder.iterdir())


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_from_the_click_to_the_first_post(tmp_path: Path, mode: str) -> None:
    """Each workspace gets its own ballot; one that goes is posted to no more until it comes back; no token shows."""
    port, key = free_port(), Fernet.generate_key().decode()
    async with SlackServer(now=None) as server, running(tmp_path, settings(server, mode, port, key)) as process:
        if mode == "http":
            server.delivery.address = f"http://127.0.0.1:{port}/slack/events"
        towns = [people(server, "Readers"), people(server, "Writers")]
        async with asyncio.timeout(PATIENCE):
            began = await listening(process)
            for workspace, channel, ada in towns:
                assert "Broadsheet is installed" in await click(server, workspace, port)
                if mode == "socket":
                    await server.socket.ready(1)
                done = await server.type(workspace, channel, ada, "/newsletter", f"setup name:{workspace.name}")
                assert f"{workspace.name} comes to this channel" in str(await done.answer())
            for workspace, channel, _ in towns:
                await server.until(posted(channel))
                assert workspace.name in str(channel.top()[0].blocks)
            workspace, channel, ada = towns[0]
            server.accounts.uninstall(workspace)
            await server.delivery.settled()
            left = workspace.token
            done = await server.type(towns[1][0], towns[1][1], towns[1][2], "/newsletter", "status")
            assert "Writers: status" in str(await done.answer())
            assert "Broadsheet is installed" in await click(server, workspace, port)
            assert workspace.token != left
            done = await server.type(workspace, channel, ada, "/newsletter", "status")
            answer = str(await done.answer())
            assert "Readers: status" in answer
            assert "removed from this community" not in answer
        process.terminate()
        _, log = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    for text in (kept(tmp_path), began + log):
        assert b"xoxb-" not in text
        assert server.accounts.client_secret.encode() not in text
    assert b"Traceback" not in log
