"""arXiv's API on loopback: it knows the papers it is given, and does whatever else a test scripts."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from tests.fakes.arxiv_feeds import PAPERS, FeedPaper, error_feed, feed

_ID = re.compile(r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})(?:v[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: sent as it is, after `wait` is set, or broken.

    cut: bytes of the body that are sent before the connection is closed. reset: close it without a word.
    trickle: send the body byte by byte, for as long as it lasts, once every `trickle` seconds.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/atom+xml"
    wait: asyncio.Event | None = None
    cut: int | None = None
    reset: bool = False
    trickle: float | None = None


def known(papers: Iterable[FeedPaper]) -> dict[str, Reply]:
    """The answers for these papers: each by its version, the newest by its id alone too."""
    replies: dict[str, Reply] = {}
    for paper in sorted(papers, key=lambda each: each.version):
        replies[paper.named] = replies[paper.id] = Reply(feed([paper], asked=paper.id))
    return replies


def recorded(folder: Path) -> dict[str, Reply]:
    """The answers in a folder of arXiv's own: those its index.json names, and those under `recorded`."""
    index: dict[str, str] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    replies = {asked: Reply((folder / name).read_bytes()) for asked, name in index.items()}
    index_of_recorded = json.loads((folder / "recorded" / "index.json").read_text(encoding="utf-8"))
    for name, facts in index_of_recorded.items():
        asked = parse_qs(urlsplit(facts["url"]).query).get("id_list", [""])[0]
        if asked:
            replies[asked] = Reply((folder / "recorded" / name).read_bytes(), facts["status"])
    return replies


class ArxivServer:
    """A server that answers as arXiv does.

    answers: replies by the value of `id_list`; other well-formed ids are unknown to it, others again are
    refused with 400. papers: what lists of several ids and searches for words of titles are answered from.
    `script` puts replies in front, one for each request to come; `asked` lists the values of `id_list` that came,
    or of `search_query` where there were none. Use it in `async with`; `url` is the address of its `query`.
    """

    def __init__(self, answers: Mapping[str, Reply] | None = None, papers: Iterable[FeedPaper] = PAPERS) -> None:
        self.answers = dict(known(PAPERS) if answers is None else answers)
        self.papers = {each.id: each for each in sorted(papers, key=lambda each: each.version)}
        self.asked: list[str] = []
        self.queries: list[Mapping[str, str]] = []
        self.url = ""
        self._script: deque[Reply] = deque()
        self._runner: web.AppRunner | None = None
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/api/query", self._query)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/api/query"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    def script(self, *replies: Reply) -> None:
        """Give these replies to the next requests, whatever they ask for."""
        self._script.extend(replies)

    async def requests(self, number: int) -> None:
        """Return as soon as so many requests have come; a test that waits for it in vain fails."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.asked) >= number)

    async def _query(self, request: web.Request) -> web.StreamResponse:
        asked = request.query.get("id_list") or request.query.get("search_query", "")
        self.asked.append(asked)
        self.queries.append(dict(request.query))
        async with self._arrived:
            self._arrived.notify_all()
        reply = self._script.popleft() if self._script else self._answer(asked, int(request.query["max_results"]))
        if reply.wait:
            await reply.wait.wait()
        return await _send(request, reply)

    def _answer(self, asked: str, most: int) -> Reply:
        if asked in self.answers:
            return self.answers[asked]
        if wanted := re.match(r'ti:"([^"]*)"', asked):
            hits = [each for each in self.papers.values() if wanted[1] in _folded(each.title)]
            return Reply(feed(hits[:most], total=len(hits)))
        for each in asked.split(","):
            if not _ID.fullmatch(each):
                return Reply(error_feed(f"incorrect id format for {each}"), 400)
        # The order of arXiv's own answers is not that of the ids either.
        found = [self.papers[each] for each in sorted(asked.split(","), reverse=True) if each in self.papers]
        return Reply(feed(found[:most], asked=asked))


def _folded(title: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", title.lower()))


async def _send(request: web.Request, reply: Reply) -> web.StreamResponse:
    if reply.reset:
        _hang_up(request)
    headers = {"Content-Type": reply.content_type, **reply.headers}
    if reply.cut is None and reply.trickle is None:
        return web.Response(body=reply.body, status=reply.status, headers=headers)
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body)
    await response.prepare(request)
    if reply.trickle is not None:
        with suppress(ConnectionResetError):
            for byte in reply.body:
                await response.write(bytes([byte]))
                await asyncio.sleep(reply.trickle)
    else:
        await response.write(reply.body[: reply.cut])
        _hang_up(request)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport:
        request.transport.close()
