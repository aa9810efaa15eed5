from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import discord
import pytest
import pytest_asyncio

from bot.adapters.discord import wire
from bot.adapters.discord.chat import DiscordChat
from bot.adapters.discord.failures import TokenRefused, failure
from bot.core.errors import (
    BroadsheetError,
    ChannelGone,
    MessageGone,
    PictureRefused,
    SendLater,
    Undeliverable,
)
from bot.core.model import Channel
from bot.core.post import Card, Heading, Paragraph, Picture, Post
from tests.adapters.discord.loopback import EARLIER, Loopback, loopback
from tests.fakes.discord_faults import Fault, rate_limited, refused

POST = Post("Paper #12", (Heading(("Paper #12",), 1), Paragraph(("words",))))
KEY = "0123456789abcdef0123"
TO_CHANNEL = "POST /channels/[0-9]+/messages$"


@pytest_asyncio.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    async with loopback(monkeypatch) as made:
        yield made


async def failed(here: Loopback, *faults: Fault) -> BroadsheetError:
    """What sending a message comes to when it meets these faults."""
    here.server.script(*faults)
    with pytest.raises(BroadsheetError) as error:
        await here.chat.send(here.channel, POST, KEY)
    assert str(error.value)
    return error.value


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
async def test_a_fault_of_discords_is_told_at_once(here: Loopback, status: int) -> None:
    """A 5xx may have left a message behind, so it is uncertain; it is not tried again before the outbox says so."""
    error = await failed(here, Fault(TO_CHANNEL, status, b"<html>Bad gateway</html>"))
    assert isinstance(error, SendLater)
    assert error.uncertain
    assert len(here.server.routes("POST")) == 1


async def test_a_short_rate_limit_is_waited_for(here: Loopback) -> None:
    """A wait of a moment is discord.py's affair: the message goes out."""
    here.server.script(rate_limited(TO_CHANNEL, 0.01))
    await here.chat.send(here.channel, POST, KEY)
    assert len(here.sent()) == 1


@pytest.mark.parametrize("shared", [False, True])
async def test_a_long_rate_limit_is_the_outboxs_affair(here: Loopback, shared: bool) -> None:
    """A longer wait comes back with its length and its reach, at once, so that nothing hangs; nothing was posted."""
    error = await failed(here, rate_limited(TO_CHANNEL, 42.5, shared=shared))
    assert isinstance(error, SendLater)
    assert error.retry_after == timedelta(seconds=42.5)
    assert error.everywhere is shared
    assert not error.uncertain
    await here.chat.send(here.channel, POST, KEY)
    assert len(here.sent()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(TO_CHANNEL, 429, b"error code: 1015"),
        Fault(TO_CHANNEL, 429, {"message": "strange"}, {"Via": "1.1 google"}),
    ],
)
async def test_a_ban_by_what_stands_before_discord_is_waited_out(here: Loopback, fault: Fault) -> None:
    """A 429 that does not say how long means some minutes, in every channel."""
    error = await failed(here, fault)
    assert isinstance(error, SendLater)
    assert error.retry_after == timedelta(minutes=5)
    assert error.everywhere


@pytest.mark.parametrize(
    "fault",
    [
        Fault(TO_CHANNEL, reset=True),
        Fault(TO_CHANNEL, taken=True, reset=True),
        Fault(TO_CHANNEL, cut=20),
        Fault(TO_CHANNEL, 200, b"{"),
        Fault(TO_CHANNEL, 200, b"{", {"Content-Type": "application/json"}),
        Fault(TO_CHANNEL, 200, []),
        Fault(TO_CHANNEL, 200, {}),
        Fault(TO_CHANNEL, 200, b""),
    ],
    ids=["reset", "taken and reset", "cut", "no JSON", "half JSON", "a list", "no id", "nothing"],
)
async def test_an_answer_that_is_none_leaves_it_uncertain(here: Loopback, fault: Fault) -> None:
    """A broken connection or a senseless answer does not tell whether the message was taken."""
    error = await failed(here, fault)
    assert isinstance(error, SendLater)
    assert error.uncertain


async def test_an_answer_that_does_not_come_is_not_waited_for(here: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time a request counts as broken: the message may be there."""
    monkeypatch.setattr(wire, "LONGEST", 0.2)
    release = asyncio.Event()
    error = await failed(here, Fault(TO_CHANNEL, wait=release))
    release.set()
    assert isinstance(error, SendLater)
    assert error.uncertain


async def test_a_server_that_cannot_be_reached_took_nothing(here: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no connection came about, nothing can have been posted."""
    monkeypatch.setattr("discord.http.Route.BASE", "http://127.0.0.1:9/api/v10")
    error = await failed(here)
    assert isinstance(error, SendLater)
    assert not error.uncertain


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (404, 10003, ChannelGone, "deleted"),
        (404, 10004, ChannelGone, "invite"),
        (403, 50001, ChannelGone, "View Channel"),
        (403, 50013, ChannelGone, "Read Message History"),
        (403, 40007, ChannelGone, "ban"),
        (400, 40067, ChannelGone, "tag"),
        (404, 10008, MessageGone, "deleted"),
        (400, 50035, Undeliverable, "50035"),
        (400, 50006, Undeliverable, "empty"),
        (403, 200000, Undeliverable, "AutoMod"),
        (400, 240000, Undeliverable, "harmful"),
        (400, 160005, Undeliverable, "locked"),
        (403, 999999, Undeliverable, "999999"),
        (400, 20028, SendLater, "20028"),
        (403, 40333, SendLater, "40333"),
        (404, 0, SendLater, "404"),
        (401, 0, TokenRefused, "token"),
    ],
)
async def test_each_refusal_is_of_its_own_kind(
    here: Loopback, status: int, code: int, kind: type[BroadsheetError], words: str
) -> None:
    """What helps decides: waiting, a change in the channel, another message, or nothing; the sentence says it."""
    error = await failed(here, refused(TO_CHANNEL, status, code))
    assert type(error) is kind
    assert words in str(error)
    assert not isinstance(error, SendLater) or not error.uncertain


async def test_a_refused_picture_is_told_from_a_refused_text(here: Loopback) -> None:
    """Of a form that Discord refuses, the path tells whether it would do without pictures."""
    pictured = Post("", (Card(("Title",), picture=Picture("https://a.example/x.png", "x")),))
    url = {"_errors": [{"code": "URL_TYPE_INVALID_URL", "message": "Not a well formed URL."}]}
    path = {"components": {"0": {"components": {"0": {"accessory": {"media": {"url": url}}}}}}}
    body = {"message": "Invalid Form Body", "code": 50035, "errors": path}
    here.server.script(Fault(TO_CHANNEL, 400, body))
    with pytest.raises(PictureRefused):
        await here.chat.send(here.channel, pictured, KEY)
    text = {"message": "Invalid Form Body", "code": 50035, "errors": {"components": {"0": {"content": url}}}}
    assert isinstance(await failed(here, Fault(TO_CHANNEL, 400, text)), Undeliverable)


async def test_looking_and_reading_leave_nothing_uncertain(here: Loopback) -> None:
    """A fault in a request that only reads is put off, and leaves nothing to look for."""
    here.server.script(Fault("GET .*/messages", 503))
    with pytest.raises(SendLater) as error:
        await here.chat.find(here.channel, KEY, EARLIER)
    assert not error.value.uncertain


async def test_before_logging_in_everything_is_put_off() -> None:
    """A client that has not logged in yet, as while it starts, asks nothing."""
    client = discord.Client(intents=discord.Intents.none())
    chat = DiscordChat(client)
    with pytest.raises(SendLater, match="logged in"):
        await chat.find(Channel("discord", "1", "2"), KEY, EARLIER)
    await client.close()


async def test_after_closing_everything_is_put_off(here: Loopback) -> None:
    """A client that was closed, as while the bot stops, fails without a traceback."""
    await here.client.close()
    error = await failed(here)
    assert isinstance(error, SendLater)


def test_what_is_ours_stays_as_it_is() -> None:
    """An error that the core knows already is not turned into another."""
    error = Undeliverable("no")
    assert failure(error) is error
    assert isinstance(failure(aiohttp.ClientPayloadError(), uncertain=True), SendLater)
