from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
import pytest_asyncio

from bot.adapters.slack.chat import SlackChat
from bot.adapters.slack.connection import DEFAULT_WAIT, Connection
from bot.adapters.slack.failures import failure
from bot.adapters.slack.wire import Wire
from bot.core.errors import (
    BroadsheetError,
    ChannelGone,
    MessageGone,
    PictureRefused,
    SendLater,
    Undeliverable,
)
from bot.core.model import Channel
from bot.core.post import Post
from tests.adapters.slack.loopback import EARLIER, Granted, Loopback, loopback
from tests.adapters.slack.test_chat import BALLOT, HEAD, KEY, PICTURES
from tests.fakes.slack_faults import Fault, broken, garbled, rate_limited, reset

POST = "chat.postMessage"


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Loopback]:
    async with loopback() as made:
        yield made


async def failed(here: Loopback, *faults: Fault, post: Post = HEAD) -> BroadsheetError:
    """What sending a message comes to when it meets these faults."""
    here.server.script(*faults)
    with pytest.raises(BroadsheetError) as error:
        await here.chat.send(here.channel, post, KEY)
    assert str(error.value).endswith(".")
    return error.value


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_fault_of_slacks_is_told_at_once(here: Loopback, status: int) -> None:
    """A 5xx may have left a message behind, so it is uncertain; it is not tried again before the outbox says so."""
    error = await failed(here, broken(POST, status))
    assert isinstance(error, SendLater)
    assert error.uncertain
    assert len(here.server.calls(POST)) == 1


@pytest.mark.parametrize("name", ["fatal_error", "internal_error", "service_unavailable"])
async def test_a_fault_that_slack_names_is_uncertain_too(here: Loopback, name: str) -> None:
    """Slack's documentation says of these that a part of what was asked may have been done."""
    error = await failed(here, Fault(POST, error=name))
    assert isinstance(error, SendLater)
    assert error.uncertain


@pytest.mark.parametrize("fault", [reset(POST, taken=True), reset(POST), garbled(POST), Fault(POST, taken=True, cut=9)])
async def test_a_broken_answer_leaves_it_open(here: Loopback, fault: Fault) -> None:
    """Without an answer that can be read nobody knows whether the message was taken, and nobody sends it again."""
    error = await failed(here, fault)
    assert isinstance(error, SendLater)
    assert error.uncertain
    assert len(here.server.calls(POST)) == 1


@pytest.mark.parametrize("body", ['"ok"', "[]", "null", "7", '{"ok": 0}', "\ufeff", '{"ok": false, "error": {}}'])
async def test_nonsense_is_put_off(here: Loopback, body: str) -> None:
    """An answer of another shape than Slack's is no crash."""
    error = await failed(here, Fault(POST, 200, body))
    assert isinstance(error, SendLater)
    assert error.uncertain


async def test_a_short_rate_limit_is_waited_for(here: Loopback) -> None:
    """A wait of a moment is the client's affair: the message goes out."""
    here.server.script(rate_limited(POST, 0))
    await here.chat.send(here.channel, HEAD, KEY)
    assert len(here.sent()) == 1


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (rate_limited(POST, 42), timedelta(seconds=42)),
        (rate_limited(POST, None), DEFAULT_WAIT),
        (Fault(POST, 429, "<html>", {"Content-Type": "text/html", "Retry-After": "7.5"}), timedelta(seconds=7.5)),
        (Fault(POST, 429, "{}", {"Retry-After": "soon"}), DEFAULT_WAIT),
        (Fault(POST, error="ratelimited", headers={"Retry-After": "5"}), timedelta(seconds=5)),
        (Fault(POST, error="message_limit_exceeded"), DEFAULT_WAIT),
    ],
    ids=str,
)
async def test_a_long_rate_limit_is_the_outboxs_affair(here: Loopback, fault: Fault, wait: timedelta) -> None:
    """A longer wait comes back with its length, at once, so that nothing hangs meanwhile; nothing was posted."""
    error = await failed(here, fault)
    assert isinstance(error, SendLater)
    assert error.retry_after == wait
    assert not error.uncertain


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("not_in_channel", ChannelGone, "/invite"),
        ("channel_not_found", ChannelGone, "/invite"),
        ("is_archived", ChannelGone, "archived"),
        ("token_revoked", ChannelGone, "install"),
        ("account_inactive", ChannelGone, "install"),
        ("invalid_auth", SendLater, "copy it anew"),
        ("missing_scope", ChannelGone, "scope"),
        ("restricted_action", ChannelGone, "rule"),
        ("restricted_action_read_only_channel", ChannelGone, "read"),
        ("restricted_action_of_a_new_kind", ChannelGone, "rule"),
        ("restricted_action_thread_locked", Undeliverable, "unlock"),
        ("not_allowed_token_type", SendLater, "copy it anew"),
        ("unknown_method", SendLater, "api_url"),
        ("message_not_found", MessageGone, "deleted"),
        ("thread_not_found", MessageGone, "deleted"),
        ("msg_too_long", Undeliverable, "too long"),
        ("msg_blocks_too_long", Undeliverable, "too long"),
        ("invalid_blocks", Undeliverable, "invalid_blocks"),
        ("something_new", Undeliverable, "something_new"),
        ("team_added_to_org", SendLater, "team_added_to_org"),
    ],
)
async def test_each_refusal_is_of_its_own_kind(
    here: Loopback, name: str, kind: type[BroadsheetError], words: str
) -> None:
    """What helps decides: waiting, a change in the channel, another message, or nothing; the sentence says it."""
    error = await failed(here, Fault(POST, error=name))
    assert type(error) is kind
    assert words in str(error)
    assert not isinstance(error, SendLater) or not error.uncertain
    assert not isinstance(error, ChannelGone) or "/newsletter setup" in str(error)


async def test_what_keeps_the_bot_out_is_told_with_what_helps(here: Loopback) -> None:
    """An archived channel, one that the bot is not in, a lost scope, a token taken back, the app gone: each is said."""
    here.room.archived = True
    assert "archived" in str(await failed(here))
    here.room.archived, here.room.private, here.room.members = False, True, []
    assert "/invite" in str(await failed(here))
    here.server.state.install(here.workspace, ("channels:history",))
    assert "the scope chat:write:" in str(await failed(here))
    assert here.workspace.grant
    here.workspace.grant.refused = "token_revoked"
    assert "taken the bot's token back" in str(await failed(here))
    here.workspace.grant = None
    error = await failed(here)
    assert isinstance(error, ChannelGone)
    assert "not installed" in str(error)


@pytest.mark.parametrize("words", ["downloading image failed", "invalid url"])
async def test_a_refused_picture_is_told_from_a_refused_text(here: Loopback, words: str) -> None:
    """Of blocks that Slack refuses, the pointer tells whether they would do without pictures."""
    body = '{{"ok": false, "error": "invalid_blocks", "response_metadata": {{"messages": ["{} [json-pointer:{}]"]}}}}'
    picture = Fault(POST, 200, body.format(f"[ERROR] {words}", "/blocks/9/accessory/image_url"))
    assert isinstance(await failed(here, picture, post=PICTURES), PictureRefused)
    text = Fault(POST, 200, body.format("[ERROR] must be less", "/blocks/0/text/text"))
    assert isinstance(await failed(here, text, post=PICTURES), Undeliverable)


async def test_blocks_refused_without_a_reason_may_do_without_pictures(here: Loopback) -> None:
    """A message is not lost before it was tried without its pictures; one that has none is refused for good."""
    fault = Fault(POST, error="invalid_blocks")
    assert isinstance(await failed(here, fault, post=PICTURES), PictureRefused)
    assert isinstance(await failed(here, fault), Undeliverable)
    body = '{"ok": false, "error": "invalid_blocks", "errors": ["downloading image failed"]}'
    assert isinstance(await failed(here, Fault(POST, 200, body)), Undeliverable)


@pytest.mark.parametrize("name", ["invalid_metadata_format", "metadata_must_be_sent_from_app", "metadata_too_large"])
async def test_refused_metadata_costs_itself_alone(here: Loopback, name: str) -> None:
    """The message goes without it, and is found by its block."""
    here.server.script(Fault(POST, error=name))
    sent = await here.chat.send(here.channel, HEAD, KEY)
    assert here.found(sent).metadata is None
    assert await here.chat.find(here.channel, KEY, EARLIER) == sent


@pytest.mark.parametrize("fault", [reset("chat.update"), broken("chat.update"), rate_limited("chat.update", 0)])
async def test_what_may_be_repeated_is_repeated(here: Loopback, fault: Fault) -> None:
    """An edit that met a passing fault is made again on the spot, as twice is as good as once."""
    sent = await here.chat.send(here.channel, HEAD, KEY)
    here.server.script(fault)
    await here.chat.edit(here.message(sent), BALLOT)
    assert here.found(sent).text.startswith("Ballot 3")


async def test_looking_and_reading_leave_nothing_uncertain(here: Loopback) -> None:
    """A fault in a call that only reads is put off, and leaves nothing to look for."""
    here.server.script(broken("conversations.history", 502))
    with pytest.raises(SendLater) as error:
        await here.chat.find(here.channel, KEY, EARLIER)
    assert not error.value.uncertain


async def test_an_answer_that_never_comes_is_given_up() -> None:
    """A call ends after the connection's time; whether the message was taken is open then."""
    async with loopback(patience=1) as here:
        wait = asyncio.Event()
        error = await failed(here, Fault(POST, wait=wait))
        wait.set()
        assert isinstance(error, SendLater)
        assert error.uncertain
        assert "too long" in str(error)


async def test_where_nobody_listens_nothing_was_taken() -> None:
    """A connection that was never made leaves no message behind."""
    async with loopback() as here:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            wire = Wire(Granted(here.server), here.clock, Connection(f"http://127.0.0.1:{port}/api"))
            with pytest.raises(SendLater, match="cannot be reached") as error:
                await SlackChat(wire, here.clock).send(here.channel, HEAD, KEY)
            assert not error.value.uncertain


async def test_the_environments_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the settings say whether there is a proxy: the environment's may lead elsewhere."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with loopback() as here:
        assert await here.chat.send(here.channel, HEAD, KEY)
    assert Connection(proxy="http://127.0.0.1:8").client("xoxb-1").proxy == "http://127.0.0.1:8"
    assert Connection("http://127.0.0.1:7/api").client().base_url == "http://127.0.0.1:7/api/"


async def test_a_foreign_workspace_is_not_written_to(here: Loopback) -> None:
    """A channel of a workspace that never installed the bot is gone, with a sentence that says why."""
    with pytest.raises(ChannelGone, match="not installed"):
        await here.chat.send(Channel("slack", "T0ELSEWHERE", "C1"), HEAD, KEY)


def test_what_is_ours_stays_as_it_is() -> None:
    """An error that the core knows already is not turned into another."""
    error = Undeliverable("no")
    assert failure(error) is error
    assert isinstance(failure(aiohttp.ClientPayloadError(), uncertain=True), SendLater)
    assert isinstance(failure(KeyError("x")), SendLater)
