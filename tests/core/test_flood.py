"""A flood of reactions, with events lost, doubled and shuffled and processes killed, ends at the truth to the vote."""

from __future__ import annotations

from pathlib import Path

from bot.core.ballots import KEYCAPS
from bot.core.voting import Recount
from tests.flood import Outcome, flood, seed, withstand

EVENTS = 20_000
MEMBERS = 4_000


def holds(outcome: Outcome) -> None:
    """Votes and standing are what the platform shows, and there is nothing left to repair."""
    assert outcome.votes == outcome.truth
    assert outcome.standing == outcome.counted
    assert outcome.repaired.added > 0
    assert outcome.repaired.removed > 0
    assert outcome.again == Recount()
    assert outcome.right


async def test_after_a_flood_the_tally_is_the_truth(tmp_path: Path) -> None:
    """Twenty thousand events on one ballot, two processes killed in between, one recount."""
    holds(await withstand(tmp_path, seed(), EVENTS, MEMBERS))


def test_a_flood_is_made_again_from_its_seed() -> None:
    """The same seed gives the same events and the same truth, another one others; it holds all that may go wrong."""
    events, truth = flood(7, 2000, 100)
    assert (events, truth) == flood(7, 2000, 100)
    assert events != flood(8, 2000, 100)[0]
    assert {on for on, *_ in events} == {0, 1, 2}
    assert {emoji for _, emoji, *_ in events} > set(KEYCAPS)
    assert 2000 < len(events) < 2200
