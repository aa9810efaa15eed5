"""Lanes: what one channel's trouble means for the rest of it, for other channels and for the whole platform."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import BroadsheetError, ChannelGone, EditsSpent, SendLater, Undeliverable
from bot.core.model import Channel, DeliveryKind, Subscription
from bot.core.outbox import waiting
from bot.core.post import Paragraph, Post
from bot.core.publishing import Publisher
from tests.fakes.chat import FakeChat
from tests.world import ADA, EDITORS, PAPER, SUNDAY, World, world

OTHER = Channel("web", "town", "other")
THIRD = Channel("web", "town", "third")
CHANNELS = (PAPER, OTHER, THIRD)

MINUTE = timedelta(minutes=1)
WAIT = timedelta(seconds=90)
ASKS_TO_WAIT = SendLater("too many requests", retry_after=WAIT)


class Town(World):
    """A town whose channels get issues."""

    async def write(self, issue: int, *channels: Channel) -> None:
        """Write a head and a section to the outbox of each channel."""
        async with self.store.transaction() as tx:
            for channel in channels or CHANNELS:
                for part, name in enumerate(("Head", "Section")):
                    post = Post(f"{name} {issue}", (Paragraph((name,)),))
                    await tx.outbox.put(waiting(DeliveryKind.ISSUE, issue, 1, channel, part, post, self.clock.now()))

    def posted(self, channel: Channel) -> list[str]:
        """The titles of what a channel got of issues, oldest first."""
        titles = [each.post.title for each in self.chat.sent if each.channel == channel]
        return [each for each in titles if each.startswith(("Head", "Section"))]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A newsletter with three channels and an editors' channel, its ballot posted."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper", ADA)
        await made.say("/newsletter editors here:yes", ADA, EDITORS)
        async with made.store.transaction() as tx:
            for channel in (OTHER, THIRD):
                await tx.newsletters.subscribe(Subscription(1, channel))
        await made.work()
        made.chat.calls.clear()
        yield Town(**vars(made))


@pytest.mark.parametrize(
    "fault",
    [SendLater("away"), SendLater("away", uncertain=True), Undeliverable("no"), ChannelGone("gone"), ASKS_TO_WAIT],
)
async def test_a_part_that_fails_holds_up_no_other_channel(town: Town, fault: BroadsheetError) -> None:
    """Whatever became of the first channel's head, the others have everything at once."""
    town.chat.faults["send"] = [fault]
    await town.write(1)
    await town.work()
    complete = [channel for channel in CHANNELS if town.posted(channel) == ["Head 1", "Section 1"]]
    assert len(complete) == 2


async def test_what_nobody_foresaw_holds_up_no_other_channel(town: Town) -> None:
    """A fault in our own code is put off like a broken connection, and looked into before anything is posted again."""
    town.chat.faults["sent"] = [BroadsheetError("a kind of its own")]
    await town.write(1)
    await town.work()
    assert sorted(len(town.posted(channel)) for channel in CHANNELS) == [1, 2, 2]
    await town.at(SUNDAY + MINUTE)
    assert all(town.posted(channel) == ["Head 1", "Section 1"] for channel in CHANNELS)


async def test_a_channel_that_does_not_answer_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a call hangs, other channels get what is due, sections that wait for their heads and new issues too."""
    monkeypatch.setattr("bot.core.publishing.GLANCE", timedelta(0))
    chat = Hanging(town.clock, PAPER)
    publisher = Publisher(town.store, {"web": chat}, town.clock, random.Random(7))  # noqa: S311  # jitter
    await town.write(1)
    work = asyncio.create_task(publisher.work())
    await chat.got(4)
    await town.write(2)
    await chat.got(8)
    assert {each.channel for each in chat.sent} == {OTHER, THIRD}
    chat.answer.set()
    await work
    assert [each.post.title for each in chat.sent if each.channel == PAPER] == [
        "Head 1",
        "Section 1",
        "Head 2",
        "Section 2",
    ]


class Hanging(FakeChat):
    """A chat in which one channel does not answer until it is told to."""

    def __init__(self, clock: object, channel: Channel) -> None:
        super().__init__(clock)  # type: ignore[arg-type]
        self.answer = asyncio.Event()
        self._channel = channel
        self._more = asyncio.Condition()

    async def send(self, channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        if channel == self._channel:
            await self.answer.wait()
        made = await super().send(channel, post, key, thread)
        async with self._more:
            self._more.notify_all()
        return made

    async def got(self, number: int) -> None:
        """Return as soon as so many messages came."""
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: len(self.sent) >= number)


async def test_a_wait_that_the_platform_asks_for_is_kept_to_the_second(town: Town) -> None:
    """A second before its end nothing is asked, not for what was written meanwhile either; at its end all goes out."""
    town.chat.faults["send"] = [ASKS_TO_WAIT]
    await town.write(1, PAPER)
    await town.work()
    town.clock.move_to(SUNDAY + WAIT - timedelta(seconds=2))
    await town.write(2, PAPER)
    await town.at(SUNDAY + WAIT - timedelta(seconds=1))
    assert town.chat.calls == ["send"]
    assert await town.publisher.next_due() == SUNDAY + WAIT
    await town.at(SUNDAY + WAIT)
    assert town.posted(PAPER) == ["Head 1", "Section 1", "Head 2", "Section 2"]


async def test_a_wait_keeps_edits_of_older_messages_too(town: Town) -> None:
    """A nomination made meanwhile is shown when the wait is over, not before."""
    town.chat.faults["send"] = [ASKS_TO_WAIT]
    await town.write(1, PAPER)
    await town.work()
    await town.say("/nominate https://example.org/one")
    await town.at(SUNDAY + MINUTE)
    assert ["example.org/one" in town.texts(channel)[0] for channel in CHANNELS] == [False, True, True]
    await town.at(SUNDAY + WAIT)
    assert "example.org/one" in town.texts(PAPER)[0]


async def test_a_wait_for_the_whole_platform_holds_every_channel(town: Town) -> None:
    """Once one channel hears of it, no other asks anything before it is over."""
    town.chat.faults["send"] = [SendLater("too many requests", retry_after=WAIT, everywhere=True)]
    await town.write(1, PAPER)
    await town.work()
    await town.write(1, OTHER, THIRD)
    await town.at(SUNDAY + MINUTE)
    assert town.chat.calls == ["send"]
    await town.at(SUNDAY + WAIT)
    assert all(town.posted(channel) == ["Head 1", "Section 1"] for channel in CHANNELS)


async def test_the_older_issue_comes_first_even_after_a_restart(town: Town) -> None:
    """An issue that is written while another is put off waits behind it, also where a new process comes to it."""
    town.chat.faults["send"] = [SendLater("away")]
    await town.write(1, PAPER)
    await town.work()
    await town.write(2, PAPER)
    again = Publisher(town.store, {"web": town.chat}, town.clock, random.Random(7))  # noqa: S311  # jitter
    await again.take_over()
    await again.work()
    assert town.posted(PAPER) == []
    town.clock.advance(MINUTE)
    await again.work()
    assert town.posted(PAPER) == ["Head 1", "Section 1", "Head 2", "Section 2"]


async def test_a_message_that_takes_no_more_edits_holds_up_nothing(town: Town) -> None:
    """A correction that Discord puts off for an hour does not keep the next issue from its channel."""
    await town.write(1, PAPER)
    await town.work()
    async with town.store.transaction() as tx:
        head, _ = await tx.outbox.of(DeliveryKind.ISSUE, 1)
        newer = replace(head.post, blocks=(Paragraph(("corrected",)),))
        await tx.outbox.save(replace(head, post=newer, revision=2, next_at=town.clock.now()))
    town.chat.faults["edit"] = [EditsSpent("only so often")]
    await town.write(2, PAPER)
    await town.work()
    assert town.posted(PAPER)[-2:] == ["Head 2", "Section 2"]
    assert await town.publisher.next_due() == SUNDAY + timedelta(hours=1)
    await town.at(SUNDAY + timedelta(hours=1))
    assert town.chat.titled("Head 1")[0].post == newer


async def test_editors_hear_once_of_a_message_of_which_nobody_knows(town: Town) -> None:
    """When for ten minutes no look was to be had, one notice says which message it is and why; none follows it."""
    town.chat.faults["sent"] = [SendLater("no answer in time", uncertain=True)]
    town.chat.faults["find"] = [SendLater("the history cannot be read"), Undeliverable("no such method")] * 20
    await town.write(1, PAPER)
    for minute in range(5):
        await town.at(SUNDAY + minute * MINUTE)
    assert not any("not known" in text for text in town.texts(EDITORS))
    for minute in range(5, 120, 5):
        await town.at(SUNDAY + minute * MINUTE)
    (told,) = [text for text in town.texts(EDITORS) if "not known" in text]
    assert "Head 1" in told
    assert "the history cannot be read" in told or "no such method" in told
    assert town.posted(PAPER) == ["Head 1"]
    town.chat.faults["find"].clear()
    await town.at(SUNDAY + timedelta(hours=4))
    assert town.posted(PAPER) == ["Head 1", "Section 1"]
    assert len([text for text in town.texts(EDITORS) if "not known" in text]) == 1
