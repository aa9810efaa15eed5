"""What a page says of itself in JSON-LD, by the words of schema.org."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.model import Kind

_MOST_NODES = 500
_MOST_AUTHORS = 50

# The kinds of thing that a page is about, the one that counts first where it names several.
_KINDS: Mapping[str, Kind | None] = {
    "ScholarlyArticle": Kind.PAPER,
    "MedicalScholarlyArticle": Kind.PAPER,
    "Article": Kind.ARTICLE,
    "NewsArticle": Kind.ARTICLE,
    "ReportageNewsArticle": Kind.ARTICLE,
    "AnalysisNewsArticle": Kind.ARTICLE,
    "OpinionNewsArticle": Kind.ARTICLE,
    "BackgroundNewsArticle": Kind.ARTICLE,
    "ReviewNewsArticle": Kind.ARTICLE,
    "LiveBlogPosting": Kind.ARTICLE,
    "BlogPosting": Kind.ARTICLE,
    "TechArticle": Kind.ARTICLE,
    "Report": Kind.ARTICLE,
    "VideoObject": Kind.VIDEO,
    "SoftwareSourceCode": Kind.REPOSITORY,
    "DiscussionForumPosting": Kind.POST,
    "SocialMediaPosting": Kind.POST,
    "Question": Kind.POST,
    "PodcastEpisode": None,
    "Book": None,
    "Course": None,
    "Dataset": None,
    "SoftwareApplication": None,
    "WebPage": None,
}


@dataclass(frozen=True, slots=True)
class Data:
    """What the page's own node says, as text; what it does not say is empty."""

    title: str = ""
    description: str = ""
    picture: str = ""
    authors: tuple[str, ...] = ()
    dated: str = ""
    site: str = ""
    language: str = ""
    kind: Kind | None = None


def read_data(texts: Iterable[str]) -> Data:
    """Read the node that a page is about from its blocks of JSON-LD; broken ones are passed over."""
    best, place = None, len(_KINDS)
    order = list(_KINDS)
    for node in _nodes(texts):
        places = [order.index(kind) for kind in _types(node) if kind in _KINDS]
        if places and min(places) < place:
            best, place = node, min(places)
    if best is None:
        return Data()
    return Data(
        title=_text(best.get("headline")) or _text(best.get("name")),
        description=_text(best.get("description")) or _text(best.get("abstract")),
        picture=_address(best.get("image")) or _address(best.get("thumbnailUrl")),
        authors=tuple(_names(best.get("author") or best.get("creator"))),
        dated=_text(best.get("datePublished")) or _text(best.get("uploadDate")) or _text(best.get("dateCreated")),
        site=next(_names(best.get("publisher")), ""),
        language=next(_names(best.get("inLanguage")), ""),
        kind=_KINDS[order[place]],
    )


def _nodes(texts: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The nodes at the top, in graphs, and of what a page is mainly about."""
    waiting = deque(filter(None, map(_parsed, texts)))
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value = waiting.popleft()
        if isinstance(value, list):
            waiting.extend(value[:_MOST_NODES])
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in value)


def _parsed(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>")
    try:
        # Line ends inside strings are wrong and common.
        return json.loads(text.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _types(node: Mapping[str, Any]) -> list[str]:
    given = node.get("@type")
    return [
        each.rpartition("/")[2] for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)
    ]


def _text(value: Any) -> str:
    """A text, or the first of several, or one with its language beside it."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value")
    return value.strip() if isinstance(value, str) else ""


def _address(value: Any) -> str:
    """The address that a picture is given by: alone, in a list, or as an object of its own."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    return _text(value)


def _names(value: Any) -> Iterator[str]:
    for each in (value if isinstance(value, list) else [value])[:_MOST_AUTHORS]:
        if name := _text(each.get("name") or each.get("alternateName") if isinstance(each, dict) else each):
            yield name
