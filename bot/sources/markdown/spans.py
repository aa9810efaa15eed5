"""The inside of a paragraph as lines of spans: bold, italics, links and pictures, whole or broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import TypeAlias

from markdown_it.token import Token

from bot.core.urls import canonical, site
from bot.sources.markdown.blocks import Line, Span

Resolve: TypeAlias = Callable[[str], str | None]
"""Makes the address in a link canonical; None for what leads nowhere outside: a fragment, a mail address."""

_STRAY_STARS = re.compile(r"\*{2,}")
_BARE_ADDRESS = re.compile(r"https?://[!#-;=?-Z_a-z~]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,:;!?*_'"
_LINK_TAG = re.compile(r"<a\s[^>]{0,400}?href\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
_IMAGE_TAG = re.compile(r"<img\s[^>]{0,400}?src\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\b", re.IGNORECASE)
_BREAK = Span("\n")


def resolver(base: str | None) -> Resolve:
    """How links resolve in a text whose own address is `base`."""

    def resolve(address: str) -> str | None:
        path, fragment, _ = address.partition("#")
        if not path.strip("./") and (fragment or not address.strip("./")):
            return None
        if not address.lower().startswith(("http://", "https://", "/", "./", "../")):
            return None
        url = canonical(address, base)
        return url if "." in site(url) or ":" in site(url) else None

    return resolve


def read_lines(tokens: Sequence[Token], resolve: Resolve) -> Iterator[Line]:
    """The lines of a paragraph, from the parser's tokens for its inside."""
    line: list[Span] = []
    for span in _Inside(resolve).spans(tokens):
        if span is _BREAK:
            yield _trimmed(line)
            line = []
        else:
            line += _with_addresses(span, resolve)
    yield _trimmed(line)


class _Inside:
    """Keeps what is open while the tokens go by: bold, italics, a link."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._strong = 0
        self._emphasis = 0
        self._target: str | None = None
        self._links = 0
        self._empty = False

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """The spans of the tokens; a link without text is one too."""
        for token in tokens:
            match token.type:
                case "strong_open" | "strong_close":
                    self._strong += token.nesting
                case "em_open" | "em_close":
                    self._emphasis += token.nesting
                case "softbreak" | "hardbreak":
                    yield _BREAK
                case "image":
                    yield Span("", image=str(token.attrs.get("src", "")))
                case "html_inline":
                    yield from self._tag(token.content)
                case "text" | "code_inline":
                    yield from self._words(token)
                case _:
                    yield from self._link(token)

    def _words(self, token: Token) -> Iterator[Span]:
        text = _STRAY_STARS.sub("", token.content) if token.type == "text" else token.content
        if text:
            self._empty = False
            yield self._span(text)

    def _span(self, text: str) -> Span:
        number = self._links if self._target else 0
        return Span(text, self._target, self._strong > 0, self._emphasis > 0, link=number)

    def _link(self, token: Token) -> Iterator[Span]:
        if token.type == "link_open":
            self._open(str(token.attrs.get("href", "")))
            self._empty = True
        elif token.type == "link_close":
            if self._empty and self._target:
                yield self._span("")
            self._target = None

    def _open(self, address: str) -> None:
        self._target = self._resolve(address)
        self._links += 1

    def _tag(self, tag: str) -> Iterator[Span]:
        if _BREAK_TAG.match(tag):
            yield _BREAK
        elif image := _IMAGE_TAG.match(tag):
            yield Span("", image=unescape(image[1]))
        elif link := _LINK_TAG.match(tag):
            self._open(unescape(link[1]))
        elif tag.lower().startswith("</a"):
            self._target = None


def _with_addresses(span: Span, resolve: Resolve) -> Iterator[Span]:
    """The span, with addresses that stand bare in its text made links."""
    if span.url or "://" not in span.text:
        yield span
        return
    at = 0
    for match in _BARE_ADDRESS.finditer(span.text):
        address = match.group().rstrip(_AFTER_ADDRESS)
        address = address.rstrip(")") if "(" not in address else address
        if url := resolve(address):
            if at < match.start():
                yield replace(span, text=span.text[at : match.start()])
            at = match.start() + len(address)
            yield replace(span, text=address, url=url)
    if at < len(span.text):
        yield replace(span, text=span.text[at:])


def _trimmed(line: list[Span]) -> Line:
    """The line without the single stars that are left of broken emphasis at its ends."""
    if line and not line[0].url and line[0].text.startswith("*"):
        line[0] = replace(line[0], text=line[0].text.lstrip("*"))
    if line and not line[-1].url and line[-1].text.endswith("*"):
        line[-1] = replace(line[-1], text=line[-1].text.rstrip("*"))
    return tuple(line)
