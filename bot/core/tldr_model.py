"""What was learned of the words that summaries take over from abstracts; tools/train_tldr.py learns it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp
from typing import Any

from bot.core.tldr_features import Abstract, token_features
from bot.core.tldr_sentences import Sentence

_UNIT = 100
_STEEPEST = 30.0


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression: what is added to `bias` for each feature that a token has."""

    bias: float
    of: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned.

    commonness: how many abstracts hold a stem, in steps from 1. titled, untitled: how likely a token is in a summary,
    where the title is known and where it is not.
    """

    commonness: Mapping[str, int]
    titled: Weights
    untitled: Weights

    def prepared(self, sentences: Sequence[Sentence], title: str | None) -> tuple[Abstract, list[list[float]]]:
        """The abstract, and for each of its sentences each token's chance to be in a summary, from 0 to 1."""
        abstract = Abstract(sentences, title, self.commonness)
        weights = self.titled if abstract.title else self.untitled
        return abstract, [_chances(weights, abstract, at) for at in range(len(sentences))]


@cache
def learned() -> Model:
    """The model that comes with the bot."""
    return unpacked(resources.files("bot.core").joinpath("tldr_model.bin").read_bytes())


def packed(model: Model) -> bytes:
    """The model in few bytes: weights in hundredths, and only those that make a difference."""
    titled, untitled = model.titled, model.untitled
    names = sorted(titled.of.keys() | untitled.of.keys())
    pairs = {name: (round(titled.of.get(name, 0) * _UNIT), round(untitled.of.get(name, 0) * _UNIT)) for name in names}
    kept = [name for name in names if any(pairs[name])]
    stems = sorted(model.commonness)
    facts = {
        "stems": " ".join(stems),
        "steps": "".join(str(model.commonness[stem]) for stem in stems),
        "bias": [titled.bias, untitled.bias],
        "names": "\n".join(kept),
        "titled": [pairs[name][0] for name in kept],
        "untitled": [pairs[name][1] for name in kept],
    }
    return zlib.compress(json.dumps(facts, separators=(",", ":")).encode(), 9)


def unpacked(data: bytes) -> Model:
    """The model that `packed` made bytes of."""
    facts: dict[str, Any] = json.loads(zlib.decompress(data))
    names = facts["names"].split("\n")
    titled, untitled = (
        Weights(bias, {name: weight / _UNIT for name, weight in zip(names, facts[kind], strict=True) if weight})
        for kind, bias in zip(("titled", "untitled"), facts["bias"], strict=True)
    )
    commonness = dict(zip(facts["stems"].split(), map(int, facts["steps"]), strict=True))
    return Model(commonness, titled, untitled)


def _chances(weights: Weights, abstract: Abstract, at: int) -> list[float]:
    of = weights.of.get
    sums = (weights.bias + sum(of(name, 0.0) for name in names) for names in token_features(abstract, at))
    return [1 / (1 + exp(-max(-_STEEPEST, each))) for each in sums]
