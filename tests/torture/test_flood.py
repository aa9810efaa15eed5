"""The flood at its full height, and the vote against its model for long."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import seed as seeded
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.core.test_flood import holds
from tests.core.test_votes_machine import Votes
from tests.flood import seed, withstand

pytestmark = pytest.mark.torture


@pytest.mark.parametrize("run", range(3))
async def test_after_a_flood_of_a_hundred_thousand_the_tally_is_the_truth(tmp_path: Path, run: int) -> None:
    """A hundred thousand events of twenty thousand members, two processes killed in between, one recount."""
    begun = perf_counter()
    outcome = await withstand(tmp_path, seed() + run, 100_000, 20_000)
    took = perf_counter() - begun
    sys.stdout.write(f"{len(outcome.votes):,} votes, {outcome.repaired}, {took:.0f} seconds\n")
    holds(outcome)


def test_the_votes_keep_to_the_model_for_long() -> None:
    """The model of tests/core, with many more and longer runs."""
    run_state_machine_as_test(
        seeded(seed())(Votes), settings=settings(max_examples=100, stateful_step_count=50, database=None)
    )
