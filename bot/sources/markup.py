"""Text from records with markup in it, such as JATS in abstracts and HTML in titles, as plain text."""

from __future__ import annotations

import html
import re

from bot.core.text import one_line
from bot.sources.latex import readable

LONGEST = 60_000
"""Characters that are looked at: an abstract in JATS with its formulas written three times over."""

_NAMES = (
    "a|abbr|abstract|article|b|bold|br|code|cite|div|em|ext-link|font|h[1-6]|hr|i|img|inf|inline-formula|italic|label|li|list|list-item"
    "|math|monospace|ol|p|pre|q|roman|sc|sec|section|sect|small|span|strike|strong|sub|sup|tex-math|title|tt|u|ul|underline|xref"
)
# Other words between angle brackets are the author's: `x<y and z>w`.
_TAG = re.compile(
    rf"(</?(?:(?:jats|mml):[A-Za-z][A-Za-z0-9-]{{0,40}}|(?:{_NAMES})(?=[\s/>]))[^<>]{{0,400}}>)", re.IGNORECASE
)
_NAME = re.compile(r"<(/?)(?:[A-Za-z]+:)?([A-Za-z][A-Za-z0-9-]*)")
_BREAKS = frozenset({"p", "sec", "title", "br", "div", "li", "list-item", "h1", "h2", "h3", "h4", "disp-formula"})
_HEADINGS = frozenset({"abstract", "summary", "synopsis", "significance"})
_SPACE = re.compile(r"\s+")


def without_markup(text: str) -> str:
    """The text without tags and entities, in paragraphs parted by empty lines; formulas are read once.

    A heading that only says that this is an abstract is left out, another one stands before its paragraph.
    """
    # Some records are escaped twice.
    text = html.unescape(text[:LONGEST]) if "&lt;" in text else text[:LONGEST]
    paragraphs: list[str] = []
    heading = ""
    for is_title, raw in _blocks(text):
        said = one_line(readable(html.unescape(raw)))
        if is_title:
            heading = "" if said.lower().strip(".:") in _HEADINGS else said.rstrip(".:")
        elif said:
            paragraphs.append(f"{heading}: {said}" if heading else said)
            heading = ""
    return "\n\n".join(paragraphs)


def _blocks(text: str) -> list[tuple[bool, str]]:
    """The text between tags, put together up to where a block ends, each with whether it is a heading."""
    skip = "tex-math" if "math>" in text and "<mml:math" in text else ""
    blocks: list[tuple[bool, str]] = []
    parts: list[str] = []
    inside: dict[str, int] = {}
    for piece in _TAG.split(text):
        named = _NAME.match(piece) if piece.startswith("<") else None
        if named is None:
            if not inside.get(skip):
                parts.append(_SPACE.sub("", piece) if inside.get("math") else piece)
            continue
        closing, name = bool(named[1]), named[2].lower()
        if name in _BREAKS:
            blocks.append((closing and name == "title", "".join(parts)))
            parts = []
        if not piece.endswith("/>"):
            inside[name] = max(0, inside.get(name, 0) + (-1 if closing else 1))
    return [*blocks, (False, "".join(parts))]
