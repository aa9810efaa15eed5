"""Semantic Scholar, over real HTTP, against a server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import SourceDown
from bot.core.model import Extras
from bot.core.references import Reference, ReferenceKind
from bot.sources.semantic_scholar import SemanticScholar
from tests.fakes.clock import FakeClock
from tests.fakes.json_server import JsonServer
from tests.fakes.scholar_server import ATTENTION, scholar

PAPER = Reference(ReferenceKind.ARXIV, "1706.03762")


@pytest.fixture
async def server() -> AsyncIterator[JsonServer]:
    """A server that knows a few papers."""
    async with scholar() as server:
        yield server


@pytest.fixture
async def source(server: JsonServer) -> AsyncIterator[SemanticScholar]:
    """The source on that server, with a key."""
    source = SemanticScholar(server.url, timedelta(seconds=5), FakeClock(), key="k")
    yield source
    await source.close()


async def test_citations_sentence_and_venue_arrive(server: JsonServer, source: SemanticScholar) -> None:
    """In one request, which carries the key."""
    assert await source.fetch(PAPER) == Extras(
        100_000, "One mechanism is enough to translate.", "Neural Information Processing Systems", str(ATTENTION["url"])
    )
    assert server.asked == ["/paper/arXiv:1706.03762?fields=citationCount%2Ctldr%2Cvenue%2Curl"]
    assert server.headers["x-api-key"] == "k"


async def test_other_papers_go_by_their_own_names(source: SemanticScholar) -> None:
    """DOIs and pages of the Anthology; what is missing in a record is missing."""
    assert await source.fetch(Reference(ReferenceKind.DOI, "10.1038/nature14539")) == Extras(7, "", "Nature")
    assert await source.fetch(Reference(ReferenceKind.PAGE, "https://aclanthology.org/N18-3011/")) == Extras(1)


async def test_what_has_no_name_there_is_not_asked(server: JsonServer, source: SemanticScholar) -> None:
    """Papers of OpenReview, and pages of others."""
    for reference in (
        Reference(ReferenceKind.OPENREVIEW, "YicbFdNTTy"),
        Reference(ReferenceKind.PAGE, "https://proceedings.mlr.press/v97/tan19a.html"),
    ):
        assert await source.fetch(reference) == Extras()
    assert server.asked == []


async def test_an_unknown_paper_has_no_extras(source: SemanticScholar) -> None:
    """That is an answer."""
    assert await source.fetch(Reference(ReferenceKind.ARXIV, "2103.06255")) == Extras()


@pytest.mark.parametrize("answer", [(429, {}), (500, {}), (403, {}), (200, b"<html>")])
async def test_no_answer_is_said_at_once(server: JsonServer, source: SemanticScholar, answer: tuple[int, Any]) -> None:
    """Nobody tries again for what is not needed."""
    server.script(answer)
    with pytest.raises(SourceDown):
        await source.fetch(PAPER)
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [{}, [], None, {"citationCount": "many", "tldr": "t", "venue": 7, "url": 1 << 99}])
async def test_an_odd_record_gives_what_makes_sense(server: JsonServer, source: SemanticScholar, body: Any) -> None:
    """And no more."""
    server.script((200, body))
    assert await source.fetch(PAPER) == Extras()
