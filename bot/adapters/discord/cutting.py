"""Long text cut into pieces that fit: between words, never inside a link, else between graphemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import regex

from bot.adapters.discord.limits import weight
from bot.adapters.discord.markup import escape, line
from bot.core.post import Emphasis, Inline, Line, Link, Strong

PIECE = 1200
"""Characters of one piece: escaped and quoted it grows by three times at most."""

LABEL_PIECE = 600
"""Characters of a link's label: its address comes on top of them."""

MARKUP = 3800
"""Characters of a piece's markup; a message's heading or list mark comes on top of them."""

_TOKEN = re.compile(r"\s+|\S+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_GRAPHEME = regex.compile(r"\X")


def cut(text: str, size: int = PIECE) -> list[str]:
    """The text in pieces of at most `size`, each begun at a word where it can be."""
    if weight(text) <= size:
        return [text]
    return _packed(_sized(_TOKEN.findall(text), size), size)


def cut_lines(text: str) -> list[str]:
    """The text in pieces, each begun at a line where it can be."""
    if weight(text) <= PIECE:
        return [text]
    return _packed(_sized(_LINE.findall(text), PIECE), PIECE)


def _packed(tokens: Iterator[str], size: int) -> list[str]:
    pieces: list[list[str]] = [[]]
    room = size
    for token in tokens:
        if weight(token) > room and pieces[-1]:
            pieces.append([])
            room = size
        pieces[-1].append(token)
        room -= weight(token)
    return [piece for tokens in pieces if (piece := "".join(tokens)).strip()]


def _sized(tokens: list[str], size: int) -> Iterator[str]:
    for token in tokens:
        if weight(token) <= size:
            yield token
        elif token.isspace():
            yield "\n"
        elif "://" in token and weight(escape(token, links=True)) <= MARKUP:
            yield token
        else:
            yield from _graphemes(token, size)


def _graphemes(text: str, size: int) -> Iterator[str]:
    piece, room = [""], size
    for match in _GRAPHEME.finditer(text):
        # A grapheme can be longer than any message: then it is cut as letters are.
        for part in [match[0]] if weight(match[0]) <= size else match[0]:
            if weight(part) > room:
                yield "".join(piece)
                piece, room = [], size
            piece.append(part)
            room -= weight(part)
    yield "".join(piece)


def cut_line(nodes: Line) -> list[Line]:
    """The line as lines, each of at most `MARKUP` characters as Discord gets it."""
    lines: list[Line] = []
    room = 0
    for piece in (piece for node in nodes for piece in _pieces(node)):
        size = weight(line((piece,), newlines=True)) + 4
        if size > room or not lines:
            lines.append(())
            room = MARKUP
        lines[-1] = (*lines[-1], piece)
        room -= size
    return lines


def _pieces(node: Inline) -> list[Inline]:
    match node:
        case str():
            return [*cut(node)]
        case Strong(text) | Emphasis(text):
            return [replace(node, text=piece) for piece in cut(text)]
        case Link(label):
            return [replace(node, label=piece) for piece in cut(label, LABEL_PIECE)]
        case _:
            return [node]
