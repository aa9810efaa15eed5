"""The tags of a page that say what it is, found in one pass over its text.

Parsers that build a page's tree take time by the square of how deep its tags are nested, which for two million bytes is
minutes; so only the tags that matter, none of which nests, are given to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

MOST_TAGS = 3_000
"""Tags that are looked at, scripts among them; pages have some hundreds."""

_ENDLESS = 20
"""So many tags one counts as whose end is not found, as looking for it takes so much longer."""

_LONGEST_TAG = 16_384
_LONGEST_TITLE = 2_000
_LONGEST_DATA = 300_000
_MARK = re.compile(r"<!--|<(html|meta|link|base|title|script|style)(?=[\s/>])", re.IGNORECASE)
_END = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("title", "script", "style")}


@dataclass(frozen=True, slots=True)
class Link:
    """A `<link>`: how it relates, in lower case, where it leads as written, and the media type it names."""

    rel: tuple[str, ...]
    href: str
    media: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What a page's head says.

    metas: the values of its `<meta>` tags by name, property or itemprop in lower case, in order. data: its JSON-LD, as
    text. base: the address that its relative ones are relative to, as written.
    """

    title: str
    language: str
    base: str
    metas: dict[str, list[str]]
    links: tuple[Link, ...]
    data: tuple[str, ...]

    def meta(self, *names: str) -> str:
        """The first value that is not empty, by the first of these names that has one."""
        return next((value for name in names for value in self.metas.get(name, ()) if value.strip()), "")

    def link(self, rel: str) -> str:
        """Where the first link of this relation leads."""
        return next((each.href for each in self.links if rel in each.rel and each.href), "")


def outline(html: str) -> Outline:
    """Read the outline of a page; any text has one."""
    pieces = list(_pieces(html))
    tree = LexborHTMLParser("".join(text for name, text in pieces if name != "script").encode("utf-8", "replace"))
    metas: dict[str, list[str]] = {}
    for each in tree.css("meta"):
        said = each.attributes
        name = said.get("property") or said.get("name") or said.get("itemprop") or said.get("http-equiv")
        if name and (value := said.get("content")):
            metas.setdefault(name.strip().lower(), []).append(value)
    titles = (each.text() or "" for each in tree.css("title"))
    return Outline(
        title=next((text for text in titles if text.strip()), ""),
        language=_first(tree, "html[lang]", "lang") or _first(tree, "html", "xml:lang"),
        base=_first(tree, "base[href]", "href"),
        metas=metas,
        links=tuple(
            Link(tuple((at.get("rel") or "").lower().split()), (at.get("href") or "").strip(), at.get("type") or "")
            for at in (each.attributes for each in tree.css("link"))
        ),
        data=tuple(text for name, text in pieces if name == "script"),
    )


def _first(tree: LexborHTMLParser, selector: str, attribute: str) -> str:
    found = tree.css_first(selector)
    return ((found.attributes.get(attribute) if found else "") or "").strip()


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """The tags that matter, each as it is written; a title with its text, of JSON-LD the text alone."""
    at = seen = 0
    while seen < MOST_TAGS and (mark := _MARK.search(html, at)):
        at = mark.end()
        if not mark[1]:
            at = html.find("-->", mark.start() + 2) + 3
            if at < mark.end():
                return
            continue
        if not (end := _END.match(html, at, at + _LONGEST_TAG)):
            seen += _ENDLESS
            continue
        seen += 1
        at, name, tag = end.end(), mark[1].lower(), html[mark.start() : end.end()]
        if name not in _CLOSING:
            yield name, tag
            continue
        if not (closing := _CLOSING[name].search(html, at)):
            return
        text, at = html[at : closing.start()], closing.end()
        if name == "title":
            yield name, f"{tag}{text[:_LONGEST_TITLE]}</title>"
        elif name == "script" and "ld+json" in tag.lower() and len(text) <= _LONGEST_DATA:
            yield name, text
