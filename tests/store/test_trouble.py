"""A store that fails under the bot at work: one clear line, nothing half-written, and on it goes when it is well."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from bot.core.errors import StoreError
from bot.core.model import DeliveryKind, Member, Message
from bot.store import check_votes
from tests.world import ADA, BEN, CHEN, DORA, MONDAY, World, world

FILE = "broadsheet.sqlite"
LONG = "A name that takes up room " * 20
VOTERS = tuple(Member("web", "town", f"u{number}", LONG) for number in range(200))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter with one nomination, which has votes enough; the store waits for nobody."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper", ADA)
        await made.say("/nominate https://example.org/one")
        await made.work()
        await made.vote(1, BEN, CHEN)
        await pragma(made, "busy_timeout = 0")
        yield made


async def pragma(town: World, setting: str) -> object:
    """Set something of the connection that writes."""
    async with town.store.transaction() as tx:
        return (await tx.connection.exec_driver_sql(f"PRAGMA {setting}")).scalar()


class Full:
    """A disk that is full: the file grows no more."""

    said = "cannot grow, for the disk is full; make room."

    def __init__(self, town: World, folder: Path) -> None:
        self.town = town

    async def begin(self) -> None:
        await pragma(self.town, f"max_page_count = {await pragma(self.town, 'page_count')}")

    async def end(self) -> None:
        await pragma(self.town, "max_page_count = 1000000")


class ReadOnly:
    """A file system that was made read-only."""

    said = "cannot be written to; let this user write to it and to its folder."

    def __init__(self, town: World, folder: Path) -> None:
        self.town = town

    async def begin(self) -> None:
        async with self.town.store.transaction() as tx:
            self.writer = (await tx.connection.get_raw_connection()).driver_connection
        await self._set("ON")

    async def end(self) -> None:
        await self._set("OFF")

    async def _set(self, value: str) -> None:
        assert isinstance(self.writer, aiosqlite.Connection)
        await self.writer.execute(f"PRAGMA query_only = {value}")


class Locked:
    """Another process that writes, and takes its time."""

    said = "is locked by another process; stop that one, or try again when it is done."

    def __init__(self, town: World, folder: Path) -> None:
        self.other = sqlite3.connect(folder / FILE, isolation_level=None)

    async def begin(self) -> None:
        self.other.execute("BEGIN IMMEDIATE")

    async def end(self) -> None:
        self.other.execute("ROLLBACK")
        self.other.close()


TROUBLES = pytest.mark.parametrize("trouble", [Full, ReadOnly, Locked])


async def published(town: World) -> tuple[int, int]:
    """How many issues there are, and how many messages wait for the platforms."""
    async with town.store.snapshot() as tx:
        issues = await tx.issues.recent(1, 9)
        parts = [part for each in issues for part in await tx.outbox.of(DeliveryKind.ISSUE, each.id)]
    return len(issues), len(parts)


@TROUBLES
async def test_votes_are_kept_or_said_to_be_lost(
    town: World, tmp_path: Path, trouble: type[Full | ReadOnly | Locked]
) -> None:
    """Whoever is told that a vote is kept has it kept, whoever gets the one line has not; then all may vote again."""
    ballot = Message(town.ballot().channel, town.ballot().id)

    async def vote_all() -> list[object]:
        votes = (town.voting.reacted(ballot, "1️⃣", each, added=True) for each in VOTERS)
        return await asyncio.gather(*votes, return_exceptions=True)

    at_work = trouble(town, tmp_path)
    await at_work.begin()
    told = await vote_all()
    failures = {str(each) for each in told if each is not True}
    assert failures == {f"{tmp_path / FILE} {trouble.said}"}
    async with town.store.snapshot() as tx:
        kept = {each for _, each in await tx.ballots.votes(1)}
    assert kept == {who for who, each in zip(VOTERS, told, strict=True) if each is True} | {BEN, CHEN}
    assert all(each.right for each in await check_votes(town.store))
    await at_work.end()
    assert await vote_all() == [True] * len(VOTERS)
    assert [each.kept for each in await check_votes(town.store)] == [len(VOTERS) + 2]


@TROUBLES
async def test_an_issue_waits_whole(
    town: World, tmp_path: Path, trouble: type[Full | ReadOnly | Locked], capsys: pytest.CaptureFixture[str]
) -> None:
    """At its slot there is one line and no half an issue; when the store is well, the issue comes once."""
    if trouble is Full:
        await fill_up(town)
    at_work = trouble(town, tmp_path)
    await at_work.begin()
    town.clock.move_to(MONDAY)
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            await town.week.work()
        assert str(refused.value) == f"{tmp_path / FILE} {trouble.said}"
        assert await published(town) == (0, 0)
    async with town.store.snapshot() as tx:
        assert (await tx.ballots.get(1)).closed_at is None
        assert (await tx.newsletters.get(1)).next_slot == MONDAY
    assert "Traceback" not in capsys.readouterr().out
    await at_work.end()
    await town.work()
    await town.work()
    assert (await published(town))[0] == 1
    assert len(town.chat.titled("The Paper #1")) == 1


async def fill_up(town: World) -> None:
    """Use up the room that the file still has in itself, and ask for more than that at the slot."""
    async with town.store.transaction() as tx:
        (nomination,) = await tx.ballots.nominations(1)
        await tx.connection.exec_driver_sql(
            "UPDATE nominations SET title = ?, summary = ? WHERE id = ?",
            ("A long title " * 2000, "A long summary " * 2000, nomination.id),
        )


async def test_a_file_that_is_damaged_at_work(tmp_path: Path) -> None:
    """Damage that comes while the bot is up is one line each time; with a backup in its place the votes are there."""
    file = tmp_path / FILE
    async with world(tmp_path) as town:
        await town.say("/newsletter setup The Paper", ADA)
        await town.say("/nominate https://example.org/one")
        await town.work()
        await town.vote(1, BEN, CHEN)
        ballot = Message(town.ballot().channel, town.ballot().id)
        sent = town.chat.sent
    whole = file.read_bytes()
    async with world(tmp_path) as town:
        file.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
        for _ in range(2):
            with pytest.raises(StoreError) as refused:
                await town.voting.reacted(ballot, "1️⃣", DORA, added=True)
            assert str(refused.value) == f"{file} is damaged; put a backup in its place."
            with pytest.raises(StoreError, match="is damaged"):
                await town.week.work()
    file.write_bytes(whole)
    for name in ("-wal", "-shm"):
        file.with_name(f"{FILE}{name}").unlink(missing_ok=True)
    async with world(tmp_path) as town:
        town.chat.sent = sent
        await town.vote(1, DORA)
        assert [each.kept for each in await check_votes(town.store)] == [3]
