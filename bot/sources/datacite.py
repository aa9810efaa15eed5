"""DataCite's record of a work as a paper; https://support.datacite.org/docs/api describes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind
from bot.core.text import one_line
from bot.sources.dates import dated, dated_text
from bot.sources.json_api import listed, mapping, whole, words
from bot.sources.markup import without_markup

_IN_PROCEEDINGS = frozenset({"ConferencePaper", "BookChapter"})


def datacite_paper(attributes: Mapping[str, Any], doi: str) -> Paper | None:
    """The record as a paper, or None where it has no title."""
    titles = [mapping(each) for each in listed(attributes.get("titles"))]
    main = next((each for each in titles if not each.get("titleType")), mapping(titles[0] if titles else None))
    title = one_line(without_markup(words(main.get("title"))))
    if not title:
        return None
    container = mapping(attributes.get("container"))
    held_in = one_line(without_markup(words(container.get("title"))))
    proceedings = words(mapping(attributes.get("types")).get("resourceTypeGeneral")) in _IN_PROCEEDINGS
    pages = "-".join(filter(None, (words(container.get("firstPage")), words(container.get("lastPage")))))
    published, precision = _date(attributes)
    return Paper(
        id=doi,
        version=1,
        title=title,
        authors=tuple(name for each in listed(attributes.get("creators")) if (name := _name(mapping(each)))),
        abstract=_abstract(attributes),
        published=published,
        updated=published,
        doi=doi,
        journal="" if proceedings else held_in,
        kind=ReferenceKind.DOI,
        venue=held_in if proceedings else "",
        publisher=_publisher(attributes.get("publisher")),
        volume=words(container.get("volume")),
        number=words(container.get("issue")),
        pages=pages,
        pdf=_free(attributes),
        precision=precision,
    )


def _name(person: Mapping[str, Any]) -> str:
    parts = (words(person.get(each)) for each in ("givenName", "familyName"))
    return " ".join(filter(None, parts)) or words(person.get("name"))


def _publisher(value: object) -> str:
    """The publisher's name, which newer records keep in an object."""
    return words(value) or words(mapping(value).get("name"))


def _abstract(attributes: Mapping[str, Any]) -> str:
    for each in map(mapping, listed(attributes.get("descriptions"))):
        text = each.get("description")
        if each.get("descriptionType") == "Abstract" and isinstance(text, str):
            return without_markup(text)
    return ""


def _date(attributes: Mapping[str, Any]) -> tuple[datetime, Precision]:
    """When it was issued or made available; the year of publication is always there."""
    dates = {
        words(each.get("dateType")): words(each.get("date")) for each in map(mapping, listed(attributes.get("dates")))
    }
    for name in ("Issued", "Available", "Submitted", "Created"):
        moment, precision = dated_text(dates.get(name, ""))
        if precision is not Precision.NONE:
            return moment, precision
    return dated(whole(attributes.get("publicationYear")))


def _free(attributes: Mapping[str, Any]) -> str:
    """The address of a PDF that everybody may read: one is named, and the rights are open."""
    rights = (words(mapping(each).get("rightsUri")) for each in listed(attributes.get("rightsList")))
    if not any("creativecommons.org/" in each or each.endswith("/openAccess") for each in rights):
        return ""
    urls = (words(each) for each in (*listed(attributes.get("contentUrl")), attributes.get("contentUrl")))
    return next((each for each in urls if each.startswith("https://") and each.lower().endswith(".pdf")), "")
