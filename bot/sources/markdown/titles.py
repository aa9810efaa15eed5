"""Titles of items: lines that are links, with the site's name beside them, whole or torn apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.core.urls import site
from bot.sources.markdown.blocks import Line, Span, words
from bot.sources.markdown.vocabulary import is_host, is_label, names_host

_DASHES = re.compile(r"([—–―－]+|\s[-|·]\s)")
_DASHES_AT_END = " \t\u3000—–―－|·-"
_SITE_IN_FRONT = re.compile(r"^\s*[【\[［]\s*([^【】\[\]［］]{1,80})[】\]］]\s*")
_SENTENCE = re.compile(r"[。；;]|[.!?]\s")
_MARK_IN_FRONT = re.compile(r"[\W_]*(?:[0-9]{1,3}\s*[.．。)）、:：][\W_]*)?")
_NO_WORD = re.compile(r"[\W_]*")
_LONGEST_ASIDE = 60
_BOLD_SHARE = 0.4
_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Title:
    """A line read as a title: its text if the text kept one, its link, and how sure it is one.

    linked: the part of it that is a link. aside: what stands outside. strong: the link is bold. torn: a link
    in the line lost its text, or only names the site. urls: how many pages the title itself links to.
    """

    text: str | None
    url: str
    linked: str
    aside: str
    strong: bool
    torn: bool
    urls: int


def read_title(line: Line) -> Title | None:
    """A line with a link as a title, without the site that it names before or after; None where no link is."""
    url = next((span.url for span in line if span.url), None)
    if url is None:
        return None
    head = _without_repeated_site(_before_site(list(_pieces(line)), url), url)
    if head and _MARK_IN_FRONT.fullmatch(head[0].text) and not head[0].url and len(head) > 1:
        del head[0]
    linked = [span for span in head if span.url]
    text = words(head).rstrip(_DASHES_AT_END) if not _ends_linked(head) else words(head)
    aside = "".join(span.text for span in head if not span.url).strip()
    inside = "".join(span.text for span in linked)
    return Title(
        text=None if _NO_WORD.fullmatch(text) else text,
        url=url,
        aside="" if _NO_WORD.fullmatch(aside) else aside,
        linked=inside,
        strong=any(span.strong for span in linked),
        torn=not linked or any(span.url and not span.text.strip() for span in line),
        urls=len({span.url for span in linked}),
    )


def is_whole_title(title: Title) -> bool:
    """Whether nothing but the link stands in the line, and its text says more than what kind of page it is."""
    return not title.aside and title.urls <= 1 and (title.text is None or not is_label(title.text))


def may_be_title(title: Title) -> bool:
    """Whether a line is a title with a few words outside its link, rather than a sentence that has a link."""
    return (
        title.urls <= 1
        and title.text is not None
        and not (title.urls and is_label(title.linked))
        and len(title.aside) <= _LONGEST_ASIDE
        and not _SENTENCE.search(title.aside.rstrip("。."))
    )


def is_surely_title(title: Title) -> bool:
    """Whether such a line needs nothing below it to be a title: most of it is a link, or a link in it is torn."""
    share = len(title.linked) / len(title.text or " ")
    return (share >= (_BOLD_SHARE if title.strong else _SHARE) or title.torn) and not title.aside.endswith((":", "："))


def _pieces(line: Line) -> Iterator[Span]:
    """The line's spans, cut at dashes outside links, without a site in brackets in front."""
    started = False
    for span in line:
        if span.url:
            yield span
        else:
            text = span.text if started else _without_site_in_front(span.text)
            yield from (replace(span, text=piece) for piece in _DASHES.split(text) if piece)
        started = started or bool(span.text.strip()) or bool(span.url)


def _without_site_in_front(text: str) -> str:
    front = _SITE_IN_FRONT.match(text)
    return text[front.end() :] if front and names_host(front[1]) else text


def _before_site(pieces: list[Span], url: str) -> list[Span]:
    """The pieces up to the dash after which only the site is named; all of them where no site is."""
    for at in range(len(pieces) - 1, -1, -1):
        if not pieces[at].url and _DASHES.fullmatch(pieces[at].text):
            return pieces[:at]
        if not _names_site(pieces[at], url):
            break
    return pieces


def _names_site(piece: Span, url: str) -> bool:
    if piece.url:
        return not piece.text.strip() or names_host(piece.text) or piece.url == url
    return bool(_NO_WORD.fullmatch(piece.text)) or is_host(piece.text)


def _without_repeated_site(pieces: list[Span], url: str) -> list[Span]:
    """The pieces without a later link that has no text, or that only names the site of the first."""
    first = next((at for at, piece in enumerate(pieces) if piece.url and piece.text.strip()), len(pieces))
    return [
        piece
        for at, piece in enumerate(pieces)
        if at <= first or not piece.url or not (not piece.text.strip() or _is_site(piece.text, url))
    ]


def _is_site(text: str, url: str) -> bool:
    return is_host(text) and "".join(text.split()).strip("【】[]").lower() == site(url)


def _ends_linked(pieces: list[Span]) -> bool:
    last = next((piece for piece in reversed(pieces) if piece.text.strip()), None)
    return last is not None and last.url is not None
