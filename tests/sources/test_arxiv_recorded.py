"""Answers of arXiv itself, and broken ones like them, from beside the repository."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.errors import NoSuchPaper, SourceDown
from bot.sources.arxiv import ArxivSource
from bot.sources.arxiv_pace import TRIES
from tests.fakes.arxiv_server import ArxivServer, Reply, recorded
from tests.fakes.clock import FakeClock
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared("arxiv")


def source(server: ArxivServer) -> ArxivSource:
    """The source on that server, with a clock on which waits are over at once."""
    return ArxivSource(server.url, timedelta(seconds=5), FakeClock(hurried=True))


async def test_every_real_paper_is_read() -> None:
    """All of arXiv's answers for papers and versions give the paper that was asked for."""
    folder = SHARED / "arxiv"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    async with ArxivServer(recorded(folder)) as server:
        papers = source(server)
        for asked in index:
            paper_id, _, version = asked.partition("v")
            paper = await papers.fetch(paper_id, int(version) if version else None)
            assert paper.id == paper_id
            assert version in ("", str(paper.version))
            assert paper.title
            assert paper.authors
            assert paper.published <= paper.updated
            assert "\\textbf" not in paper.abstract
            assert paper.withdrawn == (paper_id == "1905.00828")
    assert server.asked == list(index)


async def test_recorded_answers_are_read() -> None:
    """Answers of the real API, letter by letter: papers, an unknown id, old ids, affiliations."""
    async with ArxivServer(recorded(SHARED / "arxiv")) as server:
        papers = source(server)
        assert (await papers.fetch("1605.08386")).title == "Heat-bath random walks with Markov bases"
        assert (await papers.fetch("quant-ph/0201082", 1)).updated == datetime(2002, 1, 18, 15, 8, 5, tzinfo=UTC)
        assert (await papers.fetch("astro-ph/0601001")).journal == "ActaAstron.56:1-50,2006"
        with pytest.raises(NoSuchPaper):
            await papers.fetch("0808.05394")
        for unknown in ("0808.5394", "2101.00001"):
            with pytest.raises(NoSuchPaper):
                await papers.fetch(unknown)


EDGES = {
    "edge/entry_two_dois.xml": ("hep-th/9711200", "10.1023/A:1026654312961"),
    "edge/entry_two_pdf_links.xml": ("2103.06255", ""),
    "edge/entry_without_pdf_link.xml": ("2103.06255", ""),
    "edge/old_format_2103.06255.xml": ("2103.06255", ""),
    "edge/batch_out_of_order.xml": ("2103.06255", ""),
    "edge/synthetic_very_long.xml": ("2112.99998", ""),
}
NONE_THERE = (
    "edge/empty_nonexistent_id.xml",
    "edge/empty_subject_class_id.xml",
    "edge/search_no_hits.xml",
    "edge/error_200_with_published.xml",
    "edge/error_legacy_manual.xml",
    "recorded/empty_0000.0000.xml",
)
NO_ANSWER = (
    "edge/entry_bad_date.xml",
    "edge/entry_minimal.xml",
    "edge/entry_without_id.xml",
    "edge/entry_without_published.xml",
    "edge/malformed_truncated.xml",
    "edge/malformed_truncated_after_first_of_two.xml",
    "edge/paging_page2_empty.xml",
    "edge/error_400_max_results.xml",
    "plain/200_rate_exceeded.txt",
    "plain/200_empty.txt",
    "plain/200_html.html",
    "plain/429.txt",
    "plain/503.txt",
)


def _reply(name: str) -> Reply:
    path = Path(name)
    status = int(path.stem) if path.stem.isdigit() else 400 if "_400_" in name else 200
    return Reply((SHARED / "arxiv" / name).read_bytes(), status)


@pytest.mark.parametrize("name", EDGES)
async def test_odd_feeds_still_give_the_paper(name: str) -> None:
    """Doubled links and DOIs, the older format, batches in any order and very long fields are no trouble."""
    paper_id, doi = EDGES[name]
    async with ArxivServer({paper_id: _reply(name)}) as server:
        paper = await source(server).fetch(paper_id)
    assert (paper.id, paper.doi) == (paper_id, doi)


@pytest.mark.parametrize("name", NONE_THERE)
async def test_feeds_without_a_paper_say_so(name: str) -> None:
    """Empty feeds and refused ids mean that there is no such paper."""
    async with ArxivServer({"2103.06255": _reply(name)}) as server:
        with pytest.raises(NoSuchPaper):
            await source(server).fetch("2103.06255")


@pytest.mark.parametrize("name", NO_ANSWER)
async def test_broken_answers_prove_nothing(name: str) -> None:
    """Throttling, maintenance and broken feeds never mean that there is no such paper."""
    async with ArxivServer({"2103.06255": _reply(name)}) as server:
        with pytest.raises(SourceDown):
            await source(server).fetch("2103.06255")
        assert len(server.asked) <= TRIES


async def test_batches_of_arxivs_own_are_told_apart() -> None:
    """Out of order, or with one missing: each paper is under its own id."""
    script = ("edge/batch_out_of_order.xml", "recorded/batch_one_missing_0808.05394_1707.08567.xml")
    async with ArxivServer() as server:
        server.script(*map(_reply, script))
        papers = source(server)
        found = await papers.fetch_many(["2103.06255", "2103.15808"])
        assert all(each == paper.id for each, paper in found.items())
        assert "2103.06255" in found
        assert list(await papers.fetch_many(["0808.0539", "1707.08567"])) == ["1707.08567"]


async def test_searches_of_arxivs_own_are_read() -> None:
    """Five hits of five, five of many, none, and pages of a real search."""
    async with ArxivServer() as server:
        papers = source(server)
        for name, hits in (
            ("edge/search_title_5.xml", 5),
            ("edge/search_title_5_of_many.xml", 5),
            ("edge/search_no_hits.xml", 0),
            ("recorded/search_testing_start0_max10.xml", 10),
        ):
            server.script(_reply(name))
            assert len(await papers.search("transformers", 10)) == hits
        assert len(server.asked) == 4
