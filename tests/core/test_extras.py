"""What an index adds to papers is kept, optional, and never waited for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import cast

import pytest

from bot.core.errors import SourceDown, StoreError
from bot.core.extras import FRESH_FOR, REST, WITHIN, ExtrasShelf
from bot.core.model import CachedExtras, Extras
from bot.core.ports import Store, Transaction
from bot.core.references import Reference, ReferenceKind
from tests.fakes.clock import FakeClock

PAPER = Reference(ReferenceKind.ARXIV, "1706.03762")
CITED = Extras(100_000, "One layer is enough.", "NeurIPS", "https://www.semanticscholar.org/paper/x")


class MemoryExtras:
    """The extras' part of a store, in memory."""

    def __init__(self) -> None:
        self.kept: dict[Reference, CachedExtras] = {}
        self.broken = False

    @property
    def papers(self) -> MemoryExtras:
        return self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        if self.broken:
            raise StoreError("The disk is full.")
        yield cast("Transaction", self)

    snapshot = transaction

    async def extras(self, paper: Reference) -> CachedExtras | None:
        return self.kept.get(paper)

    async def put_extras(self, paper: Reference, extras: Extras, fetched_at: datetime) -> None:
        self.kept[paper] = CachedExtras(extras, fetched_at)


class GatedExtras:
    """Answers when its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.down = False
        self.asked: list[Reference] = []

    async def fetch(self, reference: Reference) -> Extras:
        self.asked.append(reference)
        await self.gate.wait()
        if self.down:
            raise SourceDown("Semantic Scholar cannot help just now.")
        return CITED


class Room:
    """A shelf, and what stands around it."""

    def __init__(self) -> None:
        self.store = MemoryExtras()
        self.source = GatedExtras()
        self.clock = FakeClock()
        self.shelf = ExtrasShelf(cast("Store", self.store), self.source, self.clock)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A room with an empty shelf."""
    room = Room()
    yield room
    await room.shelf.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def settled() -> None:
    """Let tasks run to where they wait for something."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_extras_that_come_in_time_are_shown_and_kept(room: Room) -> None:
    """The second time nobody is asked; a version is the same paper."""
    assert await room.shelf.get(PAPER) == CITED
    assert await room.shelf.get(Reference(PAPER.kind, PAPER.id, 1)) == CITED
    assert room.source.asked == [PAPER]


async def test_extras_that_are_late_are_gone_without_and_kept(room: Room) -> None:
    """After two seconds the answer goes out; what comes later is there next time."""
    room.source.gate.clear()
    answer = asyncio.create_task(room.shelf.get(PAPER))
    await room.clock.somebody_sleeps()
    room.clock.advance(WITHIN)
    assert await answer is None
    room.source.gate.set()
    await settled()
    assert await room.shelf.get(PAPER) == CITED
    assert room.source.asked == [PAPER]


async def test_who_asks_at_once_shares_one_request(room: Room) -> None:
    """Ten answers wait for the same extras."""
    room.source.gate.clear()
    answers = [asyncio.create_task(room.shelf.get(PAPER)) for _ in range(10)]
    await room.clock.somebody_sleeps(10)
    room.source.gate.set()
    assert await asyncio.gather(*answers) == [CITED] * 10
    assert room.source.asked == [PAPER]


async def test_an_index_that_is_down_is_left_alone_for_a_while(room: Room) -> None:
    """It costs one answer at most, and is asked again later."""
    room.source.down = True
    assert await room.shelf.get(PAPER) is None
    assert await room.shelf.get(PAPER) is None
    assert len(room.source.asked) == 1
    room.clock.advance(REST)
    room.source.down = False
    assert await room.shelf.get(PAPER) == CITED


async def test_old_extras_are_given_and_refreshed_behind(room: Room) -> None:
    """Nobody waits for numbers that grow slowly."""
    room.store.kept[PAPER] = CachedExtras(Extras(1), room.clock.now())
    room.clock.advance(FRESH_FOR + timedelta(seconds=1))
    assert await room.shelf.get(PAPER) == Extras(1)
    await settled()
    assert await room.shelf.get(PAPER) == CITED


async def test_a_store_that_fails_spoils_no_answer(room: Room) -> None:
    """Extras are not needed."""
    room.store.broken = True
    assert await room.shelf.get(PAPER) is None


async def test_a_closed_shelf_asks_nobody(room: Room) -> None:
    """What is under way ends, and no more is begun."""
    room.source.gate.clear()
    answer = asyncio.create_task(room.shelf.get(PAPER))
    await room.clock.somebody_sleeps()
    await room.shelf.close()
    assert await answer is None
    assert await room.shelf.get(PAPER) is None
    assert len(room.source.asked) == 1
