"""Votes: whatever order events come in, however often or not at all, a recount ends at the truth."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ballots import KEYCAPS
from bot.core.errors import SendLater, StoreError
from bot.core.model import Channel, Member, Message, Subscription
from bot.core.together import LIMIT
from bot.core.voting import Recount
from tests.fakes.chat import Sent
from tests.world import ADA, BEN, CHEN, DORA, MONDAY, PAPER, SUNDAY, World, world

OTHER = Channel("web", "town", "other")
VOTERS = (ADA, BEN, CHEN, DORA)

clicks = st.lists(
    st.tuples(
        st.sampled_from(VOTERS),
        st.integers(0, 2),
        st.sampled_from([0, 1]),
        st.sampled_from(["once", "twice", "lost", "late"]),
    ),
    max_size=30,
)


def truth(messages: list[Sent]) -> set[tuple[str, Member]]:
    """Who votes for what: at least one reaction on any of the messages."""
    return {(emoji, member) for each in messages for emoji, members in each.reactions.items() for member in members}


async def standing(town: World) -> tuple[set[tuple[str, Member]], dict[str, int]]:
    """The votes as the store has them, and the tallies it keeps beside them."""
    async with town.store.snapshot() as tx:
        nominations = await tx.ballots.nominations(1)
        votes = await tx.ballots.votes(1)
    emojis = {each.id: KEYCAPS[each.position - 1] for each in nominations}
    return {(emojis[number], member) for number, member in votes}, {emojis[each.id]: each.votes for each in nominations}


async def click(
    town: World, message: Sent, emoji: str, member: Member, fate: str
) -> list[tuple[Message, str, Member, bool]]:
    """Toggle a reaction on the platform, and let its event come once, twice, never or later."""
    there = message.reactions.setdefault(emoji, set())
    added = member not in there
    (there.add if added else there.discard)(member)
    event = (Message(message.channel, message.id), emoji, member, added)
    for _ in range({"once": 1, "twice": 2}.get(fate, 0)):
        await town.desk.reacted(*event, "")
    return [event] if fate == "late" else []


@settings(max_examples=25)
@given(clicks, st.randoms())
async def test_a_recount_ends_at_the_truth(clicks: list[tuple[Member, int, int, str]], chance: random.Random) -> None:
    """After events that were doubled, lost, late and shuffled, votes and tallies are what the platforms show."""
    with tempfile.TemporaryDirectory() as folder:
        async with world(Path(folder)) as town:
            await town.say("/newsletter setup The Paper", ADA)
            async with town.store.transaction() as tx:
                await tx.newsletters.subscribe(Subscription(1, OTHER))
            for word in ("one", "two", "three"):
                await town.say(f"/nominate https://example.org/{word}")
            await town.work()
            messages = [town.ballot(), town.ballot(channel=OTHER)]
            late = []
            for member, place, where, fate in clicks:
                late += await click(town, messages[where], KEYCAPS[place], member, fate)
            chance.shuffle(late)
            for event in late:
                await town.desk.reacted(*event, "")
            await town.voting.recount(1)
            votes, tallies = await standing(town)
            assert votes == truth(messages)
            assert {emoji: number for emoji, number in tallies.items() if number} == Counter(e for e, _ in votes)
            assert await town.voting.recount(1) == Recount()


@asynccontextmanager
async def one_item(folder: Path) -> AsyncIterator[World]:
    """A newsletter with one nomination on its ballot."""
    async with world(folder) as town:
        await town.say("/newsletter setup The Paper", ADA)
        await town.say("/nominate https://example.org/one")
        await town.work()
        yield town


async def test_missed_events_are_caught_up_with_after_a_reconnect(tmp_path: Path) -> None:
    """The open ballots of the communities that are back are read again; one that cannot be read is left for later."""
    async with world(tmp_path) as town:
        await town.say("/newsletter setup The Paper", ADA)
        await town.say("/nominate https://example.org/one")
        await town.work()
        town.ballot().reactions["1️⃣"] = {BEN, CHEN}
        town.chat.faults["reactions"] = [SendLater("away")]
        await town.voting.catch_up("web", ["town"])
        assert (await standing(town))[1] == {"1️⃣": 0}
        await town.voting.catch_up("web", ["elsewhere"])
        assert (await standing(town))[1] == {"1️⃣": 0}
        await town.voting.catch_up("web", ["town"])
        assert (await standing(town))[1] == {"1️⃣": 2}


async def test_a_vote_given_while_the_recount_asks_is_kept(tmp_path: Path) -> None:
    """An event that comes in between the platform's answer and the repair is not undone by it."""
    async with world(tmp_path) as town:
        await town.say("/newsletter setup The Paper", ADA)
        await town.say("/nominate https://example.org/one")
        await town.work()
        ballot = town.ballot()
        message = Message(ballot.channel, ballot.id)
        before = town.chat.reactions

        async def meanwhile(asked: Message) -> object:
            seen = {emoji: set(members) for emoji, members in (await before(asked)).items()}
            ballot.reactions.setdefault("1️⃣", set()).add(BEN)
            await town.desk.reacted(message, "1️⃣", BEN, True, "")
            return seen

        town.chat.reactions = meanwhile  # type: ignore[method-assign, assignment]  # one call, watched
        await town.voting.recount(1)
        assert (await standing(town))[1] == {"1️⃣": 1}


async def test_events_that_waited_are_older_than_the_platforms_answer(tmp_path: Path) -> None:
    """Reactions that were still to be written when the recount began do not undo what it finds."""
    async with one_item(tmp_path) as town:
        ballot = Message(PAPER, town.ballot().id)
        async with town.store.transaction():
            voters = [Member("web", "town", str(number)) for number in range(2 * LIMIT)]
            work = [asyncio.create_task(town.voting.reacted(ballot, "1️⃣", who, added=True)) for who in voters]
            await asyncio.sleep(0)
            recount = asyncio.create_task(town.voting.recount(1))
            for _ in range(20):
                # Time enough for the recount to get as far as it can while the store is taken.
                await standing(town)
        await asyncio.gather(recount, *work)
        assert (await standing(town))[1] == {"1️⃣": 0}


async def test_what_could_not_be_read_is_read_again(tmp_path: Path) -> None:
    """A recount that failed is tried again by itself, as late as the platform asks, until it comes off."""
    async with one_item(tmp_path) as town:
        town.ballot().reactions["1️⃣"] = {BEN, CHEN}
        town.chat.faults["reactions"] = [SendLater("away", retry_after=timedelta(minutes=2)), SendLater("still away")]
        await town.voting.catch_up("web", ["town"])
        await town.work()
        assert await town.week.next_due() == SUNDAY + timedelta(minutes=2)
        await town.at(SUNDAY + timedelta(minutes=2))
        assert (await standing(town))[1] == {"1️⃣": 0}
        again = await town.week.next_due()
        assert again is not None
        await town.at(again)
        assert (await standing(town))[1] == {"1️⃣": 2}
        assert await town.week.next_due() == MONDAY


async def test_a_recount_that_takes_too_long_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that does not answer in time counts as away, and the next answer repairs."""
    async with one_item(tmp_path) as town:
        town.ballot().reactions["1️⃣"] = {BEN}
        monkeypatch.setattr("bot.core.voting.ANSWER", timedelta(0))
        answer = town.chat.reactions

        async def slowly(message: Message) -> object:
            await asyncio.Event().wait()
            return await answer(message)

        town.chat.reactions = slowly  # type: ignore[method-assign, assignment]  # one that never answers
        (error,) = (await town.voting.recount(1)).unread
        assert isinstance(error, SendLater)
        monkeypatch.undo()
        town.chat.reactions = answer  # type: ignore[method-assign]  # and one that does
        await town.week.next_due()
        await town.at(SUNDAY + timedelta(minutes=1))
        assert (await standing(town))[1] == {"1️⃣": 1}


async def test_a_newsletter_forgotten_meanwhile_is_not_read_again(tmp_path: Path) -> None:
    """What is to be read again may be gone by then."""
    async with one_item(tmp_path) as town:
        town.chat.faults["reactions"] = [SendLater("away")]
        await town.voting.recount(1)
        await town.press("newsletter forget", ADA, confirm="The Paper")
        await town.week.next_due()
        await town.at(SUNDAY + timedelta(hours=1))
        assert await town.week.next_due() is None


async def test_a_store_in_trouble_is_no_reason_to_do_without_votes(tmp_path: Path) -> None:
    """A recount that the store fails raises, rather than counting the platform as unread."""
    async with one_item(tmp_path) as town:
        town.ballot().reactions["1️⃣"] = {BEN}
        with closing(sqlite3.connect(tmp_path / "broadsheet.sqlite", isolation_level=None)) as other:
            async with town.store.transaction() as tx:
                await tx.connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is locked"):
                await town.voting.recount(1)
        assert (await town.voting.recount(1)).added == 1


async def test_reactions_that_are_no_votes(tmp_path: Path) -> None:
    """Another emoji, a number without an item, no ballot's message, a closed ballot: nothing changes."""
    async with one_item(tmp_path) as town:
        ballot = Message(PAPER, town.ballot().id)
        assert await town.voting.reacted(ballot, "🎉", BEN, added=True)
        assert await town.voting.reacted(ballot, "2️⃣", BEN, added=True)
        assert not await town.voting.reacted(Message(PAPER, "elsewhere"), "1️⃣", BEN, added=True)
        assert not await town.voting.reacted(Message(PAPER, "elsewhere"), "🎉", BEN, added=True)
        assert await standing(town) == (set(), {"1️⃣": 0})
        await town.vote(1, BEN, CHEN)
        await town.at(MONDAY)
        assert await town.voting.reacted(ballot, "1️⃣", DORA, added=True)
        assert await town.voting.reacted(ballot, "1️⃣", BEN, added=False)
        assert await standing(town) == ({("1️⃣", BEN), ("1️⃣", CHEN)}, {"1️⃣": 2})


async def test_a_members_own_reactions_are_noted_in_their_order(tmp_path: Path) -> None:
    """Of many that come at once from one member, the last one stands."""
    async with one_item(tmp_path) as town:
        ballot = Message(PAPER, town.ballot().id)
        steps = [(who, turn % 2 == 0) for turn in range(6) for who in (BEN, CHEN)] + [(CHEN, True)]
        await asyncio.gather(*(town.voting.reacted(ballot, "1️⃣", who, added=added) for who, added in steps))
        assert (await standing(town))[0] == {("1️⃣", CHEN)}


async def test_a_vote_is_on_the_disk_when_its_caller_is_told(tmp_path: Path) -> None:
    """Another reader of the file sees the vote as soon as it is acknowledged."""
    async with one_item(tmp_path) as town:
        ballot = Message(PAPER, town.ballot().id)
        with closing(sqlite3.connect(tmp_path / "broadsheet.sqlite", isolation_level=None)) as other:

            async def vote(number: int) -> None:
                who = Member("web", "town", str(number))
                await town.voting.reacted(ballot, "1️⃣", who, added=True)
                query = "SELECT count(*) FROM votes JOIN members ON id = member_id WHERE member = ?"
                assert other.execute(query, [str(number)]).fetchone() == (1,)

            await asyncio.gather(*(vote(number) for number in range(50)))


async def test_a_vote_that_cannot_be_written_spoils_no_other(tmp_path: Path) -> None:
    """A standing that somebody broke takes no more votes, and says so; the same moment's other votes are kept."""
    async with one_item(tmp_path) as town:
        await town.say("/nominate https://example.org/two")
        await town.work()
        ballot = Message(PAPER, town.ballot().id)
        await town.vote(1, BEN)
        async with town.store.transaction() as tx:
            await tx.connection.exec_driver_sql("UPDATE nominations SET votes = 0 WHERE position = 1")
        results = await asyncio.gather(
            town.voting.reacted(ballot, "2️⃣", CHEN, added=True),
            town.voting.reacted(ballot, "1️⃣", BEN, added=False),
            town.voting.reacted(ballot, "2️⃣", DORA, added=True),
            return_exceptions=True,
        )
        assert [isinstance(each, StoreError) for each in results] == [False, True, False]
        assert (await standing(town))[0] == {("1️⃣", BEN), ("2️⃣", CHEN), ("2️⃣", DORA)}


async def test_every_open_ballot_is_read_again(tmp_path: Path) -> None:
    """A vote whose event was lost is found without anything else happening."""
    async with world(tmp_path) as town:
        await town.say("/newsletter setup", ADA)
        await town.say("/nominate https://example.org/bees", BEN)
        await town.work()
        town.ballot().reactions.setdefault(KEYCAPS[0], set()).add(CHEN)
        await town.voting.read_all()
        assert "1 vote" in await town.say("/ballot")
