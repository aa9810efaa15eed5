"""What was learned of words: kept in few bytes, read back as it was; the measure that it is judged by."""

from __future__ import annotations

import pytest

from bot.core.tldr import best
from bot.core.tldr_model import Model, Weights, learned, packed, unpacked
from tests.rouge import rouge, stems

MOST_BYTES = 150_000


def test_a_model_is_read_back() -> None:
    """Packing keeps weights to the hundredth, and what makes no difference goes."""
    titled = Weights(-1.5, {"wbee": 1.25, "whive": 0.001, "p^ bee": -0.5})
    model = Model({"bee": 3, "hive": 1}, titled, Weights(0.5, {"wbee": 0.75}))
    again = unpacked(packed(model))
    assert again.commonness == model.commonness
    assert again.titled == Weights(-1.5, {"wbee": 1.25, "p^ bee": -0.5})
    assert again.untitled == Weights(0.5, {"wbee": 0.75})


def test_the_model_is_small() -> None:
    """What comes with the bot stays under 150 kB."""
    assert len(packed(learned())) <= MOST_BYTES


def test_weights_decide() -> None:
    """The clause is told whose words have the higher chances."""
    abstract = "We count the bees of a hive. We paint the doors of a house."
    for stem, said in (("be", "We count the bees of a hive."), ("hous", "We paint the doors of a house.")):
        liking = Weights(-2, {f"w{stem}": 6})
        assert best(Model({}, liking, liking), abstract, None) == said


@pytest.mark.parametrize(
    ("word", "stem"),
    [("caresses", "caress"), ("ponies", "poni"), ("agreed", "agre"), ("hopping", "hop"), ("filing", "file"),
     ("relational", "relat"), ("adoption", "adopt"), ("controlling", "control"), ("sky", "sky"), ("bees", "bee")],
)  # fmt: skip
def test_stems_are_porters(word: str, stem: str) -> None:
    """The examples of Porter's paper give what it says."""
    assert stems(word) == [stem]


def test_rouge_is_that_of_the_best_target() -> None:
    """All three scores are against the target with the most words in common."""
    found = rouge("the cat sat on a mat", ["a dog", "on a mat the cats sat"])
    assert found == pytest.approx((1.0, 4 / 5, 1 / 2))
