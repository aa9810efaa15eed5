"""Markup in records of papers, and the dates in them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Precision
from bot.sources.dates import UNKNOWN, dated, dated_text
from bot.sources.markup import LONGEST, without_markup

FORMULA = (
    "<jats:p>For <jats:inline-formula><jats:alternatives><jats:tex-math>$$n^2$$</jats:tex-math>"
    "<mml:math> <mml:msup> <mml:mi>n</mml:mi> <mml:mn>2</mml:mn> </mml:msup> </mml:math>"
    "</jats:alternatives></jats:inline-formula> steps.</jats:p>"
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Plain text.", "Plain text."),
        ("<jats:p>One.</jats:p> <jats:p>Two.</jats:p>", "One.\n\nTwo."),
        ("<jats:title>Abstract</jats:title><jats:p>It.</jats:p>", "It."),
        ("<jats:title>Summary:</jats:title><jats:p>It.</jats:p>", "It."),
        ("<title>Aims</title><p>To see.</p><title>Means</title><p>Eyes.</p>", "Aims: To see.\n\nMeans: Eyes."),
        ("H<sub>2</sub>O &amp; <i>E. coli</i>", "H2O & E. coli"),
        ("&lt;p&gt;Escaped &amp;amp; twice&lt;/p&gt;", "Escaped & twice"),
        ("for x<y and z>w", "for x<y and z>w"),
        ("a < b, <unknown>kept</unknown>", "a < b, <unknown>kept</unknown>"),
        ("$n \\to \\infty$ steps", "n → ∞ steps"),
        (FORMULA, "For n2 steps."),
        ("<p>Broken <b>off", "Broken off"),
        ("", ""),
        ("<jats:p/>", ""),
    ],
)
def test_markup_is_read(text: str, plain: str) -> None:
    """Tags go, paragraphs stay, formulas are read once, and what is no tag is text."""
    assert without_markup(text) == plain


@given(st.text(st.sampled_from("<>/&;jatsp:lt mth-title \\${}"), max_size=80))
def test_any_markup_gives_text(text: str) -> None:
    """Nothing raises, and no control characters come out."""
    assert without_markup(text).isprintable() or "\n\n" in without_markup(text)


@pytest.mark.parametrize("piece", ["<", "<p", "<jats:", "<jats:p ", "&lt;", "<p>", "</p>", "<mml:math>"])
def test_hostile_markup_takes_little_time(piece: str) -> None:
    """As much of it as is looked at is read in a moment."""
    started = time.process_time()
    without_markup(piece * LONGEST)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2021/06/19", datetime(2021, 6, 19, tzinfo=UTC), Precision.DAY),
        ("2021-06-19T09:00:00Z", datetime(2021, 6, 19, tzinfo=UTC), Precision.DAY),
        ("2020-7", datetime(2020, 7, 1, tzinfo=UTC), Precision.MONTH),
        (" 2017", datetime(2017, 1, 1, tzinfo=UTC), Precision.YEAR),
        ("2021/02/31", datetime(2021, 2, 1, tzinfo=UTC), Precision.MONTH),
        ("2021/99", datetime(2021, 1, 1, tzinfo=UTC), Precision.YEAR),
        ("0000", UNKNOWN, Precision.NONE),
        ("20171", UNKNOWN, Precision.NONE),
        ("June", UNKNOWN, Precision.NONE),
        ("", UNKNOWN, Precision.NONE),
    ],
)
def test_dates_are_as_exact_as_they_are_given(text: str, moment: datetime, precision: Precision) -> None:
    """What makes no sense is left out, the rest kept."""
    assert dated_text(text) == (moment, precision)


@given(st.none() | st.integers(), st.none() | st.integers(), st.none() | st.integers())
def test_any_numbers_make_a_date_or_none(year: int | None, month: int | None, day: int | None) -> None:
    """No numbers raise."""
    assert dated(year, month, day)[0].tzinfo is UTC
