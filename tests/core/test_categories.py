"""The names of arXiv's categories."""

from __future__ import annotations

import pytest

from bot.core.categories import CURRENT, RETIRED, category_names


def test_the_table_is_complete() -> None:
    """There are 155 categories on arXiv; no archive is in both tables, no name is empty."""
    assert len(CURRENT) == 155
    assert CURRENT.keys().isdisjoint(RETIRED)
    assert all((*CURRENT.values(), *RETIRED.values()))


@pytest.mark.parametrize(
    ("archive", "number"),
    [
        *(("cs", 40), ("math", 32), ("physics", 22), ("cond-mat", 9), ("astro-ph", 6), ("q-bio", 10), ("q-fin", 9)),
        *(("stat", 6), ("eess", 4), ("econ", 3), ("nlin", 5)),
    ],
)
def test_each_archive_has_all_of_its_categories(archive: str, number: int) -> None:
    """So many are on arXiv's list under this archive."""
    assert sum(code.startswith(f"{archive}.") for code in CURRENT) == number


def test_codes_become_names() -> None:
    """Current, retired and new categories are named, each name once; other classifications are left out."""
    codes = ("cs.CV", "cmp-lg", "cs.CL", "cs.XX", "68T07", "I.2.7; I.5", "stat.ML", "cs.LG")
    assert category_names(codes) == (
        "Computer Vision and Pattern Recognition",
        "Computation and Language",
        "cs.XX",
        "Machine Learning",
    )
