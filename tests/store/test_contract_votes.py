"""What the port `Ballots` promises of votes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import DeliveryKind, DeliveryState, Member
from bot.core.ports import Store, Transaction
from tests.store.examples import ADA, BOB, HOUR, NOON, Vote, delivery, open_vote


async def standings(store: Store, vote: Vote) -> list[int]:
    """The votes of each nomination, as shown."""
    async with store.snapshot() as snapshot:
        return [each.votes for each in await snapshot.ballots.nominations(vote.ballot.id)]


async def test_a_vote_stands_while_one_reaction_does(store: Store) -> None:
    """A member's second reaction adds nothing; the vote falls with the last reaction, not before."""
    vote = await open_vote(store)
    here, there = vote.messages
    item = vote.nominations[0].id
    async with store.transaction() as tx:
        assert await tx.ballots.vote(here.id, item, ADA)
        assert not await tx.ballots.vote(here.id, item, ADA)
        assert not await tx.ballots.vote(there.id, item, ADA)
        assert await tx.ballots.votes(vote.ballot.id) == {(item, ADA)}
        assert not await tx.ballots.withdraw(here.id, item, ADA)
        assert not await tx.ballots.withdraw(here.id, item, ADA)
        assert await tx.ballots.votes(vote.ballot.id) == {(item, ADA)}
        assert await tx.ballots.withdraw(there.id, item, ADA)
        assert await tx.ballots.votes(vote.ballot.id) == frozenset()
        assert not await tx.ballots.withdraw(there.id, item, ADA)
    assert await standings(store, vote) == [0, 0]


async def test_votes_are_told_apart(store: Store) -> None:
    """Votes count by nomination and member; reactions are listed by message."""
    vote = await open_vote(store)
    here, there = vote.messages
    one, two = (each.id for each in vote.nominations)
    async with store.transaction() as tx:
        for message, item, member in ((here, one, ADA), (here, two, ADA), (there, one, BOB)):
            assert await tx.ballots.vote(message.id, item, member)
        assert await tx.ballots.reactions(here.id) == {(one, ADA), (two, ADA)}
        assert await tx.ballots.reactions(there.id) == {(one, BOB)}
        assert await tx.ballots.votes(vote.ballot.id) == {(one, ADA), (two, ADA), (one, BOB)}
    assert await standings(store, vote) == [2, 1]


async def test_members_of_two_platforms_are_two(store: Store) -> None:
    """The same id on another platform or in another community is somebody else."""
    vote = await open_vote(store, messages=1)
    members = [Member("discord", "1", "5"), Member("slack", "1", "5"), Member("discord", "2", "5")]
    async with store.transaction() as tx:
        made = [await tx.ballots.vote(vote.messages[0].id, vote.nominations[0].id, each) for each in members]
    assert made == [True, True, True]


async def test_a_closed_ballot_takes_no_votes(store: Store) -> None:
    """After closing, reactions neither make nor fell votes, and none is noted or forgotten."""
    vote = await open_vote(store)
    message, item = vote.messages[0].id, vote.nominations[0].id
    async with store.transaction() as tx:
        await tx.ballots.vote(message, item, ADA)
        await tx.ballots.close(vote.ballot.id, NOON + HOUR, ())
        assert not await tx.ballots.vote(message, item, BOB)
        assert not await tx.ballots.withdraw(message, item, ADA)
        assert await tx.ballots.reactions(message) == {(item, ADA)}
    assert await standings(store, vote) == [1, 0]


async def test_a_dropped_nomination_takes_no_votes_but_gives_them_back(store: Store) -> None:
    """Nothing can be voted for while it is dropped, but whoever voted before may change their mind."""
    vote = await open_vote(store)
    message, nomination = vote.messages[0].id, vote.nominations[0]
    async with store.transaction() as tx:
        await tx.ballots.vote(message, nomination.id, ADA)
        await tx.ballots.save(replace(nomination, dropped=True))
        assert not await tx.ballots.vote(message, nomination.id, BOB)
        assert await tx.ballots.withdraw(message, nomination.id, ADA)
        assert await tx.ballots.reactions(message) == frozenset()
    assert await standings(store, vote) == [0, 0]


async def test_a_reaction_counts_on_the_ballots_own_messages_only(store: Store) -> None:
    """A message of another ballot, or no ballot's at all, makes no vote; nor does an unknown nomination."""
    vote, other = await open_vote(store, "One"), await open_vote(store, "Two")
    head = delivery(vote.ballot.newsletter_id, vote.ballot.id, state=DeliveryState.SENT, message_id="head")
    async with store.transaction() as tx:
        issue = await tx.outbox.put(head)
        assert issue.kind is DeliveryKind.ISSUE
        item = vote.nominations[0].id
        assert not await tx.ballots.vote(other.messages[0].id, item, ADA)
        assert not await tx.ballots.vote(issue.id, item, ADA)
        assert not await tx.ballots.vote(999, item, ADA)
        assert not await tx.ballots.vote(vote.messages[0].id, 999, ADA)
        assert not await tx.ballots.withdraw(vote.messages[0].id, 999, ADA)
    assert await standings(store, vote) == [0, 0]


async def test_votes_at_once_are_all_counted(store: Store) -> None:
    """Each of many members who vote at the same time counts once, though they react twice."""
    vote = await open_vote(store)

    async def react(number: int) -> bool:
        async with store.transaction() as tx:
            member = Member("discord", "1001", str(number // 2))
            return await tx.ballots.vote(vote.messages[number % 2].id, vote.nominations[0].id, member)

    made = await asyncio.gather(*(react(number) for number in range(60)))
    assert sum(made) == 30
    assert await standings(store, vote) == [30, 0]


async def test_many_reactions_are_noted_at_once(store: Store) -> None:
    """Votes made and fallen are counted, those that changed nothing are not, and the standing is theirs."""
    vote = await open_vote(store)
    here, there = (each.id for each in vote.messages)
    one, two = (each.id for each in vote.nominations)
    crowd = [Member("discord", "1001", str(number), f"Voter {number}") for number in range(300)]
    async with store.transaction() as tx:
        assert await tx.ballots.note(here, {(one, each): True for each in crowd}) == (300, 0)
        assert await tx.ballots.note(there, {(one, each): True for each in crowd[:100]}) == (0, 0)
        mixed = {(one, each): False for each in crowd} | {(two, ADA): True, (two, BOB): False, (999, ADA): True}
        assert await tx.ballots.note(here, mixed) == (1, 200)
        assert await tx.ballots.note(here, {}) == (0, 0)
        assert await tx.ballots.votes(vote.ballot.id) == {(one, each) for each in crowd[:100]} | {(two, ADA)}
    assert await standings(store, vote) == [100, 1]


async def test_more_reactions_than_a_statement_takes_are_noted(store: Store) -> None:
    """A recount may have tens of thousands of votes to make and to fell."""
    vote = await open_vote(store, messages=1)
    crowd = [Member("discord", "1001", str(number)) for number in range(12_000)]
    (message,), nomination = (each.id for each in vote.messages), vote.nominations[0].id
    async with store.transaction() as tx:
        assert await tx.ballots.note(message, {(nomination, each): True for each in crowd}) == (12_000, 0)
        assert await tx.ballots.note(message, {(nomination, each): False for each in crowd[1:]}) == (0, 11_999)
    assert await standings(store, vote) == [1, 0]


async def test_a_voters_name_is_kept_and_not_forgotten(store: Store) -> None:
    """The last name given is the member's; a reaction that comes without one leaves it."""
    vote = await open_vote(store)
    message, nomination = vote.messages[0].id, vote.nominations[0].id

    async def name_after(*names: str) -> str:
        async with store.transaction() as tx:
            for name in names:
                who = Member("discord", "1001", "77", name)
                await tx.ballots.note(message, {(nomination, who): True})
            ((_, kept),) = await tx.ballots.votes(vote.ballot.id)
            return kept.name

    assert await name_after("Ada") == "Ada"
    assert await name_after("Countess", "") == "Countess"


async def test_hostile_ids_and_names_break_nothing(store: Store) -> None:
    """Members whose ids no database takes as they are vote and withdraw like everybody."""
    vote = await open_vote(store)
    message, nomination = vote.messages[0].id, vote.nominations[0].id
    strangers = [
        Member("discord", "1001", each, each) for each in ("\ud800", "\0", "'; DROP TABLE votes", "x" * 10_000)
    ]
    async with store.transaction() as tx:
        assert await tx.ballots.note(message, {(nomination, each): True for each in strangers}) == (4, 0)
        assert await tx.ballots.note(message, {(nomination, each): False for each in strangers}) == (0, 4)


async def test_a_message_takes_over_from_a_deleted_one(store: Store) -> None:
    """What stood on a deleted message stands, until its member reacts to the page's new one; other pages' is left."""
    vote = await open_vote(store, messages=2)
    old, page_two = vote.messages
    one, two = (each.id for each in vote.nominations)
    made = vote.ballot.newsletter_id
    successor = delivery(made, vote.ballot.id, 1000, kind=DeliveryKind.BALLOT, state=DeliveryState.SENT, message_id="n")
    async with store.transaction() as tx:
        await tx.ballots.note(old.id, {(one, ADA): True, (one, BOB): True, (two, ADA): True})
        await tx.ballots.note(page_two.id, {(two, BOB): True})
        new = await tx.outbox.put(successor)
        assert await tx.ballots.note(new.id, {(one, BOB): True}) == (0, 0)
        assert await tx.ballots.note(new.id, {(one, BOB): False}) == (0, 0)
        await tx.outbox.save(replace(old, message_id=None))
        assert await tx.ballots.note(new.id, {(one, ADA): True, (two, BOB): True}) == (0, 0)
        assert await tx.ballots.note(new.id, {(one, ADA): False, (one, BOB): False, (two, BOB): False}) == (0, 2)
        assert await tx.ballots.votes(vote.ballot.id) == {(two, ADA), (two, BOB)}
    assert await standings(store, vote) == [0, 2]


Step = tuple[bool, int, int, int]
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 1), st.integers(0, 1), st.integers(0, 2)), max_size=25)


async def replay(tx: Transaction, vote: Vote, steps: Sequence[Step]) -> None:
    """Take the steps, and see that each one says whether a vote came or went."""
    members = [Member("discord", "1001", str(number)) for number in range(3)]
    noted: set[tuple[int, int, Member]] = set()
    for added, on, of, who in steps:
        message, item, member = vote.messages[on].id, vote.nominations[of].id, members[who]
        stood = {each[1:] for each in noted}
        if added:
            noted.add((message, item, member))
            changed = await tx.ballots.vote(message, item, member)
        else:
            noted.discard((message, item, member))
            changed = await tx.ballots.withdraw(message, item, member)
        assert changed == (stood != {each[1:] for each in noted})
    assert await tx.ballots.votes(vote.ballot.id) == {each[1:] for each in noted}


# The store is shared: each example has a ballot of its own in it.
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
async def test_the_standing_is_what_a_recount_gives(store: Store, steps: list[Step]) -> None:
    """Whatever comes and goes on two messages, the standing kept is the number of votes that stand."""
    async with store.snapshot() as snapshot:
        number = len(await snapshot.newsletters.all())
    vote = await open_vote(store, f"Number {number}")
    async with store.transaction() as tx:
        await replay(tx, vote, steps)
        stands = await tx.ballots.votes(vote.ballot.id)
        recount = [sum(item == each.id for item, _ in stands) for each in vote.nominations]
    assert await standings(store, vote) == recount
