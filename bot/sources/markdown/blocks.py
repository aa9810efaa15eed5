"""What a newsletter's text is made of: blocks of lines, lines of spans."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line; `url` is the canonical address that it links to, `image` that of a picture.

    link: which link of its paragraph the stretch is part of, counted from 1; 0 outside, and for bare addresses.
    """

    text: str
    url: str | None = None
    strong: bool = False
    emphasis: bool = False
    image: str | None = None
    link: int = 0


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the highest."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or what is left of it where pictures stood between its lines."""

    lines: tuple[Line, ...]
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture on a line of its own."""

    source: str


@dataclass(frozen=True, slots=True)
class Card:
    """A link preview: a box with the title, the description and the host of a page."""

    url: str | None
    host: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list: its own lines, and the entries below it."""

    lines: tuple[Line, ...]
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    ordered: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table's body; `columns` are the headings of its columns."""

    cells: tuple[Line, ...]
    columns: tuple[str, ...] = ()


Block: TypeAlias = Heading | Text | Figure | Card | Rule | Listing | Row

_WIDE = r"\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef"
_BREAK_IN_WIDE = re.compile(rf"(?<=[{_WIDE}])\n|\n(?=[{_WIDE}])")


def words(line: Iterable[Span]) -> str:
    """The text of a line, blanks at its ends gone."""
    return "".join(span.text for span in line).strip()


def wording(lines: Iterable[Line]) -> str:
    """The text of several lines as one: no blank where scripts that use none were broken over lines."""
    text = "\n".join(filter(None, map(words, lines)))
    return _BREAK_IN_WIDE.sub("", text).replace("\n", " ")


def is_bold(text: Text) -> bool:
    """Whether a paragraph is one bold line without a link, as a heading that is none."""
    spans = [span for line in text.lines for span in line if span.text.strip()]
    return len(text.lines) == 1 and all(span.strong and not span.url for span in spans)


def joined(lines: Iterable[Line]) -> Line:
    """Several lines as one, with blanks between them."""
    spans: list[Span] = []
    for at, line in enumerate(lines):
        if at:
            within = spans and line and line[0].link and spans[-1].link == line[0].link
            spans.append(replace(line[0], text=" ") if within else Span(" "))
        spans += line
    return tuple(spans)


def whole_links(line: Iterable[Span]) -> Line:
    """The line with each link as one span, though code or bold parts its text."""
    whole: list[Span] = []
    for link, parts in groupby(line, lambda span: span.link):
        spans = list(parts)
        if link and len(spans) > 1:
            text = "".join(span.text for span in spans)
            spans = [replace(spans[0], text=text, strong=any(span.strong for span in spans))]
        whole += spans
    return tuple(whole)


def links(lines: Iterable[Line]) -> tuple[str, ...]:
    """The addresses that lines link to, in order, each once."""
    return tuple(dict.fromkeys(span.url for line in lines for span in line if span.url))


def entry_links(entry: Entry) -> tuple[str, ...]:
    """The addresses that an entry and those below it link to, in order, each once."""
    below = (url for child in entry.children for url in entry_links(child))
    return tuple(dict.fromkeys((*links(entry.lines), *below)))
