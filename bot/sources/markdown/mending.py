"""Broken Markdown made whole before it is parsed: what a converter or a translator tore, a parser cannot see."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.text import clean
from bot.sources.markdown.tables import with_whole_rows

MARKER = "\ufffc"
"""Stands in the mended text, before its number, where a link preview was cut out."""

_CARD = re.compile(r"(?:\[\]\((?P<bare>[^()\s]*)\)\s*)?\[#{1,6}[ \t]")
_CARD_END = re.compile(r"(?P<host>[^\[\]]*)\]\((?P<url>[^()\s]*(?:\([^()\s]*\)[^()\s]*){0,9})\)")
_LINES_OF_CARD = 12
_STARS_ONLY = re.compile(r"[\s*]*")

_FENCE = re.compile(r"\s{0,3}(?:-{3}|\+{3})\s*")
_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z_-]{1,20}):[ \t]*(?P<value>.{0,500})")
_FIRST_FIELDS = frozenset({"title", "date", "number", "issue", "slug", "layout", "category", "author", "url"})
_LINES_OF_FIELDS = 40

_ID = r"(?:arxiv\s*[:：]?\s*)?(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]{2,16}(?:\.[a-z]{2})?/[0-9]{7})(?:v[0-9]{1,3})?"
_ADDRESS = r"(?=https?://|/[A-Za-z0-9])"
_BLANK = r"[ \t\u3000]"
_REPAIRS = (
    # Bold that begins and ends around nothing, which would be a rule across the page.
    (re.compile(r"^[ \t]*(?:\*\*){1,6}[ \t]*$", re.MULTILINE), ""),
    # A picture with a wide exclamation mark.
    (re.compile(r"！(?=\[[^\]\n]{0,200}\]\()"), "!"),
    # A link in wide brackets or wide parentheses, or with a blank between its halves.
    (
        re.compile(rf"[【［]([^【】［］\[\]\n]{{0,300}})[】］]{_BLANK}?[(（]{_ADDRESS}([^\s()（）]{{1,2000}})[)）]"),
        r"[\1](\2)",
    ),
    (re.compile(rf"\]{_BLANK}?（{_ADDRESS}([^\s（）]{{1,2000}})）"), r"](\1)"),
    (re.compile(rf"\]{_BLANK}\({_ADDRESS}"), "]("),
    # A footnote, and the mark that leads to it.
    (re.compile(r"^\[\^[^\]\s]{1,40}\]:.*(?:\n[ \t]+\S.*)*", re.MULTILINE), ""),
    (re.compile(r"\[\^[^\]\s]{1,40}\]"), ""),
    # A heading that stands in bold with its marks, or that lost the blank after them.
    (re.compile(r"^[ \t]*\*{2,}[ \t]*([#＃]{1,6}[ \t])", re.MULTILINE), r"\1"),
    (re.compile(r"^(#{2,6})(?=[^#\s])", re.MULTILINE), r"\1 "),
    (re.compile(r"^＃[ \t]?", re.MULTILINE), "# "),
    # A paper's title in italics after its id: what follows goes on a line of its own.
    (
        re.compile(
            rf"^([ \t]*\*{{1,9}}[【\[［][ \t]*{_ID}[ \t]*[】\]］](?!\()[^*\n]{{1,400}}\*{{1,9}})[ \t]*(?=[^\s*])",
            re.MULTILINE | re.IGNORECASE,
        ),
        "\\1\n",
    ),
)
_BRACKET = re.compile(r"\\.|\[|\]\((?:https?://|/[A-Za-z0-9])[^()\s]{0,2000}\)?|\]|`[^`\n]*`|\n[ \t]*\n")
_LINE_MARKS = re.compile(r"[ \t]*(?:>[ \t]*)*(?:#{1,6}[ \t]+)?(?:[-*+][ \t]+)?\*{0,9}")


@dataclass(frozen=True, slots=True)
class CutCard:
    """A link preview as it was cut out of a text: the address it leads to, and the host it shows."""

    url: str
    host: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A text that a parser can read, the previews cut out of it, and the fields it began with."""

    text: str
    cards: tuple[CutCard, ...]
    fields: dict[str, str]


def mend(text: str) -> Mended:
    """Take fields and link previews out of a text, and repair the links and headings left in it."""
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n")).replace(MARKER, "").removeprefix("\ufeff")
    lines, fields = _cut_fields(text.split("\n"))
    lines, cards = _cut_cards(lines)
    text = "\n".join(with_whole_rows(lines))
    for broken, whole in _REPAIRS:
        text = broken.sub(whole, text)
    return Mended(_open_half_links(text), cards, fields)


def _cut_fields(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """The fields before the text: between two lines of dashes, or up to the first empty line."""
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    fenced = bool(lines) and _FENCE.fullmatch(lines[start]) is not None
    fields: dict[str, str] = {}
    for at in range(start + fenced, min(len(lines), start + _LINES_OF_FIELDS)):
        line = lines[at]
        if not line.strip() or (fenced and _FENCE.fullmatch(line)):
            known = not _FIRST_FIELDS.isdisjoint(fields)
            return (lines[at + 1 :], fields) if known else (lines, {})
        field = _FIELD.fullmatch(line)
        if field:
            fields.setdefault(field["name"].lower(), field["value"].strip().strip("\"'"))
        elif not fenced:
            break
    return lines, {}


def _cut_cards(lines: list[str]) -> tuple[list[str], tuple[CutCard, ...]]:
    kept: list[str] = []
    cards: list[CutCard] = []
    at, column = 0, 0
    while at < len(lines):
        start = _CARD.search(lines[at], column)
        end = _end_of_card(lines, at, start.end()) if start else None
        if start and end:
            if not _STARS_ONLY.fullmatch(lines[at], column, start.start()):
                kept.append(lines[at][column : start.start()])
            kept += ["", f"{MARKER}{len(cards)}", ""]
            cards.append(CutCard(end.url or start["bare"] or "", end.host))
            at, column = end.at, end.column
            continue
        if not column or not _STARS_ONLY.fullmatch(lines[at], column):
            kept.append(lines[at][column:])
        at, column = at + 1, 0
    return kept, tuple(cards)


@dataclass(frozen=True, slots=True)
class _End:
    """Where a card ends, as line and column, and what its last line says."""

    at: int
    column: int
    url: str
    host: str


def _end_of_card(lines: list[str], at: int, column: int) -> _End | None:
    """The end of the card whose title begins at a line and column: there, or on one of the next lines."""
    for number in range(at, min(len(lines), at + _LINES_OF_CARD)):
        line = lines[number]
        end = _CARD_END.match(line, column if number == at else 0)
        if end:
            host = "" if number == at or line.startswith("#") else end["host"].strip()
            return _End(number, end.end(), end["url"], host)
        if number > at and _CARD.search(line):
            return None
    return None


def _open_half_links(text: str) -> str:
    """Put a bracket where a link's text must have begun: at its line's start, or after the link before it."""
    depth, after = 0, 0
    openings: list[int] = []
    for match in _BRACKET.finditer(text):
        mark = match.group()
        if mark == "[":
            depth += 1
        elif mark[0] == "]":
            if mark != "]" and not depth:
                line = max(after, text.rfind("\n", after, match.start()) + 1)
                marks = _LINE_MARKS.match(text, line, match.start())
                openings.append(marks.end() if marks else line)
            depth = max(0, depth - 1)
            after = match.end()
        elif mark[0] == "\n":
            depth = 0
    pieces = [text[start:end] for start, end in zip([0, *openings], [*openings, len(text)], strict=True)]
    return "[".join(pieces)
