"""Markdown as blocks: the parser's tokens walked once, with their links made canonical."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.urls import canonical, site
from bot.sources.markdown.blocks import Block, Card, Entry, Figure, Heading, Line, Listing, Row, Rule, Span, Text, words
from bot.sources.markdown.mending import MARKER, CutCard

Resolve: TypeAlias = Callable[[str], str | None]
"""Makes the address in a link canonical; None for what leads nowhere outside: a fragment, a mail address."""

_PARSER = MarkdownIt("commonmark").enable("table")
_STRAY_STARS = re.compile(r"\*{2,}")
_BARE_ADDRESS = re.compile(r"https?://[!#-;=?-Z_a-z~]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,:;!?*_'"
_RULE = re.compile(r"(?:[\s*]*[—–―─━－=_~·•-]){3,}[\s*]*")
_LINK_TAG = re.compile(r"<a\s[^>]{0,400}?href\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
_IMAGE_TAG = re.compile(r"<img\s[^>]{0,400}?src\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\b", re.IGNORECASE)


def parse(text: str) -> list[Token]:
    """The parser's tokens of a mended text."""
    return _PARSER.parse(text)


def resolver(base: str | None) -> Resolve:
    """How links resolve in a text whose own address is `base`."""

    def resolve(address: str) -> str | None:
        path, fragment, _ = address.partition("#")
        if not path.strip("./") and (fragment or not address.strip("./")):
            return None
        if not address.lower().startswith(("http://", "https://")) and not address.startswith(("/", "./", "../")):
            return None
        url = canonical(address, base)
        return url if "." in site(url) or ":" in site(url) else None

    return resolve


def to_blocks(tokens: Sequence[Token], cards: Sequence[CutCard], resolve: Resolve) -> list[Block]:
    """The blocks of a text; code and raw HTML are left out."""
    return list(_Walk(tokens, cards, resolve).blocks(len(tokens)))


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
                case "tbody_open":
                    yield from self._rows()
                case "hr":
                    yield Rule()

    def _inline(self) -> tuple[Line, ...]:
        token = self._tokens[self._at]
        self._at += 2  # the inline token and what closes its block
        return tuple(_lines(token.children or (), self._resolve))

    def _joined(self, lines: tuple[Line, ...]) -> Line:
        spans: list[Span] = []
        for line in lines:
            spans += (Span(" "), *line) if spans else line
        return tuple(spans)

    def _paragraph(self, lines: tuple[Line, ...]) -> Iterator[Block]:
        kept: list[Line] = []
        for line in lines:
            apart = [*self._apart(line)]
            line = tuple(span for span in line if span.image is None)
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
        cells: list[Line] = []
        while self._tokens[self._at].type != "tbody_close":
            token = self._tokens[self._at]
            self._at += 1
            if token.type == "td_open":
                cells.append(self._joined(self._inline()))
            elif token.type == "tr_close":
                yield Row(tuple(cells))
                cells = []
        self._at += 1


def _lines(tokens: Sequence[Token], resolve: Resolve) -> Iterator[Line]:
    """The lines of a paragraph's inline tokens."""
    line: list[Span] = []
    for span in _spans(tokens, resolve):
        if span.text == "\n":
            yield _trimmed(line)
            line = []
        else:
            line += _with_addresses(span, resolve)
    yield _trimmed(line)


def _spans(tokens: Sequence[Token], resolve: Resolve) -> Iterator[Span]:
    strong = emphasis = 0
    target: str | None = None
    empty = False
    for token in tokens:
        like = Span("", target, strong > 0, emphasis > 0)
        match token.type:
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                emphasis += token.nesting
            case "link_open":
                target, empty = resolve(str(token.attrs.get("href", ""))), True
            case "link_close":
                if empty and target:
                    yield like
                target = None
            case "softbreak" | "hardbreak":
                yield Span("\n")
            case "image":
                yield replace(like, url=None, image=str(token.attrs.get("src", "")))
            case "html_inline":
                yield from _tag(token.content)
                if (link := _LINK_TAG.match(token.content)) is not None:
                    target = resolve(unescape(link[1]))
                elif token.content.lower().startswith("</a"):
                    target = None
            case "code_inline":
                yield replace(like, text=token.content)
                empty = False
            case "text" if token.content:
                yield replace(like, text=_STRAY_STARS.sub("", token.content))
                empty = False


def _tag(tag: str) -> Iterator[Span]:
    if _BREAK_TAG.match(tag):
        yield Span("\n")
    elif image := _IMAGE_TAG.match(tag):
        yield Span("", image=unescape(image[1]))


def _with_addresses(span: Span, resolve: Resolve) -> Iterator[Span]:
    """The span, with addresses that stand bare in its text made links."""
    at = 0
    for match in () if span.url or "://" not in span.text else _BARE_ADDRESS.finditer(span.text):
        address = match.group().rstrip(_AFTER_ADDRESS)
        address = address.rstrip(")") if "(" not in address else address
        if url := resolve(address):
            yield replace(span, text=span.text[at : match.start()])
            at = match.start() + len(address)
            yield replace(span, text=address, url=url)
    if at < len(span.text) or not at:
        yield replace(span, text=span.text[at:])


def _trimmed(line: list[Span]) -> Line:
    """The line without the single stars that are left of broken emphasis at its ends."""
    if line and not line[0].url and line[0].text.startswith("*"):
        line[0] = replace(line[0], text=line[0].text.lstrip("*"))
    if line and not line[-1].url and line[-1].text.endswith("*"):
        line[-1] = replace(line[-1], text=line[-1].text.rstrip("*"))
    return tuple(line)
