"""Votes: whatever order events come in, however often or not at all, a recount ends at the truth."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ballots import KEYCAPS, Recount
from bot.core.errors import SendLater
from bot.core.model import Channel, Member, Message, Subscription
from tests.fakes.chat import Sent
from tests.world import ADA, BEN, CHEN, DORA, World, world

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
