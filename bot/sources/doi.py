"""Papers by their DOI: the records of Crossref, then those of DataCite, which register most of them between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.core.errors import NoSuchPaper
from bot.core.model import Paper
from bot.core.ports import Clock
from bot.core.references import ReferenceKind, reference
from bot.core.text import clip, one_line
from bot.sources.crossref import crossref_paper
from bot.sources.datacite import datacite_paper
from bot.sources.json_api import JsonApi, mapping

CROSSREF_URL = "https://api.crossref.org"
DATACITE_URL = "https://api.datacite.org"

_OK = 200
_NOT_THERE = frozenset({400, 404, 410})
_CONTACT = re.compile(r"[^\s@<>()]{1,100}@[^\s@<>()]{1,100}")


class DoiSource:
    """The port `PaperSource` over the two registries.

    crossref_url: the address before `/works`. datacite_url: the one before `/dois`. contact: a mail address for
    Crossref, which serves those first who give one (https://www.crossref.org/documentation/retrieve-metadata/rest-api).
    """

    def __init__(
        self, crossref_url: str, datacite_url: str, timeout: timedelta, clock: Clock, *, contact: str = ""
    ) -> None:
        self._crossref = JsonApi("Crossref", crossref_url, timeout, clock)
        self._datacite = JsonApi("DataCite", datacite_url, timeout, clock)
        self._contact = {"mailto": contact} if _CONTACT.fullmatch(contact) else {}

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        """The paper with this DOI; raises `NoSuchPaper` or `SourceDown`."""
        found = reference(paper_id)
        if found is None or found.kind is not ReferenceKind.DOI:
            raise NoSuchPaper(f"“{clip(one_line(paper_id), 60)}” is no DOI.")
        doi = found.id.lower()
        record = await self._record(self._crossref, f"/works/{quote(doi, safe='')}", self._contact)
        if record is not None:
            return _named(self._crossref, crossref_paper(mapping(record.get("message")), doi))
        record = await self._record(self._datacite, f"/dois/{quote(doi, safe='')}", {})
        if record is not None:
            return _named(self._datacite, datacite_paper(mapping(mapping(record.get("data")).get("attributes")), doi))
        raise NoSuchPaper(f"Neither Crossref nor DataCite has the DOI {clip(doi, 100)}.")

    async def close(self) -> None:
        """Close the connections."""
        await self._crossref.close()
        await self._datacite.close()

    async def _record(self, api: JsonApi, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any] | None:
        said = await api.get(path, parameters, absent=_NOT_THERE)
        if said.status in _NOT_THERE:
            return None
        if said.status != _OK:
            raise api.down(f"it answered with status {said.status}")
        return mapping(said.body)


def _named(api: JsonApi, paper: Paper | None) -> Paper:
    if paper is None:
        raise api.down("its record has no title")
    return paper
