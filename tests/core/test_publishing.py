"""Publishing: each message once, whatever the platform answers and wherever the process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import (
    ChannelGone,
    EditsSpent,
    MessageGone,
    PictureRefused,
    SendLater,
    StoreError,
    Undeliverable,
)
from bot.core.model import Channel, Delivery, DeliveryKind, DeliveryState, Message, Subscription
from bot.core.outbox import waiting
from bot.core.post import Card, Paragraph, Picture, Post
from bot.core.publishing import LEASE
from bot.core.voting import Recount
from tests.world import ADA, BEN, CHEN, EDITORS, MONDAY, PAPER, SUNDAY, World, world

HEAD = Post("Head", (Paragraph(("the head",)),))
SECTION = Post("Section", (Card(("an item",), picture=Picture("https://a.b/c.png", "a figure")),))
FIGURELESS = Post("Section", (Card(("an item",)),))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter with a channel and an editors' channel, its ballot posted."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper", ADA)
        await made.say("/newsletter editors here:yes", ADA, EDITORS)
        await made.work()
        yield made


async def write(town: World, *channels: Channel, subject: int = 7) -> None:
    """Write an issue of a head and a section to the outbox of each channel."""
    async with town.store.transaction() as tx:
        for channel in channels or (PAPER,):
            for part, post in enumerate((HEAD, SECTION)):
                at = town.clock.now()
                await tx.outbox.put(waiting(DeliveryKind.ISSUE, subject, 1, channel, part, post, at))


async def delivery(town: World, part: int, channel: Channel = PAPER) -> Delivery:
    """A delivery of that issue as it stands."""
    async with town.store.snapshot() as tx:
        there = await tx.outbox.of(DeliveryKind.ISSUE, 7)
    return next(each for each in there if (each.part, each.channel) == (part, channel))


async def test_the_section_stands_in_the_thread_of_its_head(town: World) -> None:
    """Head first, then the section below it, and nothing more is due."""
    await write(town)
    await town.work()
    head, section = town.chat.titled("Head")[0], town.chat.titled("Section")[0]
    assert (head.thread, section.thread) == (None, head.id)
    assert await town.publisher.next_due() is None


async def test_a_message_that_was_taken_but_not_answered_is_found_not_doubled(town: World) -> None:
    """After a time-out the message's key is looked up in the channel before anything is posted again."""
    town.chat.faults["sent"] = [SendLater("no answer in time", uncertain=True)]
    await write(town)
    await town.work()
    assert await town.publisher.next_due() is not None
    await town.at(SUNDAY + timedelta(minutes=10))
    assert len(town.chat.titled("Head")) == 1
    assert (await delivery(town, 0)).message_id == town.chat.titled("Head")[0].id
    assert len(town.chat.titled("Section")) == 1


async def test_a_look_that_cannot_be_had_posts_nothing(town: World) -> None:
    """While the channel cannot be searched, an uncertain delivery waits and says so in the status."""
    town.chat.faults["sent"] = [SendLater("no answer in time", uncertain=True)]
    town.chat.faults["find"] = [SendLater("the history cannot be read")] * 2
    await write(town)
    for minute in range(0, 3 * 12, 12):
        await town.at(SUNDAY + timedelta(minutes=minute))
    assert len(town.chat.titled("Head")) == 1
    assert "the history cannot be read" in await town.say("/newsletter status", ADA)
    await town.at(SUNDAY + timedelta(hours=2))
    assert len(town.chat.titled("Head")) == 1
    assert (await delivery(town, 1)).state is DeliveryState.SENT


async def test_a_message_that_was_refused_for_now_is_not_looked_up(town: World) -> None:
    """A rate limit's own wait is kept, and since nothing was taken nothing is searched."""
    town.chat.faults["send"] = [SendLater("too many requests", retry_after=timedelta(seconds=90))]
    await write(town)
    await town.work()
    assert await town.publisher.next_due() == SUNDAY + timedelta(seconds=90)
    await town.at(SUNDAY + timedelta(seconds=91))
    assert "find" not in town.chat.calls
    assert len(town.chat.titled("Head")) == 1


async def test_waits_grow_and_do_not_spin(town: World) -> None:
    """An hour of a platform that is away costs tens of tries, not thousands."""
    town.chat.faults["send"] = [SendLater("away")] * 1000
    await write(town)
    tries = 0
    while town.clock.now() < SUNDAY + timedelta(hours=1):
        tries += await town.publisher.work()
        due = await town.publisher.next_due()
        assert due is not None
        assert due > town.clock.now()
        town.clock.move_to(due)
    assert 8 <= tries <= 40


async def test_a_process_that_dies_between_call_and_commit_leaves_one_message(town: World) -> None:
    """A publisher killed after the platform took the message finds it once its claim has run out."""
    await write(town)
    town.chat.faults["sent"] = [_Killed("killed")]
    with pytest.raises(_Killed):
        await town.publisher.work()
    await town.work()
    assert town.chat.titled("Section") == []
    await town.at(SUNDAY + LEASE)
    assert len(town.chat.titled("Head")) == 1
    assert len(town.chat.titled("Section")) == 1


class _Killed(StoreError):
    """Stands for the end of the process: nothing in the publisher handles it."""


async def test_two_publishers_at_once_send_each_message_once(town: World) -> None:
    """Claims are committed before the call, so that a second publisher finds nothing to do."""
    await write(town)
    await asyncio.gather(*[town.publisher.work() for _ in range(4)])
    assert [each.post.title for each in town.chat.sent if each.post.title in ("Head", "Section")] == ["Head", "Section"]


async def test_the_order_of_a_thread_survives_a_part_put_off(town: World) -> None:
    """What waits behind a message that was refused for now waits with it, and costs no call meanwhile."""
    async with town.store.transaction() as tx:
        for part in range(5):
            post = Post(f"Part {part}", (Paragraph((str(part),)),))
            await tx.outbox.put(waiting(DeliveryKind.ISSUE, 7, 1, PAPER, part, post, town.clock.now()))
    town.chat.calls.clear()
    town.chat.faults["send"] = [None, SendLater("too many requests", retry_after=timedelta(seconds=90))]
    await town.work()
    assert town.chat.calls == ["send", "send"]
    await town.at(SUNDAY + timedelta(seconds=91))
    assert [each.post.title for each in town.chat.sent if each.post.title.startswith("Part")] == [
        f"Part {part}" for part in range(5)
    ]


async def test_a_channel_that_asks_to_wait_is_asked_nothing_else(town: World) -> None:
    """What another issue has for the same channel waits as long, and comes after."""
    await write(town)
    await write(town, subject=8)
    town.chat.calls.clear()
    town.chat.faults["send"] = [SendLater("too many requests", retry_after=timedelta(seconds=90))]
    await town.work()
    assert town.chat.calls == ["send"]
    await town.at(SUNDAY + timedelta(seconds=91))
    assert len(town.chat.titled("Head")) == 2


async def test_a_message_that_was_found_is_brought_up_to_date(town: World) -> None:
    """What an earlier try left may show an older revision, so an edit follows."""
    town.chat.faults["sent"] = [SendLater("no answer in time", uncertain=True)]
    await write(town)
    await town.work()
    async with town.store.transaction() as tx:
        (head, _) = await tx.outbox.of(DeliveryKind.ISSUE, 7)
        newer = replace(head.post, blocks=(Paragraph(("the newer head",)),))
        await tx.outbox.save(replace(head, post=newer, revision=2))
    await town.at(SUNDAY + timedelta(minutes=5))
    (shown,) = town.chat.titled("Head")
    assert shown.post == newer


async def test_a_platform_that_never_answers_holds_nothing_up_for_ever(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that hangs ends as uncertain after its time, and the rest of the work goes on."""
    monkeypatch.setattr("bot.core.publishing.ANSWER", timedelta(0))
    await write(town)
    await town.work()
    assert (await delivery(town, 0)).error == "there was no answer in time"
    assert (await delivery(town, 0)).first_attempt_at is not None


async def test_a_refused_picture_costs_the_picture_not_the_message(town: World) -> None:
    """The message goes again without its pictures, the text whole."""
    await write(town)
    town.chat.faults["send"] = [None, PictureRefused("the picture cannot be fetched")]
    await town.work()
    assert [each.post for each in town.chat.titled("Section")] == [FIGURELESS]


async def test_a_message_without_pictures_that_is_refused_for_them_fails(town: World) -> None:
    """A platform that goes on about pictures where there are none is not asked for ever, and the editors hear of it."""
    await write(town)
    town.chat.faults["send"] = [PictureRefused("the picture cannot be fetched")]
    await town.work()
    assert [(await delivery(town, part)).state for part in (0, 1)] == [DeliveryState.FAILED] * 2
    assert any("Head: the picture cannot be fetched" in text for text in town.texts(EDITORS))


async def test_a_channel_that_is_gone_is_suspended_and_told_and_others_go_on(town: World) -> None:
    """Its deliveries fail with a reason, editors hear of it, another channel gets everything."""
    other = Channel("web", "town", "other")
    async with town.store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(1, other))
    await write(town, PAPER, other)
    town.chat.faults["send"] = [ChannelGone("the channel was deleted")]
    await town.work()
    await town.work()
    gone = PAPER if town.chat.titled("Head")[0].channel == other else other
    assert (await delivery(town, 0, gone)).state is DeliveryState.FAILED
    assert {each.channel for each in town.chat.titled("Section")} == {PAPER, other} - {gone}
    assert any("the channel was deleted" in text for text in town.texts(EDITORS))
    assert "suspended: the channel was deleted" in await town.say("/newsletter status", ADA, EDITORS)


async def test_in_a_channel_that_comes_back_no_half_issue_waits(town: World) -> None:
    """What stood below a head that the channel did not take is given up with it."""
    await write(town)
    town.chat.faults["send"] = [ChannelGone("the channel was deleted")]
    await town.work()
    assert (await delivery(town, 1)).state is DeliveryState.FAILED
    await town.say("/newsletter setup The Paper", ADA)
    await town.work()
    assert town.chat.titled("Section") == []


async def test_a_newsletter_forgotten_meanwhile_is_no_trouble(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was on its way for it is dropped, and the work goes on."""
    send = town.chat.send

    async def forgetting(channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        sent = await send(channel, post, key, thread)
        async with town.store.transaction() as tx:
            await tx.newsletters.forget(1)
        return sent

    monkeypatch.setattr(town.chat, "send", forgetting)
    await write(town)
    await town.publisher.work()
    assert await town.publisher.next_due() is None


async def test_a_message_the_platform_will_never_take_is_given_up_and_told(town: World) -> None:
    """It is tried once, its channel goes on, and the editors hear which message it was and why."""
    await write(town)
    town.chat.faults["send"] = [None, Undeliverable("it has too many blocks")]
    await town.work()
    assert (await delivery(town, 1)).state is DeliveryState.FAILED
    assert any("Section: it has too many blocks" in text for text in town.texts(EDITORS))


async def test_an_edit_waits_for_its_platform_and_shows_the_newest(town: World) -> None:
    """Two changes while edits fail end in one edit with the latest content."""
    town.chat.faults["edit"] = [SendLater("away"), SendLater("away")]
    await town.say("/nominate https://example.org/one")
    await town.work()
    await town.say("/nominate https://example.org/two")
    await town.at(SUNDAY + timedelta(minutes=1))
    await town.at(SUNDAY + timedelta(minutes=30))
    ballot = town.ballot()
    assert "example.org/two" in town.texts()[0]
    assert ballot.edits == 1
    assert ballot.seeded == ["1️⃣", "2️⃣"]


async def test_a_ballot_carries_on_below_a_message_that_takes_no_more_edits(town: World) -> None:
    """The page comes again as a new message, which is kept up to date; votes on either count, once a member."""
    await town.say("/nominate https://example.org/one")
    await town.work()
    first = town.ballot()
    town.chat.faults["edit"] = [EditsSpent("too many edits")]
    await town.say("/nominate https://example.org/two")
    await town.work()
    second = town.chat.sent[-1]
    assert (second.seeded, first.seeded) == (["1️⃣", "2️⃣"], ["1️⃣"])
    for message, who in ((first, BEN), (second, BEN), (second, CHEN)):
        message.reactions.setdefault("1️⃣", set()).add(who)
        await town.desk.reacted(Message(message.channel, message.id), "1️⃣", who, True, "")
    assert "2 votes" in await town.say("/ballot")
    assert await town.voting.recount(1) == Recount()
    await town.say("/nominate https://example.org/three")
    await town.work()
    assert "example.org/three" in str(second.post)
    assert "example.org/two" not in str(first.post)
    assert len(town.texts()) == 2
    town.chat.faults["edit"] = [EditsSpent("too many edits")]
    await town.at(MONDAY)
    await town.at(MONDAY + timedelta(hours=2))
    assert ["Closed" in text for text in town.texts()[:2]] == [True, True]


async def test_a_deleted_message_stops_its_edits(town: World) -> None:
    """An edit to a message that is gone is not tried for ever, and the status names it."""
    town.chat.faults["edit"] = [MessageGone("the message was deleted")]
    await town.say("/nominate https://example.org/one")
    await town.work()
    assert await town.publisher.next_due() is None
    assert "the message was deleted" in await town.say("/newsletter status", ADA)


def test_no_two_deliveries_have_one_key() -> None:
    """Even the same part written again, its newsletter forgotten, has its own key, of 25 letters at most."""
    keys = [waiting(DeliveryKind.ISSUE, 1, 1, PAPER, 0, HEAD, SUNDAY).key for _ in range(100)]
    assert len(set(keys)) == 100
    assert all(len(key) <= 25 for key in keys)


async def test_reactions_put_off_hold_up_nothing(town: World) -> None:
    """A ballot that stands and lacks the bot's reactions gets them later, and what comes after it does not wait."""
    town.chat.faults["seed"] = [SendLater("too many requests", retry_after=timedelta(minutes=9))]
    await town.say("/nominate https://example.org/a", BEN)
    await town.at(SUNDAY + timedelta(seconds=5))
    await write(town)
    await town.work()
    assert len(town.chat.titled("Section")) == 1
    ballot = next(each for each in town.chat.sent if "ballot 1" in each.post.title)
    assert (ballot.edits, ballot.seeded) == (1, [])
    await town.at(SUNDAY + timedelta(minutes=10))
    assert (ballot.edits, ballot.seeded) == (1, ["1️⃣"])
