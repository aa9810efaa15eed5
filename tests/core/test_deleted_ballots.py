"""A ballot message that a moderator deletes comes again, with its votes, and the editors hear of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.ballots import ANEW
from bot.core.model import Channel, Member, Message, Newsletter, Subscription
from bot.core.voting import Recount
from bot.store import check_votes
from tests.fakes.chat import Sent
from tests.world import ADA, BEN, CHEN, DORA, EDITORS, MONDAY, PAPER, World, world

OTHER = Channel("web", "town", "other")
BIN = Channel("web", "town", "bin")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A ballot with two nominations, with votes of Ben and Chen for the first one."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper", ADA)
        await made.say("/newsletter editors here:yes", ADA, EDITORS)
        for word in ("one", "two"):
            await made.say(f"/nominate https://example.org/{word}")
        await made.work()
        await made.vote(1, BEN, CHEN)
        yield made


def delete(town: World) -> Message:
    """Delete the ballot's message on the platform, which gives its id to no other."""
    ballot = town.ballot()
    message = Message(ballot.channel, ballot.id)
    ballot.id, ballot.channel = f"deleted {ballot.id}", BIN
    return message


async def react(town: World, page: Sent, who: Member, *, added: bool) -> None:
    """Add or remove the first number on a page, on the platform and as an event."""
    there = page.reactions.setdefault("1️⃣", set())
    (there.add if added else there.discard)(who)
    await town.desk.reacted(Message(page.channel, page.id), "1️⃣", who, added, "")


async def votes(town: World) -> list[int]:
    """The standing of each nomination on the first ballot."""
    assert all(each.right for each in await check_votes(town.store))
    async with town.store.snapshot() as tx:
        return [each.votes for each in await tx.ballots.nominations(1)]


def notices(town: World) -> list[str]:
    """What the editors were told of deleted messages."""
    return [text for text in town.texts(EDITORS) if "was deleted" in text]


async def noticed_by_an_edit(town: World, message: Message) -> None:
    """The publisher wants to show a new nomination on it."""
    await town.say("/nominate https://example.org/three")
    await town.work()


async def noticed_by_a_recount(town: World, message: Message) -> None:
    """The votes are read again after a reconnect."""
    await town.voting.catch_up("web", ["town"])
    await town.work()


async def noticed_by_its_event(town: World, message: Message) -> None:
    """The platform says so."""
    await town.voting.deleted(message, town.clock.now())
    await town.work()


@pytest.mark.parametrize("notice", [noticed_by_an_edit, noticed_by_a_recount, noticed_by_its_event])
async def test_it_is_posted_again_once_with_its_votes(town: World, notice: object) -> None:
    """However it is noticed, and however often, one message takes its place; its votes stand and decide."""
    assert callable(notice)
    gone = delete(town)
    for _ in range(2):
        await notice(town, gone)
        await noticed_by_its_event(town, gone)
        await noticed_by_a_recount(town, gone)
    assert len(town.texts()) == 1
    assert town.ballot().seeded[:2] == ["1️⃣", "2️⃣"]
    assert (await votes(town))[:2] == [2, 0]
    assert notices(town) == [
        "The Paper\n\nA message of ballot 1 was deleted. It is posted again; the votes given on it are kept."
    ]
    await town.at(MONDAY)
    assert len(town.chat.titled("The Paper #1")) == 1
    async with town.store.snapshot() as tx:
        closed = await tx.ballots.get(1)
    assert closed.receipt[0] == "1 ballot message had been deleted: the votes there are counted as noted before."


async def test_on_the_new_message_a_vote_is_taken_back(town: World) -> None:
    """Whoever voted on the deleted message withdraws on the new one, by putting the number there and taking it off."""
    await noticed_by_its_event(town, delete(town))
    page = town.ballot()
    await react(town, page, BEN, added=True)
    assert await votes(town) == [2, 0]
    await react(town, page, BEN, added=False)
    assert await votes(town) == [1, 0]
    await react(town, page, DORA, added=True)
    assert await votes(town) == [2, 0]


async def test_a_recount_of_the_new_message_leaves_the_old_votes(town: World) -> None:
    """What nobody could repeat there stands; who reacted there unseen has moved, and is withdrawn unseen as well."""
    await noticed_by_its_event(town, delete(town))
    page = town.ballot()
    page.reactions["1️⃣"] = {BEN}
    assert await town.voting.recount(1) == Recount(deleted=1)
    assert await votes(town) == [2, 0]
    page.reactions["1️⃣"] = set()
    assert await town.voting.recount(1) == Recount(removed=1, deleted=1)
    assert await votes(town) == [1, 0]


async def test_votes_of_a_deleted_message_count_once_beside_another_channels(town: World) -> None:
    """A member who voted in two channels has one vote, which stands on while either message holds it."""
    async with town.store.transaction() as tx:
        await tx.newsletters.subscribe(Subscription(1, OTHER))
    await town.say("/nominate https://example.org/three")
    await town.work()
    there = town.ballot(channel=OTHER)
    await react(town, there, BEN, added=True)
    await noticed_by_its_event(town, delete(town))
    assert (await votes(town))[0] == 2
    await react(town, town.ballot(), BEN, added=True)
    await react(town, town.ballot(), BEN, added=False)
    assert (await votes(town))[0] == 2
    await react(town, there, BEN, added=False)
    assert (await votes(town))[0] == 1


async def test_a_page_that_is_deleted_over_and_over_stays_away(town: World) -> None:
    """After three new messages the moderator's will is done, the editors are told, and the votes still count."""
    for _ in range(ANEW + 1):
        await noticed_by_its_event(town, delete(town))
    assert town.texts() == []
    assert len(notices(town)) == ANEW + 1
    assert "stays away; the votes given on it are kept" in notices(town)[-1]
    await noticed_by_a_recount(town, Message(PAPER, "gone"))
    await town.say("/nominate https://example.org/three")
    await town.work()
    assert town.texts() == []
    assert (await votes(town))[0] == 2
    assert await town.publisher.next_due() is None
    await town.at(MONDAY)
    assert len(town.chat.titled("The Paper #1")) == 1


async def test_a_closed_ballots_message_does_not_come_again(town: World) -> None:
    """When the vote is over nothing is posted and nobody is told, however it is noticed."""
    gone = delete(town)
    await town.week.publish_now(await newsletter(town))
    await town.work()
    await noticed_by_its_event(town, gone)
    assert notices(town) == []
    assert [text for text in town.texts() if "ballot 1" in text] == []


async def newsletter(town: World) -> Newsletter:
    async with town.store.snapshot() as tx:
        return await tx.newsletters.get(1)


async def test_a_channel_that_left_gets_no_new_message(town: World) -> None:
    """A channel that takes the newsletter no more, and lost the message, is left alone."""
    gone = delete(town)
    async with town.store.transaction() as tx:
        await tx.newsletters.unsubscribe(PAPER)
    await noticed_by_its_event(town, gone)
    assert town.texts() == []
    assert (await votes(town))[:1] == [2]


async def test_a_message_that_is_no_ballot_may_be_deleted(town: World) -> None:
    """An unknown message, or an issue's, is nobody's concern here."""
    await town.at(MONDAY)
    (head,) = town.chat.titled("The Paper #1")
    before = len(town.chat.sent)
    for message in (Message(PAPER, head.id), Message(PAPER, "unknown")):
        await noticed_by_its_event(town, message)
    assert len(town.chat.sent) == before
    assert notices(town) == []


async def test_a_restart_between_notice_and_posting_posts_once(tmp_path: Path) -> None:
    """What was noticed before the process died is posted by the next one, and not noticed twice."""
    async with world(tmp_path) as before:
        await before.say("/newsletter setup The Paper", ADA)
        await before.say("/nominate https://example.org/one")
        await before.work()
        await before.vote(1, BEN)
        gone = delete(before)
        await before.voting.deleted(gone, before.clock.now())
    async with world(tmp_path) as after:
        await noticed_by_its_event(after, gone)
        await noticed_by_a_recount(after, gone)
        assert len(after.texts()) == 1
        assert await votes(after) == [1]
