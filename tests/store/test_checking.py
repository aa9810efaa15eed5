"""The check of the votes: right where all is well, and a line for whatever somebody tampered with."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Checked, SqlStore, check_votes, open_store
from tests.store.examples import ADA, BOB, HOUR, NOON, open_vote


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Two ballots: Ada and Bob voted on both items of the first, on two messages, Ada alone on the second."""
    async with open_store(tmp_path / "broadsheet.db") as opened:
        vote, other = await open_vote(opened, "One"), await open_vote(opened, "Two")
        one, two = (each.id for each in vote.nominations)
        here, there = (each.id for each in vote.messages)
        async with opened.transaction() as tx:
            await tx.ballots.note(here, {(one, ADA): True, (two, ADA): True, (one, BOB): True})
            await tx.ballots.note(there, {(two, BOB): True, (one, ADA): True})
            await tx.ballots.note(other.messages[0].id, {(other.nominations[0].id, ADA): True})
            await tx.ballots.close(other.ballot.id, NOON + HOUR, ())
        yield opened


def tamper(tmp_path: Path, *statements: str) -> None:
    """Change the file behind the store's back."""
    with closing(sqlite3.connect(tmp_path / "broadsheet.db", isolation_level=None)) as connection:
        for each in statements:
            assert connection.execute(each).rowcount == 1


async def test_a_store_that_nobody_touched_is_right(store: SqlStore) -> None:
    """Each ballot, open or closed, has as many votes kept as counted, and nothing that does not fit."""
    found = await check_votes(store)
    assert found == (Checked("One", 1, 4, 4), Checked("Two", 1, 1, 1))
    assert all(each.right for each in found)
    assert str(found[0]) == "One, ballot 1: 4 votes kept, 4 counted: right"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE nominations SET votes = 9 WHERE id = 1", Checked("One", 1, 11, 4, wrong=1)),
        (
            "DELETE FROM votes WHERE ballot_id = 1 AND item_id = 2 AND member_id = 1",
            Checked("One", 1, 4, 3, wrong=1, unvoted=1),
        ),
        ("DELETE FROM reactions WHERE delivery_id = 2 AND member_id = 2", Checked("One", 1, 4, 4, unheld=1)),
        ("DELETE FROM reactions WHERE delivery_id = 2 AND member_id = 1", Checked("One", 1, 4, 4)),
        (
            "UPDATE reactions SET delivery_id = 4 WHERE delivery_id = 2 AND member_id = 1",
            Checked("One", 1, 4, 4, misplaced=1),
        ),
    ],
    ids=["standing", "vote", "reaction", "one of two reactions", "message"],
)
async def test_what_was_tampered_with_is_found(
    store: SqlStore, tmp_path: Path, statement: str, expected: Checked
) -> None:
    """The ballot that was changed is named with what does not fit in it; the other one is right."""
    tamper(tmp_path, statement)
    found = await check_votes(store)
    assert found == (expected, Checked("Two", 1, 1, 1))
    assert expected.right == str(found[0]).endswith(": right")


async def test_a_line_says_what_does_not_fit(store: SqlStore, tmp_path: Path) -> None:
    """The sums and every fault stand in one line."""
    tamper(
        tmp_path,
        "UPDATE nominations SET votes = 9 WHERE id = 1",
        "DELETE FROM reactions WHERE delivery_id = 2 AND member_id = 2",
    )
    said = "the standing of 1 nomination is not the number of its votes, 1 vote without a reaction"
    assert str((await check_votes(store))[0]) == f"One, ballot 1: 11 votes kept, 4 counted: {said}"


async def test_a_ballot_without_nominations_is_right(tmp_path: Path) -> None:
    """Nothing kept, nothing counted."""
    async with open_store(tmp_path / "empty.db") as empty:
        assert await check_votes(empty) == ()
        await open_vote(empty, "Bare", items=0)
        assert await check_votes(empty) == (Checked("Bare", 1),)
