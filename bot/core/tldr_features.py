"""What speaks for or against a token of an abstract being in a summary, by name.

A token is a run of a-z and 0-9, reduced to a rough stem: abstracts are weighed in tokens, as ROUGE counts them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.core.tldr_sentences import Sentence, word_set

_TOKEN = re.compile("[a-z0-9]+")
_LONGEST_TOKEN = 40
_SHORTEST_STEM = 3
_COMMON = word_set(
    "a an the of in on at by for to from with and or that which is are was be this we our it as can not these their "
    "its have has than such"
)
_LISTED_ENDINGS = "ization ations ation ingly ings ing edly ed ers ies es s ly er al"
_ENDINGS = tuple(_LISTED_ENDINGS.split())
_TELLING = word_set("show demonstrate results experiments propose paper however method approach model")
_HEAD = 12
_FAR = 99
_NEAR_END = 4


def stem(token: str) -> str:
    """The token without its most frequent endings."""
    if len(token) <= _SHORTEST_STEM + 1:
        return token
    fitting = (each for each in _ENDINGS if token.endswith(each) and len(token) - len(each) >= _SHORTEST_STEM)
    token = token.removesuffix(next(fitting, ""))
    if len(token) > _SHORTEST_STEM + 1 and token[-1] in "eyi":
        token = token[:-1]
    doubled = len(token) > _SHORTEST_STEM + 1 and token[-1] == token[-2] and token[-1] not in "ls"
    return token[:-1] if doubled else token


def tokens(text: str) -> list[str]:
    """The text's tokens, stemmed."""
    return [stem(token[:_LONGEST_TOKEN]) for token in _TOKEN.findall(text.lower())]


class Abstract:
    """An abstract's sentences and its title, prepared for questions about their tokens.

    commonness: how many abstracts hold a stem, in steps from 1; a stem that is not in it is rare.
    flat: each sentence's tokens. offsets: for each sentence, the place of each word's first token in it, and the end.
    """

    def __init__(self, sentences: Sequence[Sentence], title: str | None, commonness: Mapping[str, int]) -> None:
        self.sentences = sentences
        self.commonness = commonness
        title_tokens = tokens(title or "")
        self.title = frozenset(title_tokens)
        self.title_content = self.title - _COMMON
        self.title_pairs = frozenset(pairwise(title_tokens))
        self.by_word = [[tokens(word) for word in each.words] for each in sentences]
        self.flat = [[token for word in words for token in word] for words in self.by_word]
        self.offsets = [_offsets(words) for words in self.by_word]
        self.holding = Counter(token for each in self.flat for token in set(each))
        self.times = Counter(token for each in self.flat for token in each)
        self.claim = next((at for at, each in enumerate(sentences) if _claims(each)), None)
        self.claimed = frozenset(self.flat[self.claim]) if self.claim is not None else frozenset()
        self.opened = frozenset(self.flat[0]) if self.flat else frozenset()
        self.closed = frozenset(self.flat[-1]) if self.flat else frozenset()


def token_features(abstract: Abstract, at: int) -> Iterator[list[str]]:
    """For each token of the sentence at this place, the names of its features."""
    flat = abstract.flat[at]
    place = _place(abstract, at)
    shapes = _shapes(abstract, at)
    met: Counter[str] = Counter()
    since = _FAR
    for number, (token, shape) in enumerate(zip(flat, shapes, strict=True)):
        met[token] += 1
        since = 0 if token == "we" else since + 1  # noqa: S105 - a word, not a secret
        before = flat[number - 1] if number else "^"
        after = flat[number + 1] if number + 1 < len(flat) else "$"
        common = token in _COMMON
        names = [f"w{token}", f"p{before} {token}", f"n{min(met[token], 3)} {token if common else ''}"]
        if met[token] > 1:
            names.append(f"m{token}")
        if common:
            names += [f"e{token} {after}", f"k{min(abstract.times[token], 8)}", *place.of_common]
        else:
            names += [f"x{min(since, 12)}", f"s{shape}", f"z{len(flat) - number < _NEAR_END}"]
            names += [f"q{_step(number, 3, 6, 10, 15, 20, 30)}", *_content(abstract, token), *place.of_content]
        if abstract.title:
            names += _titled(abstract, before, token, after)
        yield names


@dataclass(frozen=True, slots=True)
class _Place:
    """The features that all common words of a sentence have, and those that all its other words have."""

    of_common: list[str]
    of_content: list[str]


def _place(abstract: Abstract, at: int) -> _Place:
    sentence, many = abstract.sentences[at], len(abstract.sentences)
    lower = sentence.lower
    following = abstract.sentences[at + 1].lower[0] if at + 1 < many else "$"
    relative = "?" if abstract.claim is None else max(-3, min(4, at - abstract.claim))
    said = next((after for word, after in pairwise(lower) if word == "we"), "")
    told = next((word for word in lower[:_HEAD] if word in _TELLING), "")
    length = _step(len(abstract.flat[at]), 10, 15, 20, 25, 30, 40)
    names = [
        f"1{lower[0]}", f"2{' '.join(lower[:2])}", f"3{said}", f"4{following}", f"6{told}", f"7{length}",
        f"8{relative} {at == many - 1}",
    ]  # fmt: skip
    if abstract.title_content:
        held = len(abstract.title_content.intersection(abstract.flat[at])) / len(abstract.title_content)
        names.append(f"5{_step(held, 0.01, 0.2, 0.4, 0.6, 0.8)}")
    where = _step(at / many, 0.15, 0.3, 0.5, 0.7, 0.85)
    of_content = [f"i{min(at, 6)}", f"o{where}", f"r{relative}"]
    return _Place([f"c{name}" for name in names] + [f"R{where}"], [f"C{name}" for name in names] + of_content)


def _content(abstract: Abstract, token: str) -> list[str]:
    rarity = abstract.commonness.get(token, 0)
    count = min(abstract.holding[token], 5)
    share = _step(count / len(abstract.flat), 0.15, 0.3, 0.45, 0.6, 0.8)
    claimed = token in abstract.claimed
    return [
        f"d{rarity}", f"h{count}", f"f{share}", f"D{rarity} {min(count, 4)}", f"E{rarity} {claimed}",
        f"g{claimed} {token in abstract.opened} {token in abstract.closed}",
    ]  # fmt: skip


def _titled(abstract: Abstract, before: str, token: str, after: str) -> list[str]:
    title = abstract.title
    known, left, right = token in title, before in title, after in title
    if token in _COMMON:
        return [f"K{token} {known}", f"Y{left} {right}", f"Z{token} {left} {right}"]
    pair = (before, token) in abstract.title_pairs or (token, after) in abstract.title_pairs
    count = min(abstract.holding[token], 4)
    return [
        f"t{known}", f"T{known} {abstract.commonness.get(token, 0)}", f"u{known} {count}", f"b{known} {pair}",
        f"v{known} {token in abstract.claimed}", f"Q{known} {left} {right}",
    ]  # fmt: skip


def _claims(sentence: Sentence) -> bool:
    """Whether it is the paper that speaks, rather than what was known before it."""
    return "we" in sentence.lower or ("this" in sentence.lower and "paper" in sentence.lower)


def _offsets(words: Sequence[Sequence[str]]) -> list[int]:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def _shapes(abstract: Abstract, at: int) -> Iterator[str]:
    sentence = abstract.sentences[at]
    for place, (word, parts) in enumerate(zip(sentence.words, abstract.by_word[at], strict=True)):
        shape = "inside" if sentence.inside[place] else _shape(word, first=not place)
        yield from [shape] * len(parts)


def _shape(word: str, *, first: bool) -> str:
    core = word.strip("([\"',.;:)]")
    if core[1:].lower() != core[1:]:
        return "capitals"
    if core[:1].isupper() and not first:
        return "capital"
    if "-" in core:
        return "hyphen"
    return "number" if any(letter.isdigit() for letter in core) else ""


def _step(number: float, *edges: float) -> int:
    return sum(number > edge for edge in edges)
