"""A Post's blocks as Discord's markup."""

from __future__ import annotations

from bot.adapters.discord.markup import JOINER, address, escape, guard, line, tidy
from bot.core.post import Block, Bullets, Card, Code, Divider, Heading, Line, Paragraph, Picture, Quote, Small

FENCE = "```"

MOST_HASHES = 3
"""Discord knows headings of three levels."""


def markup(block: Block) -> str:
    """The block as text, empty where there is nothing to read in it; a picture that can be shown has none."""
    match block:
        case Heading(words, level):
            return _prefixed("#" * min(max(level, 1), MOST_HASHES), line(words))
        case Paragraph(words):
            return line(words, newlines=True)
        case Small(words):
            return _prefixed("-#", line(words))
        case Bullets(lines, numbered):
            return _list(lines, numbered=numbered)
        case Card():
            return _card(block)
        case _:
            return _verbatim(block)


def _verbatim(block: Quote | Code | Picture | Divider) -> str:
    match block:
        case Quote(text):
            lines = guard(escape(tidy(text).strip("\n"), links=True)).split("\n")
            return "\n".join(f"> {each}" for each in lines) if text.strip() else ""
        case Code(text):
            inside = tidy(text).strip("\n").replace("`" * 3, f"``{JOINER}`")
            return f"{FENCE}\n{inside}\n{FENCE}" if inside.strip() else ""
        case Picture(_, alt):
            return "" if shown(block) else _prefixed("-#", line((alt,)))
        case Divider():
            return ""


def _list(lines: tuple[Line, ...], *, numbered: bool) -> str:
    items = (_prefixed(f"{n}." if numbered else "-", line(each)) for n, each in enumerate(lines, 1))
    return "\n".join(filter(None, items))


def _card(card: Card) -> str:
    title = line((*((f"{card.mark} ",) if card.mark else ()), *card.title))
    body = (line(each, newlines=True) for each in card.body)
    stand_in = markup(card.picture) if card.picture else ""
    return "\n".join(filter(None, (_prefixed("###", title), *body, stand_in, _prefixed("-#", line(card.small)))))


def _prefixed(prefix: str, text: str) -> str:
    return f"{prefix} {text}" if text else ""


def shown(picture: Picture | None) -> bool:
    """Whether Discord can show the picture: only from an http(s) address."""
    return picture is not None and address(picture.url) is not None


def joint(before: Block, after: Block) -> str:
    """What stands between two blocks of one text display: headings and small lines keep close to their neighbours."""
    close = isinstance(before, Heading) or isinstance(after, Heading | Small)
    return "\n" if close and not isinstance(before, Quote) else "\n\n"
