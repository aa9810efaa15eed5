"""Learn which words of an abstract a summary takes over, and write bot/core/tldr_model.bin.

    python -m pip install numpy
    python -m tools.train_tldr ../shared/scitldr

The folder holds SciTLDR-A as train.jsonl and dev.jsonl. Only train.jsonl is learned from; ROUGE on dev.jsonl is printed
at the end. The same data give the same file: nothing is drawn by chance.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.tldr import best
from bot.core.tldr_features import Abstract, token_features, tokens
from bot.core.tldr_model import Model, Weights, packed, unpacked
from bot.core.tldr_sentences import Sentence, sentences
from tests.rouge import rouge, stems

MODEL = Path(__file__).resolve().parents[1] / "bot/core/tldr_model.bin"
COMMONNESS_STEPS = (3, 10, 30, 100, 300)
FEWEST_ABSTRACTS = 4
PENALTY = 33.0
SHARE_OF_TITLE = 0.2
"""How much the title counts as a second summary where it is not read; it steadies what is learned from one summary."""
ROUNDS = 80
MEMORY = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paper:
    """An abstract with its title and the summaries that people wrote of it."""

    title: str
    abstract: str
    sentences: list[Sentence]
    targets: list[str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Tokens as rows of a matrix of zeros and ones: the columns of all rows in a line, and where each row starts."""

    columns: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    width: int

    def times(self, weights: Floats) -> Floats:
        """The matrix times a vector; every row has a column."""
        return np.add.reduceat(weights[self.columns], self.starts)

    def transposed_times(self, values: Floats) -> Floats:
        """The transposed matrix times a vector."""
        every = np.repeat(values, self.lengths)
        return np.bincount(self.columns, weights=every, minlength=self.width).astype(np.float64)


def main(folder: Path) -> None:
    """Train on the folder's train.jsonl, write the model, print what it reaches on dev.jsonl."""
    papers = list(read(folder / "train.jsonl"))
    known = commonness(papers)
    model = Model(known, learn(papers, known, titled=True), learn(papers, known, titled=False))
    MODEL.write_bytes(packed(model))
    print(f"{MODEL.name}: {MODEL.stat().st_size:,} bytes")  # noqa: T201 - what a command prints is its answer
    model = unpacked(MODEL.read_bytes())
    dev = list(read(folder / "dev.jsonl"))
    for kind, titled in (("with title", True), ("without", False)):
        began = time.perf_counter()
        found = [best(model, paper.abstract, paper.title if titled else None) for paper in dev]
        each = (time.perf_counter() - began) / len(dev)
        means = np.mean([rouge(text, paper.targets) for text, paper in zip(found, dev, strict=True)], axis=0) * 100
        scores = " / ".join(f"{score:.2f}" for score in means)
        print(f"dev {kind}: ROUGE-1/2/L {scores}, {each * 1000:.1f} ms")  # noqa: T201 - as above


def read(path: Path) -> Iterator[Paper]:
    """The papers of a file of SciTLDR-A."""
    for line in path.read_text(encoding="utf-8").splitlines():
        paper = json.loads(line)
        abstract = " ".join(paper["source"])
        yield Paper(paper["title"], abstract, sentences(abstract), paper["target"])


def commonness(papers: Iterable[Paper]) -> dict[str, int]:
    """How many abstracts hold a stem, in steps from 1, for those in more than one."""
    held = Counter(token for paper in papers for token in {*tokens(paper.abstract)})
    return {token: 1 + sum(count > step for step in COMMONNESS_STEPS) for token, count in held.items() if count > 1}


def learn(papers: Sequence[Paper], known: dict[str, int], *, titled: bool) -> Weights:
    """The weights of features, by logistic regression over the tokens of all abstracts."""
    of_papers = [list(_examples(paper, known, titled=titled)) for paper in papers]
    held = Counter(name for examples in of_papers for name in {name for names, _ in examples for name in names})
    column = {name: at for at, name in enumerate(sorted(each for each in held if held[each] >= FEWEST_ABSTRACTS))}
    # The last column is the bias: every row has it.
    rows = [
        [*(column[name] for name in names if name in column), len(column)] for each in of_papers for names, _ in each
    ]
    lengths = np.array([len(row) for row in rows])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    matrix = Rows(np.concatenate([np.array(row) for row in rows]), starts, lengths, len(column) + 1)
    labels = np.array([label for each in of_papers for _, label in each], dtype=np.float64)
    weights = minimum(_loss(matrix, labels), np.zeros(matrix.width))
    return Weights(float(weights[-1]), {name: float(weights[at]) for name, at in column.items()})


def _examples(paper: Paper, known: dict[str, int], *, titled: bool) -> Iterator[tuple[list[str], float]]:
    """Each token's features, and how far a summary holds the token as often as the sentence does up to there."""
    abstract = Abstract(paper.sentences, paper.title if titled else None, known)
    held, title = Counter(stems(paper.targets[0])), frozenset(stems(paper.title))
    share = 0.0 if titled else SHARE_OF_TITLE
    for at, sentence in enumerate(paper.sentences):
        met: Counter[str] = Counter()
        for names, stem in zip(token_features(abstract, at), stems(" ".join(sentence.words)), strict=True):
            met[stem] += 1
            yield names, (1 - share) * (held[stem] >= met[stem]) + share * (stem in title)


def _loss(rows: Rows, labels: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    """The regression's loss and its gradient; all weights but the bias are penalised."""
    penalty = np.full(rows.width, PENALTY)
    penalty[-1] = 0

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = rows.times(weights)
        value = np.logaddexp(0, sums).sum() - labels @ sums + 0.5 * (penalty * weights**2).sum()
        return float(value), rows.transposed_times(1 / (1 + np.exp(-sums)) - labels) + penalty * weights

    return loss


def minimum(function: Callable[[Floats], tuple[float, Floats]], at: Floats) -> Floats:
    """Where a convex function is least, by L-BFGS with halved steps (Nocedal and Wright, "Numerical Optimization")."""
    value, slope = function(at)
    steps: list[tuple[Floats, Floats]] = []
    for _ in range(ROUNDS):
        way = -_newton(slope, steps)
        size = 1.0 if steps else 1 / float(np.abs(slope).sum())
        while True:
            next_value, next_slope = function(at + size * way)
            if next_value <= value + 1e-4 * size * float(slope @ way):
                break
            size /= 2
        steps = [*steps[-MEMORY + 1 :], (size * way, next_slope - slope)]
        at, value, slope = at + size * way, next_value, next_slope
    return at


def _newton(slope: Floats, steps: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The slope times the inverse of the curvature, as far as the last steps tell it."""
    slope = slope.copy()
    shares = []
    for step, change in reversed(steps):
        share = (step @ slope) / (step @ change)
        slope -= share * change
        shares.append(share)
    if steps:
        step, change = steps[-1]
        slope *= (step @ change) / (change @ change)
    for (step, change), share in zip(steps, reversed(shares), strict=True):
        slope += step * (share - (change @ slope) / (step @ change))
    return slope


if __name__ == "__main__":
    main(Path(sys.argv[1]))
