"""Long text cut into pieces that fit: between words, never inside a link, else between graphemes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import regex

from bot.adapters.slack import rich
from bot.adapters.slack.limits import units
from bot.adapters.slack.markup import ALL, escape, mrkdwn, words
from bot.core.post import Emphasis, Inline, Line, Link, Strong

PIECE = 2400
"""The weight of one piece: with an address of a link beside it, a text of Slack's holds it, escaped and marked."""

LABEL = 600
"""The weight of a link's label: its address comes on top of it."""

JOINTS = 8
"""Characters for a piece's own marks, and for what keeps it apart from its neighbours."""

LINE = 2900
"""The weight of a line in mrkdwn."""

_SHARE = 4
"""A message holds more than four texts of plain letters, and one of nothing but letters that JSON has to escape."""

_PLAIN = re.compile(r"[A-Za-z0-9 .,;()!?/=%+-]*")
_TOKEN = re.compile(r"\s+|\S+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_GRAPHEME = regex.compile(r"\X")


def weight(text: str) -> int:
    """How much of a piece the text takes, disarmed as mrkdwn wants it at worst."""
    return len(text) if _PLAIN.fullmatch(text) else _weighed(escape(text, ALL))


def _weighed(text: str) -> int:
    return max(units(text), -(-len(json.dumps(text)) // _SHARE))


def cut(text: str, size: int = PIECE) -> list[str]:
    """The text in pieces of at most `size`, each begun at a word where it can be."""
    return [text] if weight(text) <= size else _packed(_sized(_TOKEN.findall(text), size), size)


def cut_lines(text: str) -> list[str]:
    """The text in pieces, each begun at a line where it can be."""
    return [text] if weight(text) <= PIECE else _packed(_sized(_LINE.findall(text), PIECE), PIECE)


def _packed(tokens: Iterator[str], size: int) -> list[str]:
    pieces: list[list[str]] = [[]]
    room = size
    for token in tokens:
        taken = weight(token)
        if taken > room and pieces[-1]:
            pieces.append([])
            room = size
        pieces[-1].append(token)
        room -= taken
    return [piece for tokens in pieces if (piece := "".join(tokens)).strip()]


def _sized(tokens: list[str], size: int) -> Iterator[str]:
    for token in tokens:
        if weight(token) <= size:
            yield token
        elif token.isspace():
            yield "\n"
        else:
            yield from _graphemes(token, size)


def _graphemes(text: str, size: int) -> Iterator[str]:
    piece, room = [""], size
    for match in _GRAPHEME.finditer(text):
        # A grapheme can be longer than any message: then it is cut as letters are.
        for part in [match[0]] if weight(match[0]) <= size else match[0]:
            taken = weight(part)
            if taken > room:
                yield "".join(piece)
                piece, room = [], size
            piece.append(part)
            room -= taken
    yield "".join(piece)


def cut_line(nodes: Line) -> list[Line]:
    """The line as lines, each of which one text of Slack's holds."""
    made: list[Line] = []
    room = 0
    for piece in (piece for node in nodes for piece in _pieces(node)):
        size = _taken(piece)
        if size > room or not made:
            made.append(())
            room = LINE
        made[-1] = (*made[-1], piece)
        room -= size
    return made


def _taken(piece: Inline) -> int:
    """How much of a line the piece takes, in mrkdwn or as an element of rich text, whichever is more."""
    element = len(json.dumps(rich.line((piece, "")))) // _SHARE
    address = len(piece.url) if isinstance(piece, Link) else 0
    return max(element, _weighed(mrkdwn([(piece, "")])), weight(words(piece)) + address) + JOINTS


def _pieces(node: Inline) -> list[Inline]:
    match node:
        case str():
            return [*cut(node)]
        case Strong(text) | Emphasis(text):
            return [replace(node, text=piece) for piece in cut(text)]
        case Link(label):
            return [replace(node, label=piece) for piece in cut(label, LABEL)]
        case _:
            return [node]
