"""What the port `Ballots` promises of ballots and nominations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import Refused
from bot.core.model import Ballot
from bot.core.ports import Store
from tests.store.examples import ADA, BOB, HOUR, NOON, add_newsletter, nominate, open_vote


async def test_ballots_are_numbered_and_open_one_at_a_time(store: Store) -> None:
    """A second open ballot is refused; the next one has the next number, each newsletter its own."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    async with store.transaction() as tx:
        assert await tx.ballots.current(one.id) is None
        first = await tx.ballots.open(one.id, NOON)
        assert first == Ballot(first.id, one.id, 1, NOON)
        with pytest.raises(Refused, match="has an open ballot"):
            await tx.ballots.open(one.id, NOON + HOUR)
        assert await tx.ballots.current(one.id) == first
        await tx.ballots.close(first.id, NOON + HOUR, ())
        assert (await tx.ballots.open(one.id, NOON + HOUR)).number == 2
        assert (await tx.ballots.open(two.id, NOON)).number == 1


async def test_a_closed_ballot_keeps_its_receipt(store: Store) -> None:
    """Closing keeps the time and the receipt, once: a second closing is refused and changes nothing."""
    kept = await add_newsletter(store)
    async with store.transaction() as tx:
        ballot = await tx.ballots.open(kept.id, NOON)
        assert await tx.ballots.last_closed(kept.id) is None
        await tx.ballots.close(ballot.id, NOON + HOUR, ["3 votes counted.", "1 left out."])
        with pytest.raises(Refused, match="no open ballot"):
            await tx.ballots.close(ballot.id, NOON + 2 * HOUR, ())
        closed = replace(ballot, closed_at=NOON + HOUR, receipt=("3 votes counted.", "1 left out."))
        assert await tx.ballots.get(ballot.id) == closed
        assert await tx.ballots.last_closed(kept.id) == closed
        assert await tx.ballots.current(kept.id) is None


async def test_the_ballot_closed_last(store: Store) -> None:
    """The ballot closed last is the latest by its closing, not by its age."""
    kept = await add_newsletter(store)
    async with store.transaction() as tx:
        for hour in range(3):
            ballot = await tx.ballots.open(kept.id, NOON + hour * HOUR)
            await tx.ballots.close(ballot.id, NOON + (hour + 1) * HOUR, ())
        last = await tx.ballots.last_closed(kept.id)
        assert last is not None
        assert last.number == 3


async def test_an_unknown_ballot_is_refused(store: Store) -> None:
    """Asking for an id that no ballot has raises `Refused`."""
    async with store.snapshot() as snapshot:
        with pytest.raises(Refused, match="no ballot with the id 7"):
            await snapshot.ballots.get(7)


async def test_a_nomination_comes_back_as_it_was(store: Store) -> None:
    """Everything said of a nomination comes back; its id, position and standing are the store's."""
    kept = await add_newsletter(store)
    async with store.transaction() as tx:
        ballot = await tx.ballots.open(kept.id, NOON)
        first = await nominate(
            tx, ballot, 1, by=ADA, note="Read it!", title="Mine", summary="Short.",
            carried=2, pinned=True, dropped=True, votes=9, position=44,
        )  # fmt: skip
        second = await nominate(tx, ballot, 2, at=NOON - HOUR)
        assert (first.position, second.position) == (1, 2)
        assert (first.votes, first.by, first.by and first.by.name) == (0, ADA, "Ada")
        assert (first.note, first.title, first.summary) == ("Read it!", "Mine", "Short.")
        assert (first.carried, first.pinned, first.dropped) == (2, True, True)
        assert (second.at, second.by, second.title, second.pinned) == (NOON - HOUR, None, None, False)
        assert await tx.ballots.nominations(ballot.id) == (first, second)


async def test_an_item_is_on_a_ballot_once(store: Store) -> None:
    """A second nomination of an item is refused by name; the next ballot takes it again."""
    kept = await add_newsletter(store)
    async with store.transaction() as tx:
        ballot = await tx.ballots.open(kept.id, NOON)
        first = await nominate(tx, ballot, by=ADA)
        with pytest.raises(Refused, match="Title 1 is on the ballot already"):
            await nominate(tx, ballot, by=BOB)
        assert await tx.ballots.nominations(ballot.id) == (first,)
        await tx.ballots.close(ballot.id, NOON + HOUR, ())
        carried = await tx.ballots.nominate(
            replace(first, ballot_id=(await tx.ballots.open(kept.id, NOON + HOUR)).id, carried=1)
        )
        assert (carried.item, carried.at, carried.by, carried.carried) == (first.item, first.at, ADA, 1)


async def test_saving_keeps_what_an_editor_changed_and_nothing_else(store: Store) -> None:
    """Saving keeps title, summary, section, pinned and dropped; the votes that came meanwhile stay."""
    vote = await open_vote(store)
    old = vote.nominations[0]
    async with store.transaction() as tx:
        await tx.ballots.vote(vote.messages[0].id, old.id, ADA)
        edited = replace(old, title="New", summary="Newer", section="Tools", pinned=True, note="other", position=9)
        await tx.ballots.save(edited)
        kept = (await tx.ballots.nominations(vote.ballot.id))[0]
        assert kept == replace(edited, note="", position=1, votes=1)
        await tx.ballots.save(replace(kept, dropped=True, title=None))
        assert (await tx.ballots.nominations(vote.ballot.id))[0].dropped
        with pytest.raises(Refused, match="no nomination with the id 99"):
            await tx.ballots.save(replace(old, id=99))
