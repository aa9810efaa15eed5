"""What the design promises of publishing and of votes, promise by promise, over a whole bot in memory.

What only a platform can show, such as where a key travels or that Discord is asked whether it lets us look, is tested
beside its adapter; crashes, storms and floods are in tests/acceptance, tests/faults and tests/core/test_flood.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.errors import ChannelGone, PictureRefused, Refused, SendLater, Undeliverable
from bot.core.model import Channel, Delivery, DeliveryKind, DeliveryState, Message, Subscription
from bot.core.outbox import waiting
from bot.core.post import Paragraph, Picture, Post
from bot.core.publishing import LEASE, LONGEST_WAIT, LOOK_BACK
from bot.core.week import Week
from bot.store import check_votes
from tests.world import ADA, BEN, CHEN, DORA, EDITORS, MONDAY, PAPER, SUNDAY, World, world

OTHER = Channel("web", "town", "other")
LOST = SendLater("no answer in time", uncertain=True)
HOUR = timedelta(hours=1)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter with two channels and an editors' channel, two nominations on its ballot."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper threshold:2", ADA)
        await made.say("/newsletter editors here:yes", ADA, EDITORS)
        async with made.store.transaction() as tx:
            await tx.newsletters.subscribe(Subscription(1, OTHER))
        for name in ("apple", "pear"):
            await made.say(f"/nominate https://example.org/{name}")
        await made.work()
        made.chat.calls.clear()
        yield made


async def write(town: World, post: Post) -> Delivery:
    """Write a message of an issue to the outbox."""
    async with town.store.transaction() as tx:
        return await tx.outbox.put(waiting(DeliveryKind.ISSUE, 7, 1, PAPER, 0, post, town.clock.now()))


async def kept(town: World, kind: DeliveryKind, subject: int) -> tuple[Delivery, ...]:
    """The deliveries of an issue or a ballot as they stand."""
    async with town.store.snapshot() as tx:
        return await tx.outbox.of(kind, subject)


async def votes(town: World) -> list[int]:
    """How many votes stand on the ballot, by its order."""
    async with town.store.snapshot() as tx:
        return [each.votes for each in await tx.ballots.nominations(1)]


POST = Post("A message", (Paragraph(("words",)),))


async def test_an_issue_and_its_deliveries_are_one_transaction(town: World) -> None:
    """When its messages cannot be written there is no issue either: the slot is open, the vote goes on."""

    def broken(_: Post) -> Sequence[Post]:
        raise RuntimeError("this never fits")

    await town.vote(1, BEN, CHEN)
    town.clock.move_to(MONDAY)
    await Week(town.store, town.voting, town.clock, {"web": broken}).work()
    async with town.store.snapshot() as tx:
        assert await tx.issues.latest(1) is None
        assert await tx.newsletters.last_slot(1) is None
        assert await tx.ballots.current(1) == await tx.ballots.get(1)
    assert await kept(town, DeliveryKind.ISSUE, 1) == ()
    await town.at(MONDAY + HOUR)
    assert len(town.chat.titled("The Paper #1")) == 2


async def test_each_channel_has_one_delivery_for_each_message(town: World) -> None:
    """A head and a section for each of two channels, and the store refuses another of any of them."""
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    found = await kept(town, DeliveryKind.ISSUE, 1)
    assert [(each.channel, each.part) for each in found] == [(OTHER, 0), (OTHER, 1), (PAPER, 0), (PAPER, 1)]
    async with town.store.transaction() as tx:
        with pytest.raises(Refused):
            await tx.outbox.put(waiting(DeliveryKind.ISSUE, 1, 1, PAPER, 1, POST, MONDAY))


async def test_the_claim_is_committed_before_the_call_and_the_id_after_it(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the platform is asked, the store has the try and its time, and no message yet; then it has the message."""
    written, send = await write(town, POST), town.chat.send
    seen: list[Delivery] = []

    async def watched(channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        seen.extend(await kept(town, DeliveryKind.ISSUE, 7))
        return await send(channel, post, key, thread)

    monkeypatch.setattr(town.chat, "send", watched)
    await town.work()
    (claim,) = seen
    assert (claim.attempts, claim.first_attempt_at, claim.next_at) == (1, SUNDAY, SUNDAY + LEASE)
    assert claim.message_id is None
    (sent,) = await kept(town, DeliveryKind.ISSUE, 7)
    (message,) = town.chat.titled("A message")
    assert (sent.state, sent.message_id, sent.next_at) == (DeliveryState.SENT, message.id, None)
    assert sent.key == written.key


async def test_the_message_carries_the_deliverys_key(town: World) -> None:
    """By that it is known again, whoever sent it."""
    written = await write(town, POST)
    await town.work()
    assert town.chat.titled("A message")[0].key == written.key


async def test_an_uncertain_delivery_is_looked_up_since_its_first_attempt_before_it_is_posted_again(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each further try asks for the key among what came since the first one, and posts nothing that it finds."""
    find = town.chat.find
    asked: list[tuple[str, datetime]] = []

    async def watched(channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        asked.append((key, since))
        return await find(channel, key, since, thread)

    monkeypatch.setattr(town.chat, "find", watched)
    town.chat.faults["sent"] = [LOST]
    town.chat.faults["find"] = [SendLater("away")]
    written = await write(town, POST)
    for minute in (0, 5, 10):
        await town.at(SUNDAY + timedelta(minutes=minute))
    assert asked == [(written.key, SUNDAY - LOOK_BACK)] * 2
    assert len(town.chat.titled("A message")) == 1


async def test_without_a_look_nothing_is_posted_again_and_the_editors_are_told(town: World) -> None:
    """For as long as nobody can tell whether the message came, it is left at one try, and one notice says so."""
    town.chat.faults["send"] = [LOST]
    town.chat.faults["find"] = [SendLater("the history cannot be read")] * 100
    await write(town, POST)
    for minute in range(0, 120, 10):
        await town.at(SUNDAY + timedelta(minutes=minute))
    assert town.chat.titled("A message") == []
    assert len([each for each in town.texts(EDITORS) if "A message" in each and "cannot be read" in each]) == 1


async def test_later_means_when_the_platform_says(town: World) -> None:
    """Its own wait is kept as it is, however long."""
    town.chat.faults["send"] = [SendLater("too many requests", retry_after=3 * HOUR)]
    await write(town, POST)
    await town.work()
    assert await town.publisher.next_due() == SUNDAY + 3 * HOUR


async def test_later_means_back_off_with_jitter_where_the_platform_does_not_say(town: World) -> None:
    """Waits double up to a longest one, and none is quite like the other."""
    town.chat.faults["send"] = [SendLater("away")] * 20
    await write(town, POST)
    waits = []
    for _ in range(20):
        await town.work()
        due = await town.publisher.next_due()
        assert due
        waits.append(due - town.clock.now())
        town.clock.move_to(due)
    assert all(timedelta(seconds=2**number / 2) <= wait for number, wait in enumerate(waits[:8], 1))
    assert all(LONGEST_WAIT / 2 <= wait <= LONGEST_WAIT for wait in waits[10:])
    assert len(set(waits)) == len(waits)


async def test_differently_means_without_the_picture(town: World) -> None:
    """A picture that the platform cannot fetch costs itself; the words are there at once."""
    town.chat.faults["send"] = [PictureRefused("it cannot be fetched")]
    await write(town, Post("A message", (*POST.blocks, Picture("https://example.org/a.png", "a figure"))))
    await town.work()
    assert [each.post for each in town.chat.titled("A message")] == [POST]


async def test_never_means_suspended_not_deleted(town: World) -> None:
    """A channel that is gone is kept, gets nothing more and is told of; setting it up again lifts that."""
    town.chat.faults["send"] = [ChannelGone("the channel was deleted")]
    await write(town, POST)
    await town.work()
    async with town.store.snapshot() as tx:
        states = {each.channel: each.suspended for each in await tx.newsletters.subscriptions(1)}
    assert states == {PAPER: "the channel was deleted", OTHER: None, EDITORS: None}
    assert any("the channel was deleted" in each for each in town.texts(EDITORS))
    await town.say("/newsletter setup The Paper", ADA)
    async with town.store.snapshot() as tx:
        assert not any(each.suspended for each in await tx.newsletters.subscriptions(1))


@pytest.mark.parametrize("fault", [Undeliverable("it has too many blocks"), ChannelGone("it is archived"), LOST])
async def test_the_status_shows_what_did_not_succeed_and_why(town: World, fault: SendLater) -> None:
    """Whether it is given up or goes on being tried, its title and the reason stand there."""
    town.chat.faults["send"] = [fault]
    town.chat.faults["find"] = [SendLater("it cannot be looked up")] * 9
    await write(town, POST)
    await town.work()
    await town.at(SUNDAY + timedelta(minutes=1))
    said = await town.say("/newsletter status", ADA, EDITORS)
    assert "A message" in said
    assert ("it cannot be looked up" if fault is LOST else str(fault)) in said


async def test_the_truth_is_the_reactions_on_the_ballot_messages(town: World) -> None:
    """Whatever events said, a recount ends at what stands on the messages."""
    await town.vote(1, BEN, CHEN)
    town.ballot().reactions.clear()
    town.ballot(channel=OTHER).reactions["2️⃣"] = {BEN, CHEN, DORA}
    await town.voting.recount(1)
    assert await votes(town) == [0, 3]


async def test_live_events_keep_the_count_current(town: World) -> None:
    """A reaction counts as it comes, and no more as it goes: taken back, or cleared by a moderator with the others."""
    await town.vote(1, BEN, CHEN)
    await town.vote(2, BEN)
    assert await votes(town) == [2, 1]
    await town.withdraw(1, CHEN)
    assert await votes(town) == [1, 1]
    ballot = town.ballot()
    ballot.reactions.clear()
    await town.voting.reread(Message(ballot.channel, ballot.id), town.clock.now())
    assert await votes(town) == [0, 0]


async def test_the_bots_own_seeding_is_no_vote(town: World) -> None:
    """The numbers that it leaves itself under a ballot count for nothing."""
    assert town.ballot().seeded == ["1️⃣", "2️⃣"]
    await town.voting.recount(1)
    assert await votes(town) == [0, 0]


async def test_after_a_start_or_a_reconnect_both_directions_are_repaired(town: World) -> None:
    """Votes given unseen are added, and those withdrawn unseen removed, as soon as a community is back."""
    await town.vote(1, BEN, CHEN)
    town.ballot().reactions["1️⃣"] = {CHEN}
    town.ballot().reactions["2️⃣"] = {DORA}
    await town.voting.catch_up("web", ["town"])
    assert await votes(town) == [1, 1]


async def test_before_a_ballot_closes_both_directions_are_repaired(town: World) -> None:
    """What was missed since decides the issue all the same."""
    await town.vote(1, BEN, CHEN)
    town.ballot().reactions["1️⃣"].clear()
    town.ballot().reactions["2️⃣"] = {BEN, DORA}
    await town.at(MONDAY)
    (head, _) = town.chat.titled("The Paper #1")
    assert ("pear" in str(head.post), "apple" in str(head.post)) == (True, False)


async def test_the_database_refuses_a_second_vote(town: World, tmp_path: Path) -> None:
    """A vote is one row for a ballot, an item and a member, which no code can double."""
    await town.vote(1, BEN)
    with closing(sqlite3.connect(tmp_path / "broadsheet.sqlite")) as connection:
        (row,) = connection.execute("SELECT ballot_id, item_id, member_id FROM votes").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute("INSERT INTO votes (ballot_id, item_id, member_id) VALUES (?, ?, ?)", row)


async def test_a_vote_stands_while_one_of_its_reactions_does(town: World) -> None:
    """Of a member's two reactions in two channels either holds the one vote."""
    here, there = town.ballot(), town.ballot(channel=OTHER)
    for message in (here, there):
        await town.desk.reacted(Message(message.channel, message.id), "1️⃣", BEN, True, "")
    assert await votes(town) == [1, 0]
    await town.desk.reacted(Message(here.channel, here.id), "1️⃣", BEN, False, "")
    assert await votes(town) == [1, 0]
    await town.desk.reacted(Message(there.channel, there.id), "1️⃣", BEN, False, "")
    assert await votes(town) == [0, 0]


async def test_tallies_are_kept_and_equal_a_count(town: World) -> None:
    """The standing stands beside each nomination, and is what counting the rows would give."""
    await town.vote(1, BEN, CHEN, DORA)
    await town.withdraw(1, DORA)
    (checked,) = await check_votes(town.store)
    assert (checked.kept, checked.counted, checked.right) == (2, 2, True)


async def test_the_receipt_says_what_counted_what_was_left_out_and_how_ties_were_broken(town: World) -> None:
    """Whoever reads the closed ballot can reckon the issue from it."""
    for name in ("quince", "medlar"):
        await town.say(f"/nominate https://example.org/{name}")
    await town.work()
    await town.say("/newsletter setup The Paper threshold:2 picks:1", ADA)
    await town.vote(1, BEN, CHEN)
    await town.vote(2, BEN, CHEN)
    await town.vote(3, BEN)
    await town.at(MONDAY)
    async with town.store.snapshot() as tx:
        receipt = " ".join((await tx.ballots.get(1)).receipt)
    assert "5 votes on 4 nominations counted." in receipt
    assert "Of equal votes, the earlier nomination went first." in receipt
    assert "In, with 2 votes" in receipt
    assert "as the 1 place had gone" in receipt
    assert "with 1 vote, as fewer than 2 votes" in receipt
