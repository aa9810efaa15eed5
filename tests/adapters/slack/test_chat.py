from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.core.errors import EditsSpent, MessageGone, PictureRefused, SendLater
from bot.core.model import Channel
from bot.core.post import Button, Card, Heading, Link, Paragraph, Picture, Post, Small
from tests.adapters.slack.loopback import Loopback, loopback
from tests.adapters.slack.reader import read
from tests.fakes.slack_faults import Fault

KEY = "0123456789abcdef0123"

HEAD = Post("Paper #12", (Heading(("Paper #12 [x]",), 1), Small(("23 November 2026",))))
PART = Post(
    "Paper #12: Papers", (Heading(("Papers",)), Card((Link("Involution", "https://arxiv.org/abs/2103.06255"),)))
)
BALLOT = Post("Ballot 3", (Heading(("Ballot 3",), 1), Card(("One",), mark="1️⃣")), (Button("Standing", "ballot"),))
PICTURES = Post(
    "Figures",
    (
        Card(("One",), picture=Picture("https://a.example/1.png", "first")),
        Card(("Two",), picture=Picture("https://a.example/2.png", "second")),
        Picture("https://a.example/3.png", "third"),
    ),
)


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Loopback]:
    async with loopback() as made:
        yield made


async def test_a_message_is_posted_as_blocks(here: Loopback) -> None:
    """A post becomes one message of blocks, with words for notifications, no previews, and the key in it twice."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    (message,) = here.sent()
    assert message.ts == sent
    assert "Ballot 3" in read(message.blocks).text
    assert message.text.startswith("Ballot 3")
    assert message.key == KEY
    assert message.blocks[0]["block_id"] == f"broadsheet-{KEY}"
    asked = here.server.asked[-1].arguments
    assert (asked["unfurl_links"], asked["unfurl_media"]) == (False, False)


async def test_a_reply_stands_in_its_thread(here: Loopback) -> None:
    """A part of an issue is a reply below the head message, known by both; so is a reply to a reply's id."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    part = await here.chat.send(here.channel, PART, "part", head)
    more = await here.chat.send(here.channel, PART, "more", part)
    assert [f"{head}/{each.ts}" for each in here.sent(head)] == [part, more]
    assert [each.ts for each in here.sent()] == [head]


async def test_messages_keep_to_one_a_second_a_channel(here: Loopback) -> None:
    """In one channel the next message waits for its second; another channel waits for nothing."""
    other = Channel("slack", here.workspace.id, here.server.state.channel(here.workspace, "other").id)
    for n in range(3):
        await here.chat.send(here.channel, HEAD, str(n))
    await here.chat.send(other, HEAD, "elsewhere")
    assert here.clock.slept == [timedelta(seconds=1)] * 2


async def test_a_slow_answer_shortens_no_gap(here: Loopback) -> None:
    """The second counts from when Slack has taken the message, however long that was under way."""
    here.server.watch = lambda _: here.clock.advance(timedelta(milliseconds=400))
    for n in range(3):
        await here.chat.send(here.channel, HEAD, str(n))
    assert here.clock.slept == [timedelta(seconds=1)] * 2


async def test_a_clock_put_back_holds_up_no_message(here: Loopback) -> None:
    """When the machine's clock goes back by hours, the channel's next message waits for a minute or so alone."""
    await here.chat.send(here.channel, HEAD, "first")
    here.clock.advance(timedelta(hours=-5))
    await here.chat.send(here.channel, HEAD, "second")
    assert sum(here.clock.slept, timedelta()) <= timedelta(seconds=61)
    assert len(here.sent()) == 2


async def test_a_server_that_insists_on_the_pace_refuses_nothing() -> None:
    """Twelve messages in a row reach a channel that takes one a second."""
    async with loopback(paced=True) as here:
        for n in range(12):
            await here.chat.send(here.channel, HEAD, str(n))
        assert len(here.sent()) == 12
        assert not [each for each in here.server.asked if each.error]


async def test_an_edit_shows_the_new_post(here: Loopback) -> None:
    """A message shows what it is edited to, in a thread too, and keeps its key; a deleted one is gone."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    part = await here.chat.send(here.channel, PART, "part", head)
    await here.chat.edit(here.message(head), BALLOT)
    await here.chat.edit(here.message(part), BALLOT)
    for each in (here.found(head), here.found(part)):
        assert "Ballot 3" in read(each.blocks).text
        assert each.text.startswith("Ballot 3")
    assert here.found(head).key == KEY
    await here.chat.edit(here.message(head), HEAD)
    assert len(here.found(head).blocks) == 2
    here.server.state.delete(here.found(part))
    with pytest.raises(MessageGone):
        await here.chat.edit(here.message(part), BALLOT)


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message", "block_mismatch"])
async def test_a_message_that_takes_no_edit_is_told_apart(here: Loopback, error: str) -> None:
    """Where no edit is taken any more, the core posts a ballot's page anew."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    here.server.script(Fault("chat.update", error=error))
    with pytest.raises(EditsSpent):
        await here.chat.edit(here.message(sent), BALLOT)


async def test_a_picture_that_slack_cannot_fetch_costs_itself_alone(here: Loopback) -> None:
    """Slack names the pictures that it cannot fetch: the message goes again without these, and with the others."""
    here.server.pictures = lambda url: "2.png" not in url
    await here.chat.send(here.channel, PICTURES, KEY)
    (message,) = here.sent()
    assert [alt for _, alt in read(message.blocks).pictures] == ["first", "third"]
    assert "Two" in read(message.blocks).text
    here.server.pictures = lambda url: False
    await here.chat.edit(here.message(message.ts), PICTURES)
    assert not read(message.blocks).pictures


async def test_a_refusal_that_names_no_picture_is_the_cores_affair(here: Loopback) -> None:
    """Where Slack does not say which picture it is, the core takes them all out."""
    body = '{"ok": false, "error": "invalid_blocks", "errors": ["downloading image failed"]}'
    here.server.script(Fault("chat.postMessage", 200, body))
    with pytest.raises(PictureRefused):
        await here.chat.send(here.channel, PICTURES, KEY)
    assert not here.sent()


async def test_a_post_too_long_for_one_message_is_shortened(here: Loopback) -> None:
    """What core sends as one message is one message, whatever it holds."""
    long = Post("Notice", (Paragraph(("word " * 3000,)), *(Card((f"Item {n}",), (("x" * 900,),)) for n in range(20))))
    await here.chat.send(here.channel, long, KEY)
    (message,) = here.sent()
    assert all(f"Item {n}" in read(message.blocks).text for n in range(20))


async def test_an_answer_without_a_ts_is_not_believed(here: Loopback) -> None:
    """An answer that does not say where the message is leaves it open whether there is one."""
    here.server.script(Fault("chat.postMessage", 200, '{"ok": true, "channel": "C1"}'))
    with pytest.raises(SendLater) as error:
        await here.chat.send(here.channel, HEAD, KEY)
    assert error.value.uncertain
