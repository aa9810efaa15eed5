"""Markdown as blocks: the parser's tokens walked once, with their links made canonical."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.sources.markdown.blocks import (
    Block,
    Card,
    Entry,
    Figure,
    Heading,
    Line,
    Listing,
    Row,
    Rule,
    Span,
    Text,
    links,
    words,
)
from bot.sources.markdown.entries import is_link_only
from bot.sources.markdown.mending import MARKER, CutCard
from bot.sources.markdown.spans import Resolve, read_lines
from bot.sources.markdown.titles import is_whole_title, read_title

_PARSER = MarkdownIt("commonmark").enable("table")
_RULE = re.compile(r"(?:[\s*]*[—–―─━－=_~·•-]){3,}[\s*]*")


def parse(text: str) -> list[Token]:
    """The parser's tokens of a mended text."""
    return _PARSER.parse(text)


def to_blocks(tokens: Sequence[Token], cards: Sequence[CutCard], resolve: Resolve) -> list[Block]:
    """The blocks of a text; code and raw HTML are left out."""
    blocks = list(_with_links_below(_Walk(tokens, cards, resolve).blocks(len(tokens))))
    return list(_with_titles_apart(blocks))


def first_blocks(tokens: Sequence[Token], cards: Sequence[CutCard], resolve: Resolve, count: int) -> list[Block]:
    """The first blocks of a text; the rest is not looked at."""
    return list(islice(_Walk(tokens, cards, resolve).blocks(len(tokens)), count))


def _with_links_below(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with a list of mere links put below the entry that it follows, as too small an indent meant it."""
    before: Listing | None = None
    for block in blocks:
        if before and isinstance(block, Listing) and all(map(is_link_only, block.entries)):
            last = before.entries[-1]
            if not last.children and not links(last.lines):
                last = replace(last, children=(*last.children, *block.entries))
                before = replace(before, entries=(*before.entries[:-1], last))
                continue
        if before:
            yield before
        before = block if isinstance(block, Listing) and block.entries else None
        if not before:
            yield block
    if before:
        yield before


def _with_titles_apart(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, with a title that hangs on the paragraph before its picture made a paragraph of its own."""
    for at, block in enumerate(blocks):
        if (
            isinstance(block, Text)
            and len(block.lines) > 1
            and isinstance(next(iter(blocks[at + 1 : at + 2]), None), Figure | Card)
        ):
            title = read_title(block.lines[-1])
            if title and title.strong and is_whole_title(title):
                yield replace(block, lines=block.lines[:-1])
                yield replace(block, lines=block.lines[-1:])
                continue
        yield block


class _Walk:
    """Reads tokens from first to last; containers read their own part and leave the rest."""

    def __init__(self, tokens: Sequence[Token], cards: Sequence[CutCard], resolve: Resolve) -> None:
        self._tokens = tokens
        self._cards = cards
        self._resolve = resolve
        self._at = 0
        self._quotes = 0

    def blocks(self, end: int) -> Iterator[Block]:
        """The blocks up to a token."""
        while self._at < end:
            token = self._tokens[self._at]
            self._at += 1
            match token.type:
                case "heading_open":
                    yield Heading(int(token.tag[1:]), self._joined(self._inline()))
                case "paragraph_open":
                    yield from self._paragraph(self._inline())
                case "bullet_list_open" | "ordered_list_open":
                    yield self._listing(ordered=token.type.startswith("ordered"))
                case "blockquote_open":
                    self._quotes += 1
                case "blockquote_close":
                    self._quotes -= 1
                case "table_open":
                    yield from self._rows()
                case "hr":
                    yield Rule()

    def _inline(self) -> tuple[Line, ...]:
        token = self._tokens[self._at]
        self._at += 2  # the inline token and what closes its block
        return tuple(read_lines(token.children or (), self._resolve))

    def _joined(self, lines: tuple[Line, ...]) -> Line:
        spans: list[Span] = []
        for line in lines:
            spans += (Span(" "), *line) if spans else line
        return tuple(spans)

    def _paragraph(self, lines: tuple[Line, ...]) -> Iterator[Block]:
        kept: list[Line] = []
        for whole in lines:
            apart = [*self._apart(whole)]
            line = tuple(span for span in whole if span.image is None)
            if kept and apart:
                yield Text(tuple(kept), self._quotes > 0)
                kept = []
            yield from apart
            if not any(isinstance(block, Card | Rule) for block in apart) and (words(line) or any(s.url for s in line)):
                kept.append(line)
        if kept:
            yield Text(tuple(kept), self._quotes > 0)

    def _apart(self, line: Line) -> Iterator[Block]:
        """What a line of a paragraph holds that is no text: pictures, a link preview, a rule drawn in dashes."""
        text = words(line)
        if text.startswith(MARKER) and text[1:].isdecimal() and int(text[1:]) < len(self._cards):
            card = self._cards[int(text[1:])]
            yield Card(self._resolve(card.url), card.host)
        elif _RULE.fullmatch(text):
            yield Rule()
        for span in line:
            if span.image:
                yield Figure(span.image)

    def _listing(self, *, ordered: bool) -> Listing:
        entries: list[Entry] = []
        while self._tokens[self._at].type == "list_item_open":
            self._at += 1
            entries.append(self._entry())
        self._at += 1
        return Listing(ordered, tuple(entries))

    def _entry(self) -> Entry:
        lines: list[Line] = []
        children: list[Entry] = []
        while self._tokens[self._at].type != "list_item_close":
            for block in self.blocks(self._at + 1):
                match block:
                    case Text():
                        lines += block.lines
                    case Heading():
                        lines.append(block.line)
                    case Listing():
                        children += block.entries
        self._at += 1
        return Entry(tuple(lines), tuple(children))

    def _rows(self) -> Iterator[Row]:
        columns: list[str] = []
        cells: list[Line] = []
        while self._tokens[self._at].type != "table_close":
            token = self._tokens[self._at]
            self._at += 1
            if token.type == "th_open":
                columns.append(words(self._joined(self._inline())))
            elif token.type == "td_open":
                cells.append(self._joined(self._inline()))
            elif token.type == "tr_close" and cells:
                yield Row(tuple(cells), tuple(columns))
                cells = []
        self._at += 1
