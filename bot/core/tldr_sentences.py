"""An abstract's sentences, and their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.core.text import one_line

LONGEST = 6000
"""Characters of an abstract that are looked at; arXiv takes abstracts of 1,920 at most."""

MOST_SENTENCES = 30


def word_set(text: str) -> frozenset[str]:
    """The words of a text that lists them."""
    return frozenset(text.split())


_ABBREVIATIONS = word_set(
    "e.g i.e eg ie vs cf fig figs eq eqs sec resp approx w.r.t dr mr mrs prof no nos st ca a.k.a i.i.d viz"
)
_ENDS_LIST = frozenset({"al", "etc"})
# "The number of clusters k.": these letters name things more often than people.
_LETTERS_THAT_END = frozenset("ki")
_LONGEST_ABBREVIATION = 30
# Where the blank after a full stop was lost, these words begin sentences; other names hold full stops of their own.
_OPENERS = "A|An|As|By|Experiments|For|However|In|It|Moreover|Our|Results|The|These|This|To|We|While"
_BREAK = re.compile(rf"[.!?]+[\"'”’)\]]*(?:\s+|(?=(?:{_OPENERS})\s))")
_EDGE = "\"'“”‘’`([{)]},.;:!?"
BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an abstract, as words between blanks.

    lower: the words without capitals and punctuation. inside: whether a bracket, a quotation or a formula is open
    before the word, for each word and for the end.
    """

    words: tuple[str, ...]
    lower: tuple[str, ...]
    inside: tuple[bool, ...]


def sentences(abstract: str) -> list[Sentence]:
    """The sentences of the abstract's beginning; one that `LONGEST` cuts off is none."""
    found = [_sentence(text) for text in islice(_split(one_line(abstract[:LONGEST])), MOST_SENTENCES)]
    return found[:-1] if len(abstract) > LONGEST and len(found) < MOST_SENTENCES else found


def _split(text: str) -> Iterator[str]:
    start = seen = depth = 0
    for match in _BREAK.finditer(text):
        following = text[match.end() : match.end() + 1]
        piece = text[seen : match.end()]
        seen = match.end()
        depth = max(0, depth + _opened(piece))
        if following and not depth and _ends(text[start : match.start()], match[0][0], following):
            yield text[start : match.end()].strip()
            start = match.end()
    if rest := text[start:].strip():
        yield rest


def _ends(before: str, mark: str, following: str) -> bool:
    """Whether a sentence ends at this mark: not after an abbreviation, an initial or the number of a list."""
    last = before[-_LONGEST_ABBREVIATION:].rsplit(" ", 1)[-1].lstrip("([\"'").lower()
    if mark == "." and (
        last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last not in _LETTERS_THAT_END)
    ):
        return False
    if last.isdigit() and len(last) == len(before):
        return False
    if last in _ENDS_LIST:
        return following.isupper()
    return not following.islower() and following not in ",;:)"


def _sentence(text: str) -> Sentence:
    words = tuple(text.split())
    inside = [False]
    depth, formula = 0, False
    for word in words:
        depth = max(0, depth + _opened(word))
        formula ^= bool(word.count("$") % 2)
        inside.append(depth > 0 or formula)
    return Sentence(words, tuple(word.strip(_EDGE).lower() for word in words), tuple(inside))


def _opened(text: str) -> int:
    """How many more brackets it opens than it closes."""
    return sum(text.count(opening) - text.count(closing) for opening, closing in BRACKETS)
