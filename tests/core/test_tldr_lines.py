"""JSON Lines of papers: a sentence for each, or the number of the line that is none."""

from __future__ import annotations

import json

import pytest

from bot.core.errors import Refused
from bot.core.tldr import tldr
from bot.core.tldr_lines import tldr_lines

ABSTRACT = "Hives hum. In this paper, we count the bees of a hive by ear."


def test_each_line_gets_its_sentence() -> None:
    """One line comes out for each that goes in, with or without a title; empty lines are passed over."""
    lines = [
        json.dumps({"title": "Bees", "abstract": ABSTRACT}),
        "\n",
        json.dumps({"abstract": "", "title": None}) + "\n",
    ]
    assert [json.loads(line) for line in tldr_lines(lines)] == [{"tldr": tldr(ABSTRACT, "Bees")}, {"tldr": ""}]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"a"', "{}", '{"abstract": 3}', '{"abstract": "", "title": 3}', "[" * 100_000, "9" * 10_000, "\ud800"],
)
def test_a_bad_line_is_named(line: str) -> None:
    """What is not a paper stops the run with the line's number; what came before it has been answered."""
    answers = tldr_lines([json.dumps({"abstract": ABSTRACT}), "", line])
    assert json.loads(next(answers))["tldr"]
    with pytest.raises(Refused, match="Line 3 "):
        next(answers)
