"""The room as the core's chat platform, and its clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.web.chat import WebChat
from bot.adapters.web.clock import MovableClock
from bot.adapters.web.room import Room, open_room
from bot.core.errors import ChannelGone, MessageGone, Refused
from bot.core.model import Channel, Member, Message
from bot.core.ports import Chat, Clock
from bot.core.post import Post, sentence
from tests.adapters.web.fakes import CHANNELS, PAPER, PEOPLE, SUNDAY, ballot
from tests.fakes.clock import FakeClock


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """A room that was just made."""
    async with open_room(tmp_path / "chat.sqlite", PEOPLE, CHANNELS, FakeClock(SUNDAY)) as room:
        yield room


@pytest.fixture
def clock(room: Room) -> MovableClock:
    """The room's clock."""
    return MovableClock(room)


@pytest.fixture
def chat(room: Room, clock: MovableClock) -> WebChat:
    """The room as a platform."""
    return WebChat(room, clock)


def test_it_fulfils_the_ports(chat: WebChat, clock: MovableClock) -> None:
    """The type checker agrees that these are a chat and a clock."""
    platform: Chat = chat
    present: Clock = clock
    assert (platform.platform, present.now()) == ("web", SUNDAY)


async def test_a_message_is_found_by_its_key(chat: WebChat) -> None:
    """By key, channel, thread and time; what is not there is None."""
    head = await chat.send(PAPER, ballot(), "head")
    reply = await chat.send(PAPER, ballot(), "reply", thread=head)
    assert await chat.find(PAPER, "head", SUNDAY) == head
    assert await chat.find(PAPER, "reply", SUNDAY, thread=head) == reply
    assert await chat.find(PAPER, "reply", SUNDAY) is None
    assert await chat.find(PAPER, "other", SUNDAY) is None
    assert await chat.find(Channel("web", "demo", "talk"), "head", SUNDAY) is None
    assert await chat.find(PAPER, "head", SUNDAY + timedelta(seconds=1)) is None


async def test_an_edit_shows_the_new_post(chat: WebChat, room: Room) -> None:
    """The message keeps its place and says that it was edited."""
    number = await chat.send(PAPER, ballot(), "key")
    await chat.edit(Message(PAPER, number), sentence("Closed."))
    message = await room.message(int(number))
    assert isinstance(message.content, Post)
    assert (message.content.title, message.edited) == ("Closed.", True)


async def test_reactions_leave_the_bot_out(chat: WebChat, room: Room) -> None:
    """Seeded reactions are there, seeding again adds none, and only people are counted."""
    number = await chat.send(PAPER, ballot(), "key")
    await chat.seed(Message(PAPER, number), ("1️⃣", "2️⃣"))
    await chat.seed(Message(PAPER, number), ("1️⃣", "2️⃣", "3️⃣"))
    await room.react(int(number), "2️⃣", "ben", on=True)
    found = await chat.reactions(Message(PAPER, number))
    assert list(found) == ["1️⃣", "2️⃣", "3️⃣"]
    assert {emoji: tuple(who) for emoji, who in found.items()} == {
        "1️⃣": (),
        "2️⃣": (Member("web", "demo", "ben", "Ben"),),
        "3️⃣": (),
    }


@pytest.mark.parametrize(
    "channel", [Channel("web", "demo", "attic"), Channel("slack", "demo", "talk"), Channel("web", "elsewhere", "talk")]
)
async def test_a_channel_that_is_not_here_is_gone(chat: WebChat, channel: Channel) -> None:
    """Each method says so, as the port has it."""
    with pytest.raises(ChannelGone):
        await chat.send(channel, ballot(), "key")
    with pytest.raises(ChannelGone):
        await chat.find(channel, "key", SUNDAY)
    with pytest.raises(ChannelGone):
        await chat.reactions(Message(channel, "1"))


@pytest.mark.parametrize("number", ["99", "", "one", "-1", "٣", "9" * 40])
async def test_a_message_that_is_not_here_is_gone(chat: WebChat, number: str) -> None:
    """An id that the room never gave is a message that was deleted."""
    with pytest.raises(MessageGone):
        await chat.edit(Message(PAPER, number), ballot())
    with pytest.raises(MessageGone):
        await chat.seed(Message(PAPER, number), ("👍",))
    with pytest.raises(MessageGone):
        await chat.send(PAPER, ballot(), "key", thread=number)


async def test_moving_the_clock_ends_a_sleep(clock: MovableClock) -> None:
    """Whoever sleeps until a moment wakes when the clock is moved to it, and not before."""
    sleeper = asyncio.create_task(clock.sleep_until(SUNDAY + timedelta(hours=2)))
    await asyncio.sleep(0)
    await clock.move_to(SUNDAY + timedelta(hours=1))
    await asyncio.sleep(0)
    assert not sleeper.done()
    await clock.move_to(SUNDAY + timedelta(hours=2))
    await asyncio.wait_for(sleeper, 5)
    assert clock.now() == SUNDAY + timedelta(hours=2)
    await clock.sleep_until(SUNDAY)


async def test_the_clock_goes_forwards_only(clock: MovableClock) -> None:
    """The past, and what is more than a year ahead, are refused with a sentence."""
    with pytest.raises(Refused, match="forwards"):
        await clock.move_to(SUNDAY - timedelta(seconds=1))
    with pytest.raises(Refused, match="too far"):
        await clock.move_to(SUNDAY + timedelta(days=367))
    assert clock.now() == SUNDAY


async def test_the_clock_is_kept(tmp_path: Path, room: Room, clock: MovableClock) -> None:
    """Another process on the same file begins at the moved time."""
    await clock.move_to(SUNDAY + timedelta(days=3))
    async with open_room(tmp_path / "chat.sqlite", PEOPLE, CHANNELS, FakeClock(SUNDAY)) as again:
        assert MovableClock(again).now() == SUNDAY + timedelta(days=3)
