"""The room keeps what happens in it, whatever happens to the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.web.records import BOT, NewMessage
from bot.adapters.web.room import NoRoom, Room, open_room
from bot.core.errors import MessageGone
from tests.adapters.web.fakes import CHANNELS, PEOPLE, SUNDAY, ballot
from tests.fakes.clock import FakeClock


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """A room that was just made."""
    async with open_room(tmp_path / "chat.sqlite", PEOPLE, CHANNELS, FakeClock(SUNDAY)) as room:
        yield room


def line(text: str, thread: int | None = None, viewer: str | None = None) -> NewMessage:
    """Something that Ben says."""
    return NewMessage("talk", "ben", SUNDAY, text, thread=thread, viewer=viewer)


async def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    """Messages, threads, reactions, private answers and the clock are there when the file is opened again."""
    path = tmp_path / "chat.sqlite"
    async with open_room(path, PEOPLE, CHANNELS, FakeClock(SUNDAY)) as room:
        first = await room.add(NewMessage("talk", BOT, SUNDAY, ballot(), prompt="Ben used /ballot"))
        await room.add(line("in the thread", thread=first))
        await room.add(line("for Ada alone", viewer="ada"))
        await room.react(first, "👍", "chen", on=True)
        await room.set_offset(timedelta(days=2))
        before = await room.latest("ada"), room.token
    async with open_room(path, PEOPLE, CHANNELS, FakeClock(SUNDAY)) as room:
        assert (await room.latest("ada"), room.token) == before
        assert room.offset == timedelta(days=2)
        kept = (await room.latest("ada"))[0]
        assert (kept.content, kept.replies, kept.reactions) == (ballot(), 1, {"👍": ("chen",)})


async def test_private_answers_are_for_one_person(room: Room) -> None:
    """Only its viewer is given a private answer, and only they can dismiss it."""
    private = await room.add(line("psst", viewer="ada"))
    assert [each.content for each in await room.latest("ben")] == []
    with pytest.raises(MessageGone):
        await room.dismiss(private, "ben")
    seen = await room.revision()
    await room.dismiss(private, "ada")
    assert await room.latest("ada") == ()
    assert [(each.id, each.gone) for each in await room.since(seen, "ada")] == [(private, True)]


async def test_private_answers_do_not_stay_for_ever(tmp_path: Path) -> None:
    """A private answer that nobody dismissed is gone after a day of real time."""
    clock = FakeClock(SUNDAY)
    async with open_room(tmp_path / "chat.sqlite", PEOPLE, CHANNELS, clock) as room:
        await room.add(line("psst", viewer="ada"))
        clock.advance(timedelta(hours=23))
        assert len(await room.latest("ada")) == 1
        clock.advance(timedelta(hours=2))
        assert await room.latest("ada") == ()


async def test_a_reaction_is_put_once_and_taken_back_once(room: Room) -> None:
    """Doing it again changes nothing and says so."""
    message = await room.add(line("hello"))
    assert [await room.react(message, "👍", "ada", on=on) for on in (True, True, False, False)] == [
        True,
        False,
        True,
        False,
    ]


async def test_a_reply_to_a_reply_stands_in_the_same_thread(room: Room) -> None:
    """Threads have one level, and their first message counts the replies that all can see."""
    head = await room.add(line("head"))
    reply = await room.add(line("reply", thread=head))
    deeper = await room.add(line("deeper", thread=reply))
    await room.add(line("psst", thread=head, viewer="ada"))
    assert (await room.message(deeper)).thread == head
    assert (await room.message(head)).replies == 2


async def test_what_changed_comes_in_the_order_of_the_changes(room: Room) -> None:
    """After a revision, a viewer gets each message that is new or different once, the latest change last."""
    one, two = await room.add(line("one")), await room.add(line("two"))
    seen = await room.revision()
    assert await room.since(seen, "ada") == ()
    await room.react(one, "👍", "ada", on=True)
    reply = await room.add(line("reply", thread=two))
    assert [each.id for each in await room.since(seen, "ada")] == [one, reply, two]


async def test_a_thread_stays_in_its_channel(room: Room) -> None:
    """A reply to a message of another channel, or to none, is refused."""
    head = await room.add(line("head"))
    with pytest.raises(MessageGone):
        await room.add(NewMessage("the-paper", "ben", SUNDAY, "elsewhere", thread=head))
    with pytest.raises(MessageGone):
        await room.add(line("nowhere", thread=99))


async def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    """A file that is no chat, or of a version to come, gets a clear line and is left alone."""
    path = tmp_path / "chat.sqlite"
    path.write_bytes(b"this is a letter, not a database" * 40)
    with pytest.raises(NoRoom, match=r"chat\.sqlite cannot be used"):
        async with open_room(path, PEOPLE, CHANNELS, FakeClock(SUNDAY)):
            pass
    with pytest.raises(NoRoom, match="cannot be opened"):
        async with open_room(tmp_path / "no" / "folder" / "chat.sqlite", PEOPLE, CHANNELS, FakeClock(SUNDAY)):
            pass
    assert path.read_bytes().startswith(b"this is a letter")
