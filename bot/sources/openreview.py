"""OpenReview, asked through both of its APIs: the second has what came since 2023, the first what came before.

https://docs.openreview.net/getting-started/using-the-api says how they differ: in the second every field of a
note's content is an object with a `value`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.errors import NoSuchPaper
from bot.core.model import Paper, Precision
from bot.core.ports import Clock
from bot.core.references import ReferenceKind
from bot.core.text import clip, one_line
from bot.sources.dates import UNKNOWN
from bot.sources.json_api import JsonApi, Said, listed, mapping, words
from bot.sources.latex import readable

API2_URL = "https://api2.openreview.net"
API1_URL = "https://api.openreview.net"

NAME = "OpenReview"

_OK = 200
_REFUSED = frozenset({400, 401, 403, 404})
_ID = re.compile(r"[A-Za-z0-9_-]{5,40}")
_BOOKTITLE = re.compile(r"\bbooktitle\s{0,9}=\s{0,9}\{([^{}]{1,300})\}")
_YEAR = re.compile(r"\byear\s{0,9}=\s{0,9}[{\"]?([12][0-9]{3})\b")
_UNDECIDED = ("submitted to", "under review", "submission")
_DECISION = re.compile(r"/-/(?:[A-Za-z0-9_]*_)?Decision$")


class OpenReviewSource:
    """The port `PaperSource` over OpenReview; api2_url and api1_url are the addresses before `/notes`."""

    def __init__(self, api2_url: str, api1_url: str, timeout: timedelta, clock: Clock) -> None:
        self._apis = tuple(JsonApi(NAME, each, timeout, clock) for each in (api2_url, api1_url))

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        """The paper of a forum, as everybody may read it; raises `NoSuchPaper` or `SourceDown`."""
        if not _ID.fullmatch(paper_id):
            raise NoSuchPaper(f"OpenReview has no paper {clip(one_line(paper_id), 60)}.")
        hidden = False
        for api in self._apis:
            said = await api.get("/notes", {"id": paper_id, "details": "directReplies"})
            note = _note(said, paper_id)
            if note is not None and (paper := paper_of(note, paper_id)):
                return paper
            hidden = hidden or _hidden(api, said)
        if hidden:
            raise NoSuchPaper(f"OpenReview does not show {paper_id} to everybody.")
        raise NoSuchPaper(f"OpenReview has no paper {paper_id}.")

    async def close(self) -> None:
        """Close the connections."""
        for api in self._apis:
            await api.close()


def _note(said: Said, paper_id: str) -> Mapping[str, Any] | None:
    """The note with this id in an answer."""
    notes = (mapping(each) for each in listed(mapping(said.body).get("notes")))
    return next((each for each in notes if each.get("id") == paper_id), None)


def _hidden(api: JsonApi, said: Said) -> bool:
    """Whether an answer without the note says that it is not for everybody.

    Raises `SourceDown` where it says something else than that there is none: a challenge to prove that one is
    no machine comes with 403 as well.
    """
    name = words(mapping(said.body).get("name"))
    if said.status in _REFUSED and name in ("NotFoundError", "Not Found"):
        return False
    if said.status in _REFUSED and name == "ForbiddenError":
        return True
    if said.status != _OK:
        raise api.down(f"it answered with status {said.status}")
    if "notes" not in mapping(said.body):
        raise api.down("its answer was none")
    return False


def paper_of(note: Mapping[str, Any], paper_id: str) -> Paper | None:
    """The note as a paper, or None where it has no title: a review, or a comment."""
    content = {name: _value(each) for name, each in mapping(note.get("content")).items()}
    title = one_line(readable(words(content.get("title"))))
    if not title or note.get("forum", paper_id) != paper_id:
        return None
    decision = _decision(note, words(content.get("venue")))
    booktitle = _BOOKTITLE.search(_raw(content.get("_bibtex")))
    settled = not decision.lower().startswith(_UNDECIDED) and "reject" not in decision.lower()
    published, precision = _published(note, _YEAR.search(_raw(content.get("_bibtex"))) if settled else None)
    pdf = _raw(content.get("pdf"))
    return Paper(
        id=paper_id,
        version=1,
        title=title,
        authors=tuple(name for each in listed(content.get("authors")) if (name := words(each))),
        abstract=_paragraphs(_raw(content.get("abstract"))),
        published=published,
        updated=published,
        kind=ReferenceKind.OPENREVIEW,
        venue=one_line(readable(booktitle[1])) if booktitle and settled else "",
        decision=decision,
        pdf=f"https://openreview.net/pdf?id={paper_id}" if pdf else "",
        precision=precision,
    )


def _value(field: object) -> object:
    """A field's value, in either API's form."""
    return field.get("value") if isinstance(field, dict) else field


def _raw(value: object) -> str:
    return value if isinstance(value, str) else ""


def _paragraphs(text: str) -> str:
    paragraphs = (one_line(readable(each)) for each in re.split(r"\n\s*\n", text[:20_000]))
    return "\n\n".join(each for each in paragraphs if each)


def _decision(note: Mapping[str, Any], venue: str) -> str:
    """What became of the paper: the venue says so since 2021, a reply did before."""
    if venue:
        return clip(venue, 200)
    for reply in map(mapping, listed(mapping(note.get("details")).get("directReplies"))):
        invitations = [*listed(reply.get("invitations")), reply.get("invitation")]
        if any(isinstance(each, str) and _DECISION.search(each) for each in invitations):
            content = mapping(reply.get("content"))
            return clip(words(_value(content.get("decision") or content.get("recommendation"))), 200)
    invitation = words(note.get("invitation"))
    return "Withdrawn" if "/-/Withdrawn_Submission" in invitation else ""


def _published(note: Mapping[str, Any], said: re.Match[str] | None) -> tuple[datetime, Precision]:
    """When it came out: in the year that its BibTeX says, as many were submitted in the year before."""
    moment = _moment(note, "pdate", "odate", "cdate", "tcdate")
    if said and int(said[1]) != moment.year:
        return datetime(int(said[1]), 1, 1, tzinfo=UTC), Precision.YEAR
    return moment, Precision.NONE if moment == UNKNOWN else Precision.DAY


def _moment(note: Mapping[str, Any], *names: str) -> datetime:
    """The first of these times that the note has, in milliseconds of the Unix epoch there."""
    for name in names:
        value = note.get(name)
        if isinstance(value, int | float) and 0 < value < 1e14:  # noqa: PLR2004 # the year 5138
            return datetime.fromtimestamp(value / 1000, UTC).replace(microsecond=0)
    return UNKNOWN
