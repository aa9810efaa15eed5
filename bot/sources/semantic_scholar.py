"""Semantic Scholar: how often a paper is cited, its sentence, where it appeared.

https://api.semanticscholar.org/api-docs/graph#tag/Paper-Data/operation/get_graph_get_paper describes the question;
without a key, everybody in the world shares one rate, so that a refusal is an ordinary answer.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

from bot.core.model import Extras
from bot.core.ports import Clock
from bot.core.references import Reference, ReferenceKind
from bot.core.text import clip
from bot.core.urls import site
from bot.sources.json_api import JsonApi, mapping, whole, words

API_URL = "https://api.semanticscholar.org/graph/v1"

_FIELDS = "citationCount,tldr,venue,url"
_OK = 200
_UNKNOWN = frozenset({400, 404})
_ANTHOLOGY = re.compile(r"https://aclanthology\.org/([^/]+)/?")
_LONGEST = 600


class SemanticScholar:
    """The port `ExtrasSource` over its API; api_url is the address before `/paper`. key: sent where there is one."""

    def __init__(self, api_url: str, timeout: timedelta, clock: Clock, *, key: str = "") -> None:
        self._api = JsonApi("Semantic Scholar", api_url, timeout, clock, {"x-api-key": key} if key else None)

    async def fetch(self, reference: Reference) -> Extras:
        """What it says of the paper, nothing where it does not know it; raises `SourceDown`."""
        name = _name(reference)
        if not name:
            return Extras()
        # One try: nobody waits for what is not needed.
        path = f"/paper/{quote(name, safe=':')}"
        said = await self._api.get(path, {"fields": _FIELDS}, absent=_UNKNOWN, tries=1)
        if said.status in _UNKNOWN:
            return Extras()
        if said.status != _OK:
            raise self._api.down(f"it answered with status {said.status}")
        record = mapping(said.body)
        url = words(record.get("url"))
        return Extras(
            citations=whole(record.get("citationCount")),
            tldr=clip(words(mapping(record.get("tldr")).get("text")), _LONGEST),
            venue=clip(words(record.get("venue")), 200),
            url=url if site(url).endswith("semanticscholar.org") else "",
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


def _name(reference: Reference) -> str:
    """The paper as Semantic Scholar calls it, or nothing where it has no name for such a one."""
    match reference.kind:
        case ReferenceKind.ARXIV:
            return f"arXiv:{reference.id}"
        case ReferenceKind.DOI:
            return f"DOI:{reference.id}"
        case ReferenceKind.PAGE if anthology := _ANTHOLOGY.fullmatch(reference.id):
            return f"ACL:{anthology[1]}"
        case _:
            return ""
