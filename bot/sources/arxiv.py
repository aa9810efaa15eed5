"""arXiv, asked through the library `arxiv` (4.0.2), with what that leaves to its callers done here.

The library sets no time limit, repeats whatever failed without backing off, blocks its thread, and gives the same
empty list for an unknown id and for an answer that is none. So each request has a limit and a pace, repeats are
ours, and the answer itself is judged beside the library's reading of it.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import arxiv
import requests

from bot.core.errors import SourceDown
from bot.core.lanes import OwnLanes
from bot.core.model import Paper
from bot.core.ports import Clock, Lanes
from bot.core.references import ReferenceKind, reference
from bot.core.text import clip, one_line
from bot.sources.arxiv_answer import check, down, nothing
from bot.sources.arxiv_http import Answer, OneAnswer, in_thread
from bot.sources.arxiv_pace import Pace
from bot.sources.arxiv_titles import by_likeness, title_query
from bot.sources.latex import readable

PACE = timedelta(seconds=3)
"""Between two requests; https://info.arxiv.org/help/api/tou.html allows one every three seconds."""

PATIENCE = timedelta(seconds=30)
"""How long after it was first asked a paper is asked for again."""

AT_ONCE = 50
"""Papers asked for in one request, whose address would grow too long otherwise."""

FOUND = 25
"""Hits of a search that are looked at, as arXiv's first ones are not always the likeliest."""

_GRACE = timedelta(seconds=2)
_ENTRY_ID = re.compile(r".*/abs/(?P<id>.+?)(?:v(?P<version>[0-9]{1,4}))?")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*|\n[ \t]+")


@dataclass(frozen=True, slots=True)
class _Heard:
    """The answer, the papers in it, and what went wrong on the way."""

    answer: Answer | None
    papers: tuple[Paper, ...]
    error: Exception | None


class ArxivSource:
    """The port `PaperIndex` over arXiv's API.

    api_url: the address of its `query`. timeout: for one answer, all of it. lanes: shared by all processes
    that keep to one pace, else this process keeps its own. pace: between two requests. patience: how long after
    the first request for a paper another one may begin.
    """

    def __init__(
        self,
        api_url: str,
        timeout: timedelta,
        clock: Clock,
        *,
        lanes: Lanes | None = None,
        pace: timedelta = PACE,
        patience: timedelta = PATIENCE,
        chance: random.Random | None = None,
    ) -> None:
        self._api_url = api_url
        self._timeout = timeout
        self._clock = clock
        self._pace = Pace(
            clock,
            lanes or OwnLanes(),
            pace=pace,
            limit=timeout + _GRACE,
            patience=patience,
            chance=chance or random.Random(),  # noqa: S311 # jitter, not secrets
        )

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        """The paper, in its newest version or the given one; raises `NoSuchPaper` or `SourceDown`."""
        known = _checked(paper_id)
        if known is None or (version is not None and version < 1):
            raise nothing(clip(one_line(paper_id), 60), version)

        async def ask() -> Paper:
            named = known if version is None else f"{known}v{version}"
            heard = await self._hear(arxiv.Search(id_list=[named], max_results=None), 1)
            if not self._has_papers(heard):
                raise nothing(known, version)
            found = (each for each in heard.papers if each.id == known and version in (None, each.version))
            paper = next(found, None)
            if paper is None:
                raise down("its answer left out what we need, or was about another paper") from heard.error
            return paper

        return await self._pace.ask(known, ask)

    async def fetch_many(self, paper_ids: Sequence[str]) -> Mapping[str, Paper]:
        """The newest versions of those papers that it gives, by id; raises `SourceDown`.

        `AT_ONCE` are asked for in one request, and told apart by their ids. One that is left out may exist.
        """
        known = list(dict.fromkeys(each for each in map(_checked, paper_ids) if each))
        found: dict[str, Paper] = {}
        for start in range(0, len(known), AT_ONCE):
            asked = known[start : start + AT_ONCE]
            papers = await self._papers(arxiv.Search(id_list=asked, max_results=None), len(asked))
            found |= {each.id: each for each in papers if each.id in asked}
        return found

    async def search(self, title: str, limit: int) -> tuple[Paper, ...]:
        """Papers with a title like this, the likeliest first; raises `SourceDown`."""
        query = title_query(title)
        if not query:
            return ()
        papers = await self._papers(arxiv.Search(query=query, max_results=FOUND), FOUND)
        return by_likeness(title, papers)[:limit]

    async def close(self) -> None:
        """Ask for nothing any more."""
        self._pace.close()

    async def _papers(self, search: arxiv.Search, size: int) -> tuple[Paper, ...]:
        async def ask() -> tuple[Paper, ...]:
            heard = await self._hear(search, size)
            if not self._has_papers(heard):
                return ()
            if not heard.papers:
                raise down("its answer left out what we need") from heard.error
            return heard.papers

        return await self._pace.ask(search.query or ",".join(search.id_list), ask)

    async def _hear(self, search: arxiv.Search, size: int) -> _Heard:
        """Ask the API once, in a thread."""
        try:
            async with asyncio.timeout((self._timeout + _GRACE).total_seconds()):
                return await in_thread(lambda: _ask(self._api_url, self._timeout, search, size))
        except TimeoutError as error:
            return _Heard(None, (), error)

    def _has_papers(self, heard: _Heard) -> bool:
        """Whether the answer has papers; raises `SourceDown` where it is none, with what went wrong as its cause."""
        try:
            return check(heard.answer, heard.error, self._clock.now())
        except SourceDown as failure:
            raise failure from heard.error


class _Client(arxiv.Client):
    """The library's client on one address, through one session, without waits and repeats of its own."""

    def __init__(self, api_url: str, session: requests.Session, size: int) -> None:
        super().__init__(page_size=size, delay_seconds=0, num_retries=0)
        self.query_url_format = api_url + "?{}"
        self._session.close()
        self._session = session


def _checked(paper_id: str) -> str | None:
    """The id as the API takes it, which refuses a whole list for one that is none."""
    found = reference(paper_id)
    return found.id if found and found.kind is ReferenceKind.ARXIV else None


def _ask(api_url: str, limit: timedelta, search: arxiv.Search, size: int) -> _Heard:
    """Ask the API once, for `size` papers; what the library makes of its answer, up to where it stumbles."""
    adapter = OneAnswer(limit)
    papers: list[Paper] = []
    with requests.Session() as session:
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        try:
            for result in _Client(api_url, session, size).results(search):
                papers += filter(None, [paper_of(result)])
        except Exception as error:  # noqa: BLE001 # the library raises whatever the libraries below it raise
            return _Heard(adapter.answer, tuple(papers), error)
    return _Heard(adapter.answer, tuple(papers), None)


def paper_of(result: arxiv.Result) -> Paper | None:
    """The result as a paper, or None where it lacks an id or a title."""
    named = _ENTRY_ID.fullmatch(result.entry_id)
    title = one_line(readable(result.title))
    if named is None or not title:
        return None
    categories = dict.fromkeys((result.primary_category, *result.categories))
    authors = (one_line(readable(each.name)) for each in result.authors)
    return Paper(
        id=named["id"],
        version=int(named["version"] or 1),
        title=title,
        authors=tuple(name for name in authors if name),
        abstract=_abstract(result.summary),
        published=result.published,
        updated=result.updated,
        categories=tuple(one_line(each) for each in categories if each),
        comment=one_line(readable(result.comment or "")),
        doi=one_line(result.doi or "").removeprefix("https://doi.org/"),
        journal=one_line(readable(result.journal_ref or "")),
    )


def _abstract(summary: str) -> str:
    """The abstract in paragraphs: where arXiv begins one, the line is indented."""
    paragraphs = (one_line(readable(each)) for each in _PARAGRAPH.split(summary.strip()))
    return "\n\n".join(each for each in paragraphs if each)
