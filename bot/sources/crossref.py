"""Crossref's record of a work as a paper; https://api.crossref.org/swagger-ui/index.html describes the fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind
from bot.core.text import one_line
from bot.sources.dates import UNKNOWN, dated
from bot.sources.json_api import listed, mapping, whole, words
from bot.sources.markup import without_markup

_IN_PROCEEDINGS = frozenset({"proceedings-article", "book-chapter", "book-section", "book-part", "reference-entry"})
_TAKEN_BACK = {"retraction": "Retracted", "removal": "Retracted", "withdrawal": "Withdrawn"}


def crossref_paper(message: Mapping[str, Any], doi: str) -> Paper | None:
    """The record as a paper, or None where it has no title."""
    title = one_line(without_markup(words(message.get("title"))))
    subtitle = one_line(without_markup(words(message.get("subtitle"))))
    if not title:
        return None
    if subtitle and subtitle.lower() not in title.lower():
        title = f"{title}: {subtitle}"
    container = one_line(without_markup(words(message.get("container-title"))))
    kind = words(message.get("type"))
    if kind == "posted-content":
        container = container or words(mapping(next(iter(listed(message.get("institution"))), None)).get("name"))
    proceedings = kind in _IN_PROCEEDINGS
    published, precision = _date(message)
    return Paper(
        id=doi,
        version=1,
        title=title,
        authors=_people(message),
        abstract=without_markup(_raw(message.get("abstract"))),
        published=published,
        updated=published,
        doi=doi,
        journal="" if proceedings else container,
        kind=ReferenceKind.DOI,
        venue=container if proceedings else "",
        publisher=words(message.get("publisher")),
        volume=words(message.get("volume")),
        number=words(message.get("issue")),
        pages=words(message.get("page")) or words(message.get("article-number")),
        decision=_taken_back(message),
        pdf=_free(message),
        precision=precision,
    )


def _raw(value: object) -> str:
    return value if isinstance(value, str) else ""


def _people(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The authors, or the editors of what has none."""
    people = listed(message.get("author")) or listed(message.get("editor"))
    return tuple(name for each in people if (name := _name(mapping(each))))


def _name(person: Mapping[str, Any]) -> str:
    parts = (words(person.get(each)) for each in ("given", "family", "suffix"))
    return " ".join(filter(None, parts)) or words(person.get("name"))


def _date(message: Mapping[str, Any]) -> tuple[datetime, Precision]:
    """When it first appeared anywhere, as far as the record says."""
    for field in ("issued", "published", "published-online", "published-print", "posted", "created"):
        parts = listed(mapping(message.get(field)).get("date-parts"))
        numbers = [whole(each) for each in listed(parts[0] if parts else None)[:3]]
        moment, precision = dated(*(numbers or [None]))
        if precision is not Precision.NONE:
            return moment, precision
    return UNKNOWN, Precision.NONE


def _taken_back(message: Mapping[str, Any]) -> str:
    """What later notices did to the work, as far as they took it back."""
    kinds = {words(mapping(each).get("type")).lower() for each in listed(message.get("updated-by"))}
    return next((said for kind, said in _TAKEN_BACK.items() if kind in kinds), "")


def _free(message: Mapping[str, Any]) -> str:
    """The address of a PDF that everybody may read: one is named, and a licence of Creative Commons."""
    licences = (words(mapping(each).get("URL")) for each in listed(message.get("license")))
    if not any("creativecommons.org/" in each for each in licences):
        return ""
    for link in map(mapping, listed(message.get("link"))):
        url = words(link.get("URL"))
        if words(link.get("content-type")) == "application/pdf" and url.startswith(("https://", "http://")):
            return url
    return ""
