"""A Post's blocks as Slack's, each by itself; what has nothing to read in it becomes none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.adapters.slack import rich
from bot.adapters.slack.emojis import name
from bot.adapters.slack.limits import ALT, HEADER, units
from bot.adapters.slack.markup import mrkdwn, words
from bot.adapters.slack.text import address, flat, seen, shown, tidy, within
from bot.core.post import (
    Block,
    Bullets,
    Card,
    Code,
    Divider,
    Emphasis,
    Heading,
    Line,
    Paragraph,
    Picture,
    Quote,
    Small,
    Strong,
)

PICTURE = "Picture"
"""The alternative text of a picture that has none."""

_HEADERS = 2
"""Headings of the first two levels are headers; a smaller one is bold text."""


def rendered(block: Block) -> list[dict[str, Any]]:
    """The block as Slack's blocks."""
    match block:
        case Heading(line, level):
            return _heading(line, level)
        case Paragraph(line):
            return _section(rich.line(line, newlines=True))
        case Small(line):
            return _small(line)
        case Bullets(lines, numbered):
            return _bullets(lines, numbered=numbered)
        case Card():
            return _card(block)
        case _:
            return _verbatim(block)


def _verbatim(block: Quote | Code | Picture | Divider) -> list[dict[str, Any]]:
    match block:
        case Quote(text):
            return _whole("rich_text_quote", text)
        case Code(text):
            return _whole("rich_text_preformatted", text)
        case Picture(_, alt):
            return [image(block)] if shown(block) else _small((alt,))
        case Divider():
            return [{"type": "divider"}]


def image(picture: Picture) -> dict[str, Any]:
    """The picture, with the text that stands in for it."""
    alt = within(flat(picture.alt).strip(), ALT)
    return {"type": "image", "image_url": address(picture.url), "alt_text": alt if seen(alt) else PICTURE}


def plain(text: str) -> dict[str, Any]:
    """Text in which nothing is read as markup, nor as an emoji's name."""
    return {"type": "plain_text", "text": text, "emoji": False}


def marked(text: str) -> dict[str, Any]:
    """Text with Slack's markup, in which nothing else becomes a link or a mention."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(elements: list[rich.Element]) -> list[dict[str, Any]]:
    return [rich.block(rich.section(elements))] if elements else []


def _whole(kind: str, text: str) -> list[dict[str, Any]]:
    inside = tidy(text).strip("\n")
    return [rich.block({"type": kind, "elements": [rich.text(inside)]})] if seen(inside) else []


def _heading(line: Line, level: int) -> list[dict[str, Any]]:
    simple = all(isinstance(node, str | Strong | Emphasis) for node in line)
    text = flat("".join(map(words, line))).strip() if simple else ""
    if level <= _HEADERS and seen(text) and units(text) <= HEADER:
        return [{"type": "header", "text": plain(text)}]
    return _section(rich.line(line, bold=True))


def _small(line: Line) -> list[dict[str, Any]]:
    if all(isinstance(node, str) for node in line):
        text = flat("".join(map(words, line))).strip()
        return [{"type": "context", "elements": [plain(text)]}] if seen(text) else []
    text = mrkdwn([_flattened(line)])
    return [{"type": "context", "elements": [marked(text)]}] if seen(text) else []


def _flattened(line: Line) -> Line:
    return tuple(flat(node) if isinstance(node, str) else node for node in line)


def _bullets(lines: Sequence[Line], *, numbered: bool) -> list[dict[str, Any]]:
    made = [rich.line(each) for each in lines]
    # A numbered line without words keeps its number.
    kept = [rich.section(each or [rich.text(" ")]) for each in made if each or numbered]
    if not any(made):
        return []
    return [rich.block({"type": "rich_text_list", "style": "ordered" if numbered else "bullet", "elements": kept})]


def _card(card: Card) -> list[dict[str, Any]]:
    small = [Small(card.small)]
    if card.picture is None or not shown(card.picture):
        small += [Small((card.picture.alt,))] if card.picture else []
        found = _section(rich.lines([_title(card), *(rich.line(each, newlines=True) for each in card.body)]))
    else:
        text = mrkdwn(card.body, card.title, card.mark)
        picture = image(card.picture)
        found = [{"type": "section", "text": marked(text), "accessory": picture}] if seen(text) else [picture]
    return [*found, *(each for line in small for each in rendered(line))]


def _title(card: Card) -> list[rich.Element]:
    title = rich.line(card.title, bold=True)
    if not card.mark:
        return title
    known, mark = name(card.mark), flat(card.mark)
    shown = [{"type": "emoji", "name": known}] if known else [rich.text(mark)] if seen(mark) else []
    return [*shown, rich.text(" "), *title] if shown else title
