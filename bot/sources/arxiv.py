"""arXiv, asked through the library `arxiv` (4.0.2), with what that leaves to its callers done here.

The library sets no time limit, repeats whatever failed without backing off, blocks its thread, and gives the same
empty list for an unknown id and for an answer that is none. So each request has a limit and a pace, repeats are
ours, and the answer itself is judged beside the library's reading of it.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import arxiv
import requests
import structlog

from bot.core.errors import SourceDown
from bot.core.model import Paper
from bot.core.ports import Clock
from bot.core.references import ReferenceKind, reference
from bot.core.text import clip, one_line
from bot.sources.arxiv_answer import Passing, check, down, nothing
from bot.sources.arxiv_http import Answer, OneAnswer, in_thread
from bot.sources.latex import readable

log = structlog.get_logger()

PACE = timedelta(seconds=3)
"""Between two requests; https://info.arxiv.org/help/api/tou.html allows one every three seconds."""

PATIENCE = timedelta(seconds=30)
"""How long after it was first asked a paper is asked for again."""

TRIES = 3

_FIRST_WAIT = timedelta(seconds=2)
_GRACE = timedelta(seconds=2)
_ENTRY_ID = re.compile(r".*/abs/(?P<id>.+?)(?:v(?P<version>[0-9]{1,4}))?")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*|\n[ \t]+")


@dataclass(frozen=True, slots=True)
class _Heard:
    """The answer, the paper asked for if it is there, and what went wrong on the way."""

    answer: Answer | None
    paper: Paper | None
    error: Exception | None


class ArxivSource:
    """The port `PaperSource` over arXiv's API.

    api_url: the address of its `query`. timeout: for one answer, all of it. pace: between two requests of
    this process. patience: how long after the first request for a paper another one may begin.
    """

    def __init__(
        self,
        api_url: str,
        timeout: timedelta,
        clock: Clock,
        *,
        pace: timedelta = PACE,
        patience: timedelta = PATIENCE,
        chance: random.Random | None = None,
    ) -> None:
        self._api_url = api_url
        self._timeout = timeout
        self._clock = clock
        self._pace = pace
        self._patience = patience
        self._chance = chance or random.Random()  # noqa: S311 # jitter, not secrets
        self._lane = asyncio.Lock()
        self._free_at = self._held_until = datetime.min.replace(tzinfo=UTC)
        self._failing = self._closed = False

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        """The paper, in its newest version or the given one; raises `NoSuchPaper` or `SourceDown`."""
        found = reference(paper_id)
        if found is None or found.kind is not ReferenceKind.ARXIV or (version is not None and version < 1):
            raise nothing(clip(one_line(paper_id), 60), version)
        give_up_at = self._clock.now() + self._patience
        tries = 0
        while True:
            tries += 1
            try:
                return await self._attempt(found.id, version, give_up_at)
            except SourceDown as failure:
                cause = repr(failure.__cause__)
                log.warning("arXiv gave no answer", paper=found.id, tries=tries, reason=str(failure), cause=cause)
                again_at = self._again_at(failure, tries)
                if again_at is None or again_at > give_up_at:
                    raise
            await self._clock.sleep_until(again_at)

    async def close(self) -> None:
        """Ask for nothing any more."""
        self._closed = True

    def _again_at(self, failure: SourceDown, tries: int) -> datetime | None:
        """When to try again, if at all: later each time, never quite the same, and as late as arXiv asks."""
        if not isinstance(failure, Passing) or tries == TRIES:
            return None
        wait = _FIRST_WAIT * ((1 << (tries - 1)) * self._chance.uniform(0.75, 1.25))
        return self._clock.now() + (failure.hold or wait)

    async def _attempt(self, paper_id: str, version: int | None, give_up_at: datetime) -> Paper:
        async with self._lane:
            now = self._clock.now()
            if self._closed:
                raise SourceDown("The bot is about to stop: please ask again in a minute.")
            if self._held_until > now + self._patience:
                raise down("it asked us to wait for a while")
            if self._failing and now > give_up_at:
                raise down("it has not answered those before you either")
            await self._clock.sleep_until(max(self._held_until, min(self._free_at, now + self._pace)))
            try:
                heard = await self._hear(paper_id, version)
            finally:
                self._free_at = self._clock.now() + self._pace
            return self._paper(heard, paper_id, version)

    async def _hear(self, paper_id: str, version: int | None) -> _Heard:
        """Ask the API once, in a thread."""
        try:
            async with asyncio.timeout((self._timeout + _GRACE).total_seconds()):
                return await in_thread(lambda: _ask(self._api_url, self._timeout, paper_id, version))
        except TimeoutError as error:
            return _Heard(None, None, error)

    def _paper(self, heard: _Heard, paper_id: str, version: int | None) -> Paper:
        try:
            found = check(heard.answer, heard.error, self._clock.now())
        except Passing as failure:
            self._failing = True
            self._held_until = self._clock.now() + failure.hold if failure.hold else self._held_until
            raise failure from heard.error
        except SourceDown as failure:
            raise failure from heard.error
        self._failing = False
        if not found:
            raise nothing(paper_id, version)
        if heard.paper is None:
            raise down("its answer left out what we need, or was about another paper") from heard.error
        return heard.paper


class _Client(arxiv.Client):
    """The library's client on one address, through one session, without waits and repeats of its own."""

    def __init__(self, api_url: str, session: requests.Session) -> None:
        super().__init__(page_size=1, delay_seconds=0, num_retries=0)
        self.query_url_format = api_url + "?{}"
        self._session.close()
        self._session = session


def _ask(api_url: str, limit: timedelta, paper_id: str, version: int | None) -> _Heard:
    """Ask the API once; of the results it gives, the one with our id counts, wherever it stands."""
    adapter = OneAnswer(limit)
    search = arxiv.Search(id_list=[paper_id if version is None else f"{paper_id}v{version}"], max_results=None)
    with requests.Session() as session:
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        try:
            papers = (paper_of(each, paper_id, version) for each in _Client(api_url, session).results(search))
            paper = next((each for each in papers if each), None)
        except Exception as error:  # noqa: BLE001 # the library raises whatever the libraries below it raise
            return _Heard(adapter.answer, None, error)
    return _Heard(adapter.answer, paper, None)


def paper_of(result: arxiv.Result, paper_id: str, version: int | None) -> Paper | None:
    """The result as a paper, or None where it is another one or lacks a title."""
    named = _ENTRY_ID.fullmatch(result.entry_id)
    title = one_line(readable(result.title))
    if named is None or named["id"] != paper_id or not title:
        return None
    given = int(named["version"] or version or 1)
    if version not in (None, given):
        return None
    categories = dict.fromkeys((result.primary_category, *result.categories))
    authors = (one_line(readable(each.name)) for each in result.authors)
    return Paper(
        id=paper_id,
        version=given,
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
