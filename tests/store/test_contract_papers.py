"""What the ports `Lanes` and `Papers` promise, beyond versions of papers of arXiv."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.core.lanes import OwnLanes, StoreLanes
from bot.core.model import CachedExtras, CachedPaper, Extras, Precision
from bot.core.ports import Lanes, Store
from bot.core.references import Reference, ReferenceKind
from bot.store import open_store
from tests.store.examples import HOUR, NOON, paper

SECOND = timedelta(seconds=1)


async def test_a_paper_of_any_kind_comes_back_as_it_was(store: Store) -> None:
    """What only publishers and conferences say of a paper is kept with it."""
    article = replace(
        paper(), id="10.1038/nature14539", kind=ReferenceKind.DOI, journal="Nature", publisher="Springer",
        volume="521", number="7553", pages="436-444", pdf="https://x.test/1.pdf", precision=Precision.MONTH,
    )  # fmt: skip
    talk = replace(paper(), id="YicbFdNTTy", kind=ReferenceKind.OPENREVIEW, venue="ICLR", decision="ICLR 2021 Oral")
    async with store.transaction() as tx:
        for each in (article, talk):
            await tx.papers.put(each, NOON, newest=True)
            assert await tx.papers.get(each.id) == CachedPaper(each, NOON)


async def test_extras_come_back_as_they_were(store: Store) -> None:
    """The last ones put are those kept; a paper without any has None."""
    reference = Reference(ReferenceKind.ARXIV, "2103.06255")
    extras = Extras(7, "It works.", "CVPR", "https://s.test/1")
    async with store.transaction() as tx:
        assert await tx.papers.extras(reference) is None
        await tx.papers.put_extras(reference, Extras(), NOON)
        assert await tx.papers.extras(reference) == CachedExtras(Extras(), NOON)
        await tx.papers.put_extras(reference, extras, NOON + HOUR)
        assert await tx.papers.extras(reference) == CachedExtras(extras, NOON + HOUR)


async def both(store: Store) -> list[Lanes]:
    """The lanes that a process may have."""
    return [OwnLanes(), StoreLanes(store)]


async def test_a_lane_is_taken_by_one(store: Store) -> None:
    """Of ten who come at once one gets it; the others learn until when. Other lanes are free."""
    for lanes in await both(store):
        came = await asyncio.gather(*(lanes.take("arxiv", NOON, NOON + 5 * SECOND) for _ in range(10)))
        assert sorted(came) == [NOON] + [NOON + 5 * SECOND] * 9
        assert await lanes.take("other", NOON, NOON + SECOND) == NOON


async def test_a_lane_is_free_when_it_is_given_back_or_its_time_is_over(store: Store) -> None:
    """Earlier than was said, if its taker lets go; by itself, if its taker is gone."""
    for lanes in await both(store):
        await lanes.take("arxiv", NOON, NOON + 5 * SECOND)
        await lanes.free("arxiv", NOON + SECOND, NOON + 3 * SECOND)
        assert await lanes.take("arxiv", NOON + 2 * SECOND, NOON + HOUR) == NOON + 3 * SECOND
        assert await lanes.take("arxiv", NOON + 3 * SECOND, NOON + HOUR) == NOON + 3 * SECOND
        assert await lanes.take("arxiv", NOON + 2 * HOUR, NOON + 3 * HOUR) == NOON + 2 * HOUR


async def test_processes_that_share_a_store_share_its_lanes(tmp_path: Path) -> None:
    """What one process takes the other finds taken."""
    file = tmp_path / "broadsheet.db"
    async with open_store(file) as one, open_store(file, lock=False) as other:
        assert await StoreLanes(one).take("arxiv", NOON, NOON + 5 * SECOND) == NOON
        assert await StoreLanes(other).take("arxiv", NOON, NOON + SECOND) == NOON + 5 * SECOND
        await StoreLanes(one).free("arxiv", NOON, NOON + 3 * SECOND)
        assert await StoreLanes(other).take("arxiv", NOON, NOON + SECOND) == NOON + 3 * SECOND


async def test_a_clock_set_back_holds_nobody_for_longer(store: Store) -> None:
    """An hour earlier, the lane is taken for as long as was meant, counted from now."""
    for lanes in await both(store):
        await lanes.take("arxiv", NOON, NOON + 5 * SECOND)
        back = NOON - HOUR
        assert await lanes.take("arxiv", back, back + SECOND) == back + 5 * SECOND
        assert await lanes.take("arxiv", back + 5 * SECOND, back + 9 * SECOND) == back + 5 * SECOND
