"""The week, lived through on the real core and store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.errors import ChannelGone, MessageGone, SendLater
from bot.core.model import Channel, DeliveryKind, DeliveryState, IssueState, Message, Newsletter, Subscription
from tests.world import ADA, BEN, CHEN, DORA, EDITORS, MONDAY, PAPER, SUNDAY, World, world

WEEK = timedelta(days=7)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper sections:Papers, Articles, Tools picks:2 threshold:2", ADA)
        await made.say("/newsletter editors here:yes", ADA, EDITORS)
        await made.work()
        yield made


async def nominate(town: World, *words: str) -> None:
    for word in words:
        await town.say(f"/nominate https://example.org/posts/{word}-is-worth-reading", BEN)
    await town.work()


async def test_a_week_from_nomination_to_the_next_ballot(town: World) -> None:
    """Votes decide the issue and its order; what lost is carried over to the ballot that opens."""
    await nominate(town, "apple", "pear", "quince")
    await town.vote(1, BEN, CHEN)
    await town.vote(2, BEN, CHEN, DORA)
    await town.vote(3, BEN, CHEN)
    await town.withdraw(3, CHEN)
    await town.at(MONDAY)
    head = next(text for text in town.texts() if text.startswith("The Paper #1"))
    assert head.index("Pear is worth reading") < head.index("Apple is worth reading")
    assert "Quince" not in head
    second = "\n".join(text for text in town.texts() if "ballot 2" in text)
    assert "Quince is worth reading" in second
    assert "carried over" in second
    assert "Pear" not in second
    assert "Closed: the votes are counted." in town.texts()[0]


async def test_an_issue_is_a_head_and_a_thread_of_sections(town: World) -> None:
    """The head stands in the channel, each section in the thread below it, once each."""
    await town.say("/nominate 2103.06255 section:Papers")
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.vote(2, BEN, CHEN)
    await town.at(MONDAY)
    (head,) = town.chat.titled("The Paper #1")
    sections = [each for each in town.chat.sent if each.thread == head.id]
    assert [each.post.title for each in sections] == ["The Paper #1: Papers", "The Paper #1: Articles"]
    await town.at(MONDAY + timedelta(hours=1))
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_an_issue_comes_once_a_slot_and_the_next_one_a_week_later(town: World) -> None:
    """However often the clock is looked at, two Mondays make two issues, numbered in order."""
    for week, word in enumerate(("apple", "pear")):
        await nominate(town, word)
        await town.vote(1, BEN, CHEN)
        for minute in range(5):
            await town.at(MONDAY + week * WEEK + timedelta(minutes=minute))
    titles = [each.post.title for each in town.chat.sent if each.thread is None and "#" in each.post.title]
    assert titles == ["The Paper #1", "The Paper #2"]


async def test_without_votes_enough_there_is_no_issue_and_the_vote_goes_on(town: World) -> None:
    """An empty slot is told to the editors, the ballot stays open with its votes, the next slot counts them."""
    await nominate(town, "apple")
    await town.vote(1, BEN)
    await town.at(MONDAY)
    assert town.chat.titled("The Paper #1") == []
    assert "No issue this time" in town.texts(EDITORS)[-1]
    await town.vote(1, CHEN)
    await town.at(MONDAY + WEEK)
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_missed_slot_is_posted_late_within_grace(town: World) -> None:
    """A bot that was away for a day posts the issue, with a line that says when it was due."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + timedelta(days=1))
    assert "This issue is late: it was due Mon 23 November 2026, 09:00 UTC and could not go out then." in "\n".join(
        town.texts()
    )


async def test_a_slot_missed_beyond_grace_is_skipped_and_told(town: World) -> None:
    """After three days nothing goes out for that slot; the editors are told, the next Monday works."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + timedelta(days=3))
    assert town.chat.titled("The Paper #1") == []
    assert "1 issue was skipped" in town.texts(EDITORS)[-1]
    await town.at(MONDAY + WEEK)
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_of_many_missed_slots_only_the_last_is_made_up_for(town: World) -> None:
    """Three weeks away, back a day after the third Monday: one issue, two slots skipped and told."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + 2 * WEEK + timedelta(days=1))
    assert len(town.chat.titled("The Paper #1")) == 1
    assert town.chat.titled("The Paper #2") == []
    assert any("2 issues were skipped" in text for text in town.texts(EDITORS))


async def test_votes_missed_and_withdrawn_unseen_are_repaired_before_the_count(town: World) -> None:
    """Reactions that changed without an event reaching us decide all the same."""
    await nominate(town, "apple", "pear")
    await town.vote(1, BEN, CHEN)
    message = town.ballot()
    message.reactions["1️⃣"].clear()
    message.reactions["2️⃣"] = {BEN, DORA}
    await town.at(MONDAY)
    head = next(text for text in town.texts() if text.startswith("The Paper #1"))
    assert "Pear" in head
    assert "Apple" not in head


async def lived_through(town: World, until: datetime) -> None:
    """Let the time pass from one thing to do to the next, with whole days between them at most."""
    while (due := await town.week.next_due() or until) <= until:
        await town.at(max(due, town.clock.now()))
    await town.at(until)


async def test_a_count_that_cannot_be_had_is_tried_until_the_grace_ends(town: World) -> None:
    """The vote waits as long as the newsletter's grace, then closes by the votes noted, which its receipt says."""
    await town.say("/newsletter schedule grace:3", ADA)
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    town.ballot().reactions["1️⃣"] = {BEN, CHEN, DORA}
    town.chat.faults["reactions"] = [SendLater("the platform is away")] * 999
    await lived_through(town, MONDAY + timedelta(hours=3) - timedelta(seconds=1))
    assert town.chat.titled("The Paper #1") == []
    assert 900 < len(town.chat.faults["reactions"]) < 980
    (told,) = [text for text in town.texts(EDITORS) if "waits" in text]
    assert told == (
        "The Paper\n\nThe issue due Mon 23 November 2026, 09:00 UTC waits: its votes cannot be read again yet. "
        "It comes out by Mon 23 November 2026, 12:00 UTC at the latest, by the votes noted until then. "
        "Reason: the platform is away"
    )
    await town.at(MONDAY + timedelta(hours=3, seconds=5))
    assert len(town.chat.titled("The Paper #1")) == 1
    assert "This issue is late" in "\n".join(town.texts())
    assert not any("skipped" in text for text in town.texts(EDITORS))
    async with town.store.snapshot() as tx:
        closed = await tx.ballots.last_closed(1)
    assert closed is not None
    assert closed.receipt[:2] == (
        "Counted in part as noted before, since a message could not be read: the platform is away",
        "2 votes on 1 nomination counted.",
    )


async def test_a_count_that_comes_off_late_is_the_count(town: World) -> None:
    """As soon as the platform is back the issue comes out, by the votes it has now, with nothing to doubt."""
    await nominate(town, "apple")
    town.ballot().reactions["1️⃣"] = {BEN, CHEN}
    town.chat.faults["reactions"] = [SendLater("away")] * 12
    await lived_through(town, MONDAY + timedelta(hours=2))
    assert len(town.chat.titled("The Paper #1")) == 1
    async with town.store.snapshot() as tx:
        closed = await tx.ballots.last_closed(1)
    assert closed is not None
    assert closed.receipt[0] == "2 votes on 1 nomination counted."


async def test_the_platforms_wait_is_obeyed_but_not_beyond_the_grace(town: World) -> None:
    """A platform that asks for a day is not asked before, and a grace of an hour ends the wait."""
    await town.say("/newsletter schedule grace:1", ADA)
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    town.chat.faults["reactions"] = [SendLater("wait", retry_after=timedelta(days=1))] * 9
    await town.at(MONDAY)
    assert (await newsletter(town)).next_at == MONDAY + timedelta(hours=1)
    await town.at(MONDAY + timedelta(hours=1))
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_restart_while_the_votes_are_waited_for_neither_skips_nor_hurries(tmp_path: Path) -> None:
    """The wait goes on where it was: no issue by votes unread before its grace ends, and one when it has."""
    async with world(tmp_path) as before:
        await before.say("/newsletter setup The Paper picks:2", ADA)
        await nominate(before, "apple")
        await before.vote(1, BEN, CHEN)
        before.chat.faults["reactions"] = [SendLater("away")] * 999
        await lived_through(before, MONDAY + timedelta(hours=40))
        sent = before.chat.sent
    async with world(tmp_path, MONDAY + timedelta(hours=41)) as after:
        after.chat.sent = sent
        after.chat.faults["reactions"] = [SendLater("away")] * 999
        await lived_through(after, MONDAY + timedelta(hours=47, minutes=59))
        assert after.chat.titled("The Paper #1") == []
        await after.at(MONDAY + timedelta(hours=48, minutes=2))
        assert len(after.chat.titled("The Paper #1")) == 1


async def test_a_slot_that_is_skipped_asks_the_platform_nothing(town: World) -> None:
    """Nine days too late there is nothing to count: the vote goes on."""
    await nominate(town, "apple")
    town.ballot().reactions["1️⃣"] = {BEN, CHEN}
    await town.at(MONDAY + timedelta(days=3))
    assert "reactions" not in town.chat.calls
    assert any("1 issue was skipped" in text for text in town.texts(EDITORS))


async def test_one_newsletters_slow_platform_holds_up_no_other(town: World) -> None:
    """While one recount waits for its answer, another newsletter's issue comes out."""
    other = Channel("web", "town", "other")
    await town.say("/newsletter setup name:Second threshold:1", ADA, other)
    await nominate(town, "apple")
    await town.say("/nominate https://example.org/posts/pear-is-worth-reading", BEN, other)
    await town.work()
    town.ballot(channel=other).reactions["1️⃣"] = {BEN}
    town.ballot().reactions["1️⃣"] = {BEN, CHEN}
    answer, back = town.chat.reactions, asyncio.Event()

    async def slowly(message: Message) -> object:
        if message.channel == PAPER:
            await back.wait()
        return await answer(message)

    town.chat.reactions = slowly  # type: ignore[method-assign, assignment]  # one channel answers when told
    town.clock.move_to(MONDAY)
    at_work = asyncio.create_task(town.week.work())
    async with asyncio.timeout(10):
        while not await published(town, 2):
            continue
    assert not await published(town, 1)
    back.set()
    await at_work
    assert await published(town, 1)


async def published(town: World, newsletter_id: int) -> bool:
    async with town.store.snapshot() as tx:
        return await tx.issues.latest(newsletter_id) is not None


async def newsletter(town: World) -> Newsletter:
    async with town.store.snapshot() as tx:
        return await tx.newsletters.get(1)


async def test_a_deleted_ballot_message_keeps_its_votes_and_holds_nothing_up(town: World) -> None:
    """What a moderator deletes cannot be read again; the votes noted before decide, and the issue comes."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    town.chat.faults["reactions"] = [MessageGone("deleted")]
    await town.at(MONDAY)
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_with_review_the_editors_get_the_draft_first(town: World) -> None:
    """The draft goes to the editors alone, can be changed, and goes out by itself at its deadline."""
    await town.say("/newsletter schedule review:4", ADA)
    await nominate(town, "apple", "pear")
    await town.vote(1, BEN, CHEN)
    await town.vote(2, BEN, CHEN)
    await town.at(MONDAY)
    assert town.chat.titled("The Paper #1") == []
    assert "goes out by itself" in town.chat.sent[-2].post.title + town.chat.sent[-1].post.title
    assert await town.say("/item drop 2", ADA) == "“Pear is worth reading” is dropped."
    await town.at(MONDAY + timedelta(hours=4))
    (head,) = town.chat.titled("The Paper #1")
    assert "Pear" not in str(head.post)


async def test_editors_publish_a_draft_when_they_are_ready(town: World) -> None:
    """With the draft waiting, publish sends that one, and its deadline passes without another."""
    await town.say("/newsletter schedule review:4", ADA)
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    assert await town.say("/newsletter publish", ADA) == "The Paper #1 is on its way."
    await town.at(MONDAY + timedelta(hours=5))
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_publishing_early_uses_the_slot_up(town: World) -> None:
    """What is published on Sunday is Monday's issue: Monday brings no second one."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.say("/newsletter publish", ADA)
    await nominate(town, "pear")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + timedelta(minutes=1))
    assert len(town.chat.titled("The Paper #1")) == 1
    assert town.chat.titled("The Paper #2") == []
    await town.at(MONDAY + WEEK)
    assert len(town.chat.titled("The Paper #2")) == 1


async def test_publishing_nothing_is_refused_and_changes_nothing(town: World) -> None:
    """With no winner there is nothing to publish, and Monday's slot is still there."""
    await nominate(town, "apple")
    assert "nothing to publish" in await town.say("/newsletter publish", ADA)
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_paused_newsletter_publishes_nothing_until_resumed(town: World) -> None:
    """Slots pass while it is paused, votes go on, and the slot after resuming works."""
    await nominate(town, "apple")
    await town.say("/newsletter pause", ADA)
    await town.at(MONDAY)
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + timedelta(days=2))
    assert "Next issue" in await town.say("/newsletter resume", ADA)
    await town.work()
    assert town.chat.titled("The Paper #1") == []
    await town.at(MONDAY + WEEK)
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_nomination_is_carried_over_so_often_and_no_more(town: World) -> None:
    """With the default of four, what never wins is on five ballots."""
    await nominate(town, "apple")
    for week in range(6):
        await nominate(town, f"weekly-{week}")
        async with town.store.snapshot() as tx:
            ballot = await tx.ballots.current(1)
            assert ballot is not None
            there = await tx.ballots.nominations(ballot.id)
        assert any("Apple" in each.heading for each in there) == (week < 5)
        await town.vote(len(there), BEN, CHEN)
        await town.at(MONDAY + week * WEEK)


async def test_a_changed_schedule_does_not_publish_twice_a_day(town: World) -> None:
    """Moving the hour to later on the day an issue came out waits for the next week."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    await town.say("/newsletter schedule time:15:00", ADA)
    await nominate(town, "pear")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + timedelta(hours=7))
    assert town.chat.titled("The Paper #2") == []
    await town.at(MONDAY + WEEK + timedelta(hours=7))
    assert len(town.chat.titled("The Paper #2")) == 1


async def test_a_restart_in_the_middle_of_the_week_loses_nothing(tmp_path: Path) -> None:
    """Votes given before a restart count after it, and the issue goes out on time."""
    async with world(tmp_path) as before:
        await before.say("/newsletter setup The Paper picks:2", ADA)
        await before.work()
        await nominate(before, "apple")
        await before.vote(1, BEN, CHEN)
        sent = before.chat.sent
    async with world(tmp_path, SUNDAY + timedelta(hours=1)) as after:
        after.chat.sent = sent
        await after.at(MONDAY)
        assert len(after.chat.titled("The Paper #1")) == 1
        async with after.store.snapshot() as tx:
            latest = await tx.issues.latest(1)
        assert latest is not None
        assert latest.state is IssueState.PUBLISHED


async def test_every_channel_of_a_newsletter_gets_ballot_and_issue(town: World) -> None:
    """A vote in one channel and one in another make two for the same item; the same member's make one."""
    other = Channel("web", "town", "other")
    async with town.store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(1, other))
    await nominate(town, "apple")
    here, there = town.ballot(), town.ballot(channel=other)
    for message, who in ((here, BEN), (there, BEN), (there, CHEN)):
        message.reactions.setdefault("1️⃣", set()).add(who)
        await town.desk.reacted(Message(message.channel, message.id), "1️⃣", who, True, "")
    assert "2 votes" in await town.say("/ballot")
    await town.at(MONDAY)
    assert {each.channel for each in town.chat.titled("The Paper #1")} == {PAPER, other}
    assert len(town.chat.titled("The Paper #1")) == 2


async def test_one_newsletters_trouble_is_not_anothers(town: World) -> None:
    """A channel on a platform that nobody here speaks to costs its own votes, and no newsletter its issue."""
    other = Channel("web", "town", "other")
    await town.say("/newsletter setup Second", ADA, other)
    async with town.store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(1, Channel("elsewhere", "there", "channel")))
    await nominate(town, "apple")
    async with town.store.transaction() as tx:
        (lost,) = [each for each in await tx.outbox.of(DeliveryKind.BALLOT, 1) if each.channel.platform == "elsewhere"]
        await tx.outbox.save(replace(lost, state=DeliveryState.SENT, message_id="x", next_at=None))
    await town.vote(1, BEN, CHEN)
    await town.say("/nominate https://example.org/second-thing-to-read", BEN, other)
    await town.work()
    await town.at(MONDAY)
    assert len(town.chat.titled("The Paper #1")) == 1
    async with town.store.snapshot() as tx:
        closed = await tx.ballots.last_closed(1)
    assert closed is not None
    assert "nobody here speaks to elsewhere" in closed.receipt[0]


async def test_a_late_start_waits_for_the_platform_too(town: World) -> None:
    """An hour after the slot, the first count that cannot be had is tried again rather than done without."""
    await nominate(town, "apple")
    town.ballot().reactions["1️⃣"] = {BEN, CHEN}
    town.chat.faults["reactions"] = [SendLater("not connected yet")]
    await town.at(MONDAY + timedelta(hours=1))
    assert town.chat.titled("The Paper #1") == []
    await town.at(MONDAY + timedelta(hours=1, minutes=2))
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_one_unreadable_channel_does_not_hide_anothers_votes(town: World) -> None:
    """The channels that can be read are; the receipt names the one that could not."""
    other = Channel("web", "town", "other")
    await town.say("/newsletter setup The Paper", ADA, other)
    await nominate(town, "apple")
    for channel in (PAPER, other):
        town.ballot(channel=channel).reactions["1️⃣"] = {BEN, CHEN}
    town.chat.faults["reactions"] = [ChannelGone("no right to read")]
    await town.at(MONDAY)
    assert len(town.chat.titled("The Paper #1")) == 2


async def test_a_schedule_changed_while_a_slot_is_due_loses_no_issue(town: World) -> None:
    """The slot that has come is dealt with; the new hour holds from the next one on."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    town.chat.faults["reactions"] = [SendLater("away")]
    await town.at(MONDAY + timedelta(minutes=1))
    await town.say("/newsletter schedule time:08:00", ADA)
    await town.at(MONDAY + timedelta(minutes=3))
    assert len(town.chat.titled("The Paper #1")) == 1
    async with town.store.snapshot() as tx:
        assert (await tx.newsletters.get(1)).next_slot == MONDAY + WEEK - timedelta(hours=1)


async def test_no_grace_at_all_still_publishes_on_time(town: World) -> None:
    """A second after its hour is not late; a day after it is skipped."""
    await town.say("/newsletter schedule grace:0", ADA)
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY + timedelta(seconds=1))
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_paused_newsletter_keeps_its_draft_until_resumed(town: World) -> None:
    """A deadline that passes while it is paused publishes nothing; resuming does."""
    await town.say("/newsletter schedule review:4", ADA)
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    await town.say("/newsletter pause", ADA)
    await town.at(MONDAY + timedelta(hours=5))
    assert town.chat.titled("The Paper #1") == []
    await town.say("/newsletter resume", ADA)
    await town.work()
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_drafts_items_keep_their_numbers_and_come_back(town: World) -> None:
    """Dropping and pinning are undone by doing them again; an emptied draft does not go out."""
    await town.say("/newsletter schedule review:4", ADA)
    await nominate(town, "apple", "pear")
    await town.vote(1, BEN, CHEN)
    await town.vote(2, BEN, CHEN)
    await town.at(MONDAY)
    assert await town.say("/item drop 1", ADA) == "“Apple is worth reading” is dropped."
    assert await town.say("/item drop 1", ADA) == "“Apple is worth reading” is back in."
    assert await town.say("/item pin 2", ADA) == "“Pear is worth reading” is pinned."
    preview = await town.say("/newsletter preview", ADA)
    assert "1. Apple is worth reading\n2. Pear is worth reading (pinned)" in preview
    assert preview.index("Pear is worth reading <") < preview.index("Apple is worth reading <")
    await town.say("/item drop 1", ADA)
    await town.say("/item drop 2", ADA)
    assert "is dropped: take something back in first" in await town.say("/newsletter publish", ADA)
    await town.at(MONDAY + timedelta(hours=4))
    assert town.chat.titled("The Paper #1") == []
    await town.say("/item drop 2", ADA)
    await town.at(MONDAY + timedelta(hours=8))
    assert "Pear" in str(town.chat.titled("The Paper #1")[0].post)


async def test_what_waits_in_a_draft_is_not_nominated_again(town: World) -> None:
    """An item is printed once, even when its issue is still with the editors."""
    await town.say("/newsletter schedule review:4", ADA)
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    told = await town.say("/nominate https://example.org/posts/apple-is-worth-reading")
    assert "is in the issue that is about to come out" in told


async def test_a_button_publishes_the_draft_it_was_made_for(town: World) -> None:
    """Pressed again later, it says that its issue is out and leaves the next one alone."""
    await town.say("/newsletter schedule review:4", ADA)
    await nominate(town, "apple", "pear")
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    assert await town.press("newsletter publish", ADA, number="1") == "The Paper #1 is on its way."
    await town.work()
    await town.vote(1, BEN, CHEN)
    assert "Issue 1 is not what comes next" in await town.press("newsletter publish", ADA, number="1")


async def test_an_issue_published_early_is_dated_when_it_came_out(town: World) -> None:
    """Sunday's issue says Sunday, though it stands for Monday's slot."""
    await nominate(town, "apple")
    await town.vote(1, BEN, CHEN)
    await town.say("/newsletter publish", ADA)
    await town.work()
    assert "22 November 2026" in "\n".join(town.texts())


async def test_an_open_ballot_names_the_next_end_of_its_vote(town: World) -> None:
    """After a slot without an issue the ballot shows the coming one."""
    await nominate(town, "apple")
    await town.at(MONDAY)
    assert "The vote ends Mon 30 November 2026, 09:00 UTC." in town.texts()[0]
