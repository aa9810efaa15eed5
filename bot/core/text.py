"""Text from people: made safe to keep, cut without breaking a letter, counted in words."""

from __future__ import annotations

import re
from datetime import date

import regex

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_GRAPHEME = regex.compile(r"\X")


def clean(text: str) -> str:
    """The text without control characters and lone surrogates, which no store or platform takes."""
    return _UNWANTED.sub("", text)


def clip(text: str, length: int) -> str:
    """The text in at most `length` characters: cut between graphemes, with an ellipsis where it is cut."""
    if len(text) <= length:
        return text
    end = 0
    for match in _GRAPHEME.finditer(text, 0, length + 40):
        if match.end() > length - 1:
            break
        end = match.end()
    return text[:end].rstrip() + "…"


def one_line(text: str) -> str:
    """The text with every run of white space made one blank."""
    return " ".join(clean(text).split())


def without_tail(url: str) -> str:
    """An address as it was meant: without the punctuation of the sentence around it, brackets of its own kept."""
    url = url.rstrip(".,;:!?…。，、]»”’\"'")
    while url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1]
    return url


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 vote`, `2 votes`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def day(moment: date) -> str:
    """A day as people write it: `8 March 2021`."""
    return f"{moment.day} {moment:%B %Y}"
