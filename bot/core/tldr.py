"""One sentence that says what a paper does, picked and cut from its abstract.

The clause is chosen that shares the most with a summary by ROUGE-1, as far as can be expected: the chances of its
tokens to be in a summary, added up and divided by its length and that of a summary. Trained and measured on SciTLDR
(Cachola and others, "TLDR: Extreme Summarization of Scientific Documents", arXiv 2004.15011).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.core.text import one_line
from bot.core.tldr_clauses import Clause, clauses, written
from bot.core.tldr_features import Abstract
from bot.core.tldr_model import Model, learned
from bot.core.tldr_sentences import LONGEST, sentences, word_set

# Tuned on SciTLDR's dev split and on halves of its training split; a summary there has 20 tokens.
_LENGTH_OF_SUMMARY = 15
_WORTH_OF_PAIRS = 0.3
_POINTING = word_set("but he it or she so such then there these they those yet")
_VERBS_AFTER_THIS = word_set("allows can enables gives has is leads makes may means provides results was yields")
_WORTH_OF_POINTING = 0.85
_LONGEST_OPENING = 8
_FULL_STOP = re.compile(r"[^。！？]{4,300}。")
_SAYS_WHAT_IT_DOES = re.compile("本文|本论文|本論文|本研究|本稿|我们|我們|提出|提案")


def tldr(abstract: str, title: str | None = None) -> str:
    """What the paper does in one sentence of its abstract, or nothing where the abstract has none.

    The title says what matters, and so helps to choose. Abstracts in English are read; from one in Chinese or
    Japanese a whole sentence is taken.
    """
    return best(learned(), abstract, title) or _eastern(abstract)


def best(model: Model, abstract: str, title: str | None) -> str:
    """The best clause by this model, or nothing where the abstract cannot be cut into clauses."""
    parts = sentences(abstract)
    found = clauses(parts)
    if not found:
        return ""
    prepared, chances = model.prepared(parts, title)
    ordered = [_by_token(flat, each) for flat, each in zip(prepared.flat, chances, strict=True)]
    chosen = max(found, key=lambda clause: _worth(prepared, clause, ordered[clause.sentence]))
    return written(parts[chosen.sentence], chosen)


def _by_token(flat: Sequence[str], chances: Sequence[float]) -> dict[str, list[float]]:
    """For each token of a sentence the chances of its first mention, its second, and so on."""
    ordered: dict[str, list[float]] = {}
    for token, chance in zip(flat, chances, strict=True):
        ordered.setdefault(token, []).append(chance)
    return ordered


def _worth(abstract: Abstract, clause: Clause, ordered: Mapping[str, Sequence[float]]) -> float:
    flat, offsets = abstract.flat[clause.sentence], abstract.offsets[clause.sentence]
    kept = [flat[at] for word in clause.kept for at in range(offsets[word], offsets[word + 1])]
    met = dict.fromkeys(kept, 0)
    chances = []
    for token in kept:
        chances.append(ordered[token][met[token]])
        met[token] += 1
    # Two words side by side are in a summary together about as often as the rarer of them.
    total = sum(chances) + _WORTH_OF_PAIRS * sum(map(min, chances, chances[1:]))
    worth = total / (len(kept) + _LENGTH_OF_SUMMARY)
    return worth * _WORTH_OF_POINTING if _points(abstract, clause) else worth


def _points(abstract: Abstract, clause: Clause) -> bool:
    """Whether it begins by pointing: at what was said before it, which nobody will have read, or at "this paper"."""
    lower = abstract.sentences[clause.sentence].lower
    first, second = lower[clause.kept[0]], lower[clause.kept[1]]
    at_paper = (first, second) == ("in", "this") and "we" in lower[:_LONGEST_OPENING]
    return at_paper or first in _POINTING or (first == "this" and second in _VERBS_AFTER_THIS)


def _eastern(abstract: str) -> str:
    """A sentence that ends as in Chinese and Japanese, one that says what the paper does before others."""
    found = [match[0].strip() for match in _FULL_STOP.finditer(one_line(abstract[:LONGEST]))]
    return next((each for each in found if _SAYS_WHAT_IT_DOES.search(each)), found[0] if found else "")
