from __future__ import annotations

import json
from typing import Any

import pytest

from bot.adapters.slack.finding import LAG
from bot.core.errors import ChannelGone, SendLater
from bot.core.post import Divider, Paragraph, Picture, Post
from tests.adapters.slack.loopback import EARLIER, loopback
from tests.adapters.slack.test_chat import BALLOT, HEAD, KEY, PART
from tests.fakes.slack_faults import Fault, broken, reset

POOR: tuple[dict[str, Any], ...] = (
    {},
    {"ignores_metadata": True},
    {"ignores_metadata": True, "ignores_paging": True},
    {"ignores_metadata": True, "ignores_paging": True, "repeats_pages": True},
)

PICTURE = Post("", (Picture("https://a.example/x.png", "x"),))


@pytest.mark.parametrize("poverty", POOR, ids=str)
@pytest.mark.parametrize("post", [HEAD, BALLOT, PICTURE, Post("Nothing"), Post("", (Divider(),), mention="S012AB3CD")])
async def test_a_message_is_found_by_its_key(poverty: dict[str, Any], post: Post) -> None:
    """Whatever a message holds and whatever the server lacks, its key is found in history, and no other key fits."""
    async with loopback(**poverty) as here:
        sent = await here.chat.send(here.channel, post, KEY)
        await here.chat.send(here.channel, post, "another")
        assert await here.chat.find(here.channel, KEY, EARLIER) == sent
        assert await here.chat.find(here.channel, "a third", EARLIER) is None


@pytest.mark.parametrize("poverty", POOR, ids=str)
async def test_a_reply_is_found_in_its_thread(poverty: dict[str, Any]) -> None:
    """A part of an issue is looked for below its head message; in a thread that is gone there is none."""
    async with loopback(**poverty) as here:
        head = await here.chat.send(here.channel, HEAD, "head")
        part = await here.chat.send(here.channel, PART, KEY, head)
        assert await here.chat.find(here.channel, KEY, EARLIER, head) == part
        assert await here.chat.find(here.channel, "another", EARLIER, head) is None
        assert await here.chat.find(here.channel, KEY, EARLIER, "1.000000") is None


@pytest.mark.parametrize("poverty", POOR, ids=str)
async def test_a_message_is_found_beyond_the_first_page(poverty: dict[str, Any]) -> None:
    """The look goes through everything since then, and believes only the bot's own messages."""
    async with loopback(**poverty) as here:
        mallory = here.server.state.user(here.workspace, "Mallory")
        sent = await here.chat.send(here.channel, HEAD, KEY)
        forged = dict(here.server.asked[-1].arguments)
        for n in range(450):
            here.server.state.say(here.room, mallory, str(n), blocks=forged["blocks"], metadata=forged["metadata"])
        assert await here.chat.find(here.channel, KEY, EARLIER) == sent
        here.server.state.delete(here.room.messages[sent])
        assert await here.chat.find(here.channel, KEY, EARLIER) is None


async def test_the_look_comes_some_seconds_later() -> None:
    """Slack's history lags behind what it has taken, so the look waits for it."""
    async with loopback() as here:
        begun = here.clock.now()
        await here.chat.find(here.channel, KEY, EARLIER)
        assert here.clock.now() == begun + LAG


@pytest.mark.parametrize("fault", [reset("chat.postMessage", taken=True), broken("chat.postMessage", taken=True)])
async def test_a_message_taken_before_the_fault_is_found(fault: Fault) -> None:
    """When Slack took it and no answer came, that is uncertain; nobody repeats it blindly, and a look finds it."""
    async with loopback() as here:
        here.server.script(fault)
        with pytest.raises(SendLater) as error:
            await here.chat.send(here.channel, HEAD, KEY)
        assert error.value.uncertain
        (message,) = here.sent()
        assert await here.chat.find(here.channel, KEY, EARLIER) == message.ts


async def test_a_look_that_cannot_be_had_is_an_error() -> None:
    """Without the scope for histories, or outside of the channel, whether the message is there cannot be told."""
    async with loopback() as here:
        here.room.members.clear()
        with pytest.raises(ChannelGone, match="/invite"):
            await here.chat.find(here.channel, KEY, EARLIER)
        here.server.state.install(here.workspace, ("chat:write",))
        with pytest.raises(ChannelGone, match="channels:history"):
            await here.chat.find(here.channel, KEY, EARLIER)
        here.server.script(broken("conversations.history"), broken("conversations.history"))
        with pytest.raises(SendLater):
            await here.chat.find(here.channel, KEY, EARLIER)


async def test_strange_messages_are_passed_over() -> None:
    """A history may hold anything: what is no message of ours is not looked at closely."""
    async with loopback() as here:
        strange = {"user": here.workspace.bot.id, "metadata": 7, "blocks": [3, {"block_id": None}]}
        body = {"ok": True, "messages": [1, None, {}, strange], "response_metadata": []}
        here.server.script(Fault("conversations.history", 200, json.dumps(body)))
        assert await here.chat.find(here.channel, KEY, EARLIER) is None
        here.server.script(Fault("conversations.history", 200, '{"ok": true, "messages": "none"}'))
        assert await here.chat.find(here.channel, KEY, EARLIER) is None
        await here.chat.send(here.channel, Post("x", (Paragraph(("x",)),)), "k" * 300)
        assert await here.chat.find(here.channel, "k" * 300, EARLIER)
