"""ROUGE-1, -2 and -L (F1, with Porter's stemmer), as SciTLDR measures summaries.

Tokens are runs of a-z and 0-9; those of more than three letters are stemmed. Lin, "ROUGE: A Package for Automatic
Evaluation of Summaries" (2004); Porter, "An algorithm for suffix stripping" (1980).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

Scores = tuple[float, float, float]

_SECOND = """
    ational:ate tional:tion enci:ence anci:ance izer:ize abli:able alli:al entli:ent eli:e ousli:ous ization:ize
    ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive biliti:ble fulli:ful logi:log
"""
_THIRD = "icate:ic ative: alize:al iciti:ic ical:ic ful: ness:"
_FOURTH = "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize"


def rouge(text: str, targets: Iterable[str]) -> Scores:
    """The three scores against the target with the highest ROUGE-1, as the protocol of SciTLDR has it."""
    tokens = stems(text)
    return max((scores(tokens, stems(target)) for target in targets), key=lambda each: each[0])


def scores(tokens: Sequence[str], target: Sequence[str]) -> Scores:
    """ROUGE-1, ROUGE-2 and ROUGE-L of one text against one target, both as stems; each from 0 to 1."""
    common = (Counter(tokens) & Counter(target)).total()
    pairs = (Counter(pairwise(tokens)) & Counter(pairwise(target))).total()
    return (
        _f1(common, len(tokens), len(target)),
        _f1(pairs, len(tokens) - 1, len(target) - 1),
        _f1(_longest_common(tokens, target), len(tokens), len(target)),
    )


def stems(text: str) -> list[str]:
    """The text's tokens, stemmed."""
    return [_stem(token) for token in re.findall("[a-z0-9]+", text.lower())]


def _f1(common: int, first: int, second: int) -> float:
    return 2 * common / (first + second) if common else 0.0


def _longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest common subsequence, a bit for each token of `second` (Hyyrö, 2004)."""
    places: dict[str, int] = {}
    for at, token in enumerate(second):
        places[token] = places.get(token, 0) | 1 << at
    every = (1 << len(second)) - 1
    row = every
    for token in first:
        hits = row & places.get(token, 0)
        row = ((row + hits) | (row - hits)) & every
    return len(second) - row.bit_count()


@cache
def _stem(word: str) -> str:
    if len(word) <= 3:
        return word
    word = _first_step(word)
    if word.endswith("y") and re.search("[aeiouy]", word[:-1]):
        word = word[:-1] + "i"
    for rules in (_SECOND, _THIRD):
        word = _replaced(word, [rule.split(":") for rule in rules.split()])
    word = _fourth_step(word)
    if word.endswith("e") and (_measure(word[:-1]) > 1 or (_measure(word[:-1]) == 1 and not _short(word[:-1]))):
        word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _first_step(word: str) -> str:
    """Plurals, and the endings -ed and -ing."""
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    ending = next((each for each in ("ed", "ing") if word.endswith(each)), "")
    stem = word.removesuffix(ending)
    if not ending or not re.search("[aeiou]|[^aeiou]y", stem):
        return word
    if stem.endswith(("at", "bl", "iz")) or (_measure(stem) == 1 and _short(stem)):
        return stem + "e"
    return stem[:-1] if re.search(r"([^aeioulsz])\1$", stem) else stem


def _replaced(word: str, rules: Iterable[Sequence[str]]) -> str:
    ending, new = max(
        ((end, new) for end, new in rules if word.endswith(end)), key=lambda rule: len(rule[0]), default=("", "")
    )
    return word.removesuffix(ending) + new if ending and _measure(word.removesuffix(ending)) else word


def _fourth_step(word: str) -> str:
    ending = max((each for each in _FOURTH.split() if word.endswith(each)), key=len, default="")
    stem = word.removesuffix(ending)
    return stem if ending and _measure(stem) > 1 and (ending != "ion" or stem[-1] in "st") else word


def _measure(stem: str) -> int:
    """How many times consonants follow vowels in it; a y is a vowel after a consonant."""
    return len(re.findall("v+c+", _shape(stem)))


def _shape(stem: str) -> str:
    shape = ""
    for letter in stem:
        shape += "v" if letter in "aeiou" or (letter == "y" and shape[-1:] == "c") else "c"
    return shape


def _short(stem: str) -> bool:
    return _shape(stem)[-3:] == "cvc" and stem[-1] not in "wxy"
