from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_faults import Fault, broken, garbled, rate_limited, reset
from tests.fakes.slack_town import Town, error, town


def texts(here: Town) -> list[str]:
    """What stands in the channel."""
    return [each.text for each in here.server.messages(here.channel.id)]


@pytest.mark.parametrize("seconds", [7, None])
async def test_rate_limits(seconds: int | None) -> None:
    """A 429 is Slack's own, with a time to come again or without, and only once."""
    async with town() as here:
        here.server.script(rate_limited("chat.postMessage", seconds))
        with pytest.raises(SlackApiError) as caught:
            await here.post()
        assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
        assert caught.value.response.headers.get("Retry-After") == (None if seconds is None else "7")
        assert await here.post()


@pytest.mark.parametrize("taken", [False, True])
async def test_a_connection_that_breaks(taken: bool) -> None:
    """It breaks before the work is done, or after, and the client cannot tell."""
    async with town() as here:
        here.server.script(reset("chat.postMessage", taken=taken))
        with pytest.raises(aiohttp.ClientError):
            await here.post("Once")
        assert texts(here) == ["Once"] * taken


async def test_answers_that_are_none() -> None:
    """Pages for people, cut answers and broken servers are what a client makes of them; faults fit by method."""
    async with town() as here:
        here.server.script(garbled("chat.*"), Fault("chat.postMessage", cut=5), broken("chat.postMessage", 502))
        assert (await here.client.auth_test())["ok"]
        for _ in range(3):
            with pytest.raises((SlackApiError, aiohttp.ClientError)):
                await here.post("Done")
        assert texts(here) == ["Done", "Done"]


async def test_answers_that_come_late() -> None:
    """The work is done, and the answer comes after the client has given up."""
    async with town() as here:
        never = asyncio.Event()
        here.server.script(Fault("chat.postMessage", wait=never))
        client = AsyncWebClient(here.workspace.token, here.server.api_url, retry_handlers=[])
        waiting = asyncio.create_task(client.chat_postMessage(channel=here.channel.id, text="Late"))
        await here.server.until(lambda: here.server.calls("chat.postMessage"))
        waiting.cancel()
        assert texts(here) == ["Late"]
        never.set()


async def test_errors_by_name() -> None:
    """Any error of Slack's can be had, and is counted with the calls."""
    async with town() as here:
        here.server.script(Fault("chat.postMessage", error="restricted_action"))
        assert await error(here.post()) == "restricted_action"
        assert [each.error for each in here.server.calls("chat.postMessage")] == ["restricted_action"]


async def test_faults_by_chance_are_the_same_each_time() -> None:
    """About as many calls fail as the rate says, and with the same seed the same ones."""

    async def failures() -> list[int]:
        async with town() as here:
            here.server.faults.by_chance(0.3, Fault("auth.test", error="fatal_error"), seed=7)
            answers = [await here.client.api_call("api.test") for _ in range(3)]
            assert all(each["ok"] for each in answers)
            found = []
            for number in range(60):
                try:
                    await here.client.auth_test()
                except SlackApiError:
                    found.append(number)
            return found

    once = await failures()
    assert 8 < len(once) < 30
    assert await failures() == once


async def test_a_process_of_its_own(tmp_path: Path) -> None:
    """It says where it is, keeps what is posted, lets others act in it, and stops when it is told."""
    state = tmp_path / "slack.json"
    arguments = ("-m", "tests.fakes.slack_server", "--channels", "50", "--state", str(state))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        assert await asyncio.wait_for(process.stdout.readline(), 30)
        about = json.loads(state.read_text(encoding="utf-8"))
        (workspace,) = about["workspaces"]
        channel, root = workspace["channels"][7]["id"], about["api_url"].removesuffix("/api/")
        client = AsyncWebClient(workspace["token"], about["api_url"])
        ts = (await client.chat_postMessage(channel=channel, text="Here"))["ts"]
        async with aiohttp.ClientSession(root) as session:
            acting = {"do": "react", "channel": channel, "user": "Ben", "ts": ts, "name": "one"}
            async with session.post("/_control/do", json=acting) as answer:
                assert await answer.json() == {"ok": True}
            await session.post("/_control/faults", json={"faults": [{"method": "auth.test", "error": "fatal_error"}]})
            assert await error(client.auth_test()) == "fatal_error"
            async with session.get("/_control/messages") as answer:
                found = await answer.json()
        assert len(found) == 50
        assert [(each["text"], list(each["reactions"])) for each in found[channel]] == [("Here", ["one"])]
    finally:
        process.terminate()
        await process.wait()
