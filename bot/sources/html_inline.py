"""The inside of a paragraph of HTML as Markdown: bold and links are kept, every other mark is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

BREAK = "\n"

_APART = re.compile(r"[ \t\u00a0]{2,}")
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u200a\u202f\u205f\u3000\u2800]+")
_FILLERS = re.compile("[\u034f\u00ad\u200b\u2060\ufeff]+|(?<=[\\s\u200c])\u200c+|[\u200c\u200d](?=\\s|$)")
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|~"})
_ENTITY = re.compile(r"&(?=#?\w)")
_MARK_FIRST = re.compile(r"^(?:#{1,6}(?=\s|$)|[-+](?=\s|$)|=+\s*$|-{2,}\s*$|\d{4,9}[.)](?=\s|$))")
_BULLET_FIRST = re.compile(r"^[•●◦▪▫‣⁃∙·-]\s+(?=\S)")
_LETTER_FIRST = re.compile(r"[^\W_]")
_LETTER_LAST = re.compile(r"[^\W_]$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `link` tells links apart that follow each other and lead to the same place."""

    text: str
    strong: bool = False
    url: str | None = None
    link: int = 0


def tidied(text: str) -> str:
    """The text with each run of blanks made one, or two on a line, and without letters that only fill a preview."""
    return _FILLERS.sub("", _BLANKS.sub(lambda run: "  " if _APART.fullmatch(run.group()) else " ", text))


def plain(pieces: Iterable[Piece]) -> str:
    """The text of some pieces as one line."""
    return " ".join("".join(piece.text for piece in pieces).split())


def written(pieces: Sequence[Piece], *, apart: bool = False) -> str:
    """The pieces as lines of Markdown, with no empty line between them.

    apart: two blanks or more stay two, as they part a title from its text in cells of tables.
    """
    lines = (_line(line, apart=apart) for line in _lines(pieces))
    return "\n".join(filter(None, lines))


def _lines(pieces: Sequence[Piece]) -> Iterable[list[Piece]]:
    line: list[Piece] = []
    for piece in pieces:
        first, *more = piece.text.split(BREAK)
        line.append(replace(piece, text=first))
        for text in more:
            yield line
            line = [replace(piece, text=text)]
    yield line


def paragraphs(pieces: Sequence[Piece]) -> Iterable[list[Piece]]:
    """The pieces parted where two breaks or more follow each other."""
    paragraph: list[Piece] = []
    blank = False
    for line in _lines(pieces):
        empty = not plain(line) and not any(piece.url for piece in line)
        if empty and paragraph and not blank:
            yield paragraph
            paragraph = []
        elif not empty:
            paragraph += [Piece(BREAK), *line] if paragraph else line
        blank = empty
    if paragraph:
        yield paragraph


def _line(pieces: Iterable[Piece], *, apart: bool) -> str:
    """One line: blanks at the ends of links and bold text are put outside, where Markdown wants them."""
    made = ""
    for _, group in groupby(pieces, lambda piece: piece.link):
        linked = list(group)
        url = linked[0].url
        if url is None:
            made = _joined(made, linked)
            continue
        text = _joined("", linked)
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        made += f"{before}[{text.strip()}]({_destination(url)}){after}" if text.strip() else text
    line = (made if apart else _BLANKS.sub(" ", made)).strip()
    line = _BULLET_FIRST.sub("- ", line)
    return line if line.startswith("- ") else _MARK_FIRST.sub(_escaped_first, line)


def _joined(made: str, pieces: Iterable[Piece]) -> str:
    """The pieces behind what was made so far, each bold stretch between two pairs of stars."""
    for strong, group in groupby(pieces, lambda piece: piece.strong):
        text = _ENTITY.sub(r"\\&", "".join(piece.text for piece in group).translate(_MARKS))
        if strong and text.strip():
            made = _bold(made, text)
        else:
            # A closing pair of stars right behind a mark and before a letter would close nothing.
            closed = made.endswith("**") and _LETTER_FIRST.match(text) and not _LETTER_LAST.search(made[:-2])
            made += f" {text}" if closed else text
    return made


def _bold(made: str, text: str) -> str:
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    inside = text.strip()
    apart = not before and _LETTER_LAST.search(made) and not _LETTER_FIRST.match(inside)
    return f"{made}{' ' if apart else before}**{inside}**{after}"


def _destination(url: str) -> str:
    depth = 0
    for letter in url:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
    if depth:
        url = url.replace("(", "%28").replace(")", "%29")
    return url.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")


def _escaped_first(match: re.Match[str]) -> str:
    mark = match.group()
    return f"{mark[:-1]}\\{mark[-1]}" if mark[0].isdigit() else f"\\{mark}"
