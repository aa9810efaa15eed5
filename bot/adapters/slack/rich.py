"""People's text as the elements of Slack's rich text, in which it is never read as markup."""

from __future__ import annotations

from typing import Any

from bot.adapters.slack.markup import FORMATS, misleading
from bot.adapters.slack.text import address, apart, flat, seen, tidy
from bot.core.plain import moment
from bot.core.post import Emphasis, Inline, Line, Link, Moment, Strong

Element = dict[str, Any]


def block(*parts: Element) -> Element:
    """A rich text of these parts."""
    return {"type": "rich_text", "elements": list(parts)}


def section(elements: list[Element]) -> Element:
    """A part of plain lines."""
    return {"type": "rich_text_section", "elements": elements}


def text(words: str, **style: bool) -> Element:
    """Letters that stand for themselves."""
    made: Element = {"type": "text", "text": words}
    return made | {"style": style} if style else made


def line(nodes: Line, *, bold: bool = False, newlines: bool = False) -> list[Element]:
    """The nodes of a line, without any where there is nothing to read; on one line unless `newlines` may stay."""
    found = [each for node in nodes for each in _inline(node, bold=bold, newlines=newlines, beside=len(nodes))]
    return found if any(each["type"] != "text" or seen(each["text"]) for each in found) else []


def lines(some: list[list[Element]]) -> list[Element]:
    """Lines below each other."""
    found: list[Element] = []
    for each in filter(None, some):
        found += [text("\n"), *each] if found else each
    return found


def _inline(node: Inline, *, bold: bool, newlines: bool, beside: int) -> list[Element]:
    style = {"bold": True} if bold else {}
    match node:
        case str():
            return _text(tidy(node) if newlines else flat(node), style, beside)
        case Strong(words):
            return _text(flat(words), {"bold": True}, beside)
        case Emphasis(words):
            return _text(flat(words), style | {"italic": True}, beside)
        case Link(label, url):
            return _link(flat(label), url, style, beside)
        case Moment(at, form):
            made: Element = {"type": "date", "timestamp": int(at.timestamp()), "format": FORMATS[form]}
            made["fallback"] = moment(node)
            return [made | {"style": style} if style else made]


def _text(words: str, style: dict[str, bool], beside: int) -> list[Element]:
    if not words:
        return []
    return [text(apart(words) if beside > 1 else words, **style)]


def _link(label: str, url: str, style: dict[str, bool], beside: int) -> list[Element]:
    target = address(url)
    if target is None:
        return _text(label, style, beside)
    made: Element = {"type": "link", "url": target} | ({"style": style} if style else {})
    if not seen(label):
        return [made]
    if misleading(label, url):
        return [*_text(f"{label} ", style, beside), made]
    return [made | {"text": apart(label) if beside > 1 else label}]
