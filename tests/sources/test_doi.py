"""DOIs through both registries, over real HTTP, against servers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NoSuchPaper, SourceDown
from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind
from bot.sources.crossref import crossref_paper
from bot.sources.datacite import datacite_paper
from bot.sources.doi import DoiSource
from tests.fakes.clock import FakeClock
from tests.fakes.doi_server import ALPHAFOLD, DATASET, DEEP_LEARNING, PREPRINT, RESNET, TAKEN_BACK, crossref, datacite
from tests.fakes.json_server import JsonServer
from tests.sources.test_openreview import JSON_OF_ANY_KIND

CROSSREF_FIELDS = """
    title subtitle author editor container-title institution type issued created abstract license link updated-by page
    volume issue publisher
"""
DATACITE_FIELDS = "titles creators container types publisher descriptions dates publicationYear rightsList contentUrl"


@dataclass
class Room:
    """Both registries, and a source that asks them."""

    crossref: JsonServer
    datacite: JsonServer
    source: DoiSource


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Crossref with papers, DataCite with one."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(crossref(DEEP_LEARNING, ALPHAFOLD, RESNET, TAKEN_BACK, PREPRINT))
        second = await stack.enter_async_context(datacite({"10.5281/zenodo.1": DATASET}))
        source = DoiSource(
            first.url, second.url, timedelta(seconds=5), FakeClock(hurried=True), contact="editors@paper.test"
        )
        stack.push_async_callback(source.close)
        yield Room(first, second, source)


async def test_an_article_arrives_with_all_its_facts(room: Room) -> None:
    """Journal, volume, pages, publisher and date are the record's; the case of a DOI means nothing."""
    when = datetime(2015, 5, 27, tzinfo=UTC)
    assert await room.source.fetch("10.1038/NATURE14539") == Paper(
        id="10.1038/nature14539",
        version=1,
        title="Deep learning",
        authors=("Yann LeCun", "Yoshua Bengio", "Geoffrey Hinton"),
        abstract="",
        published=when,
        updated=when,
        doi="10.1038/nature14539",
        journal="Nature",
        kind=ReferenceKind.DOI,
        publisher="Springer Science and Business Media LLC",
        volume="521",
        number="7553",
        pages="436-444",
    )
    assert room.crossref.asked == ["/works/10.1038%2Fnature14539?mailto=editors%40paper.test"]
    assert room.datacite.asked == []


async def test_markup_is_gone_from_an_abstract(room: Room) -> None:
    """Tags and entities are, headings stand before what they head; the month is all that is known of the date."""
    paper = await room.source.fetch("10.1038/s41586-021-03819-2")
    assert paper.abstract == (
        "Shapes of proteins, told from their letters, in hours & with CO2.\n\nMethods: A network."
    )
    assert paper.authors == ("John Jumper", "The AlphaFold Team")
    assert (paper.published, paper.precision) == (datetime(2021, 7, 1, tzinfo=UTC), Precision.MONTH)


async def test_a_file_is_named_only_where_everybody_may_read_it(room: Room) -> None:
    """A licence of Creative Commons says so; a publisher's own does not."""
    assert (await room.source.fetch("10.1038/s41586-021-03819-2")).pdf.endswith("s41586-021-03819-2.pdf")
    assert (await room.source.fetch("10.1038/nature14539")).pdf == ""


async def test_a_paper_of_proceedings_is_in_a_book(room: Room) -> None:
    """It has no journal."""
    paper = await room.source.fetch("10.1109/CVPR.2016.90")
    assert (paper.journal, paper.venue[:9], paper.precision) == ("", "2016 IEEE", Precision.MONTH)


async def test_a_preprint_names_its_server(room: Room) -> None:
    """Where a record has no journal, the server stands for it."""
    assert (await room.source.fetch("10.1101/2021.10.04.463034")).journal == "bioRxiv"


async def test_a_retraction_shows(room: Room) -> None:
    """A later notice took the paper back; of its date only the year is known."""
    paper = await room.source.fetch("10.1016/S0140-6736(97)11096-0")
    assert (paper.decision, paper.withdrawn, paper.precision) == ("Retracted", True, Precision.YEAR)


async def test_what_crossref_has_not_is_asked_of_datacite(room: Room) -> None:
    """The main title counts, the publisher may be an object, open rights make the file one to read."""
    paper = await room.source.fetch("https://doi.org/10.5281/zenodo.1")
    assert (paper.title, paper.authors) == ("Software and papers", ("Ada Author", "A Group"))
    assert (paper.abstract, paper.publisher, paper.pages) == ("Tools for readers.", "Zenodo", "1-9")
    assert (paper.venue, paper.journal) == ("Proceedings of Tools", "")
    assert (paper.published, paper.pdf) == (
        datetime(2020, 3, 1, tzinfo=UTC),
        "https://zenodo.org/record/1/files/paper.pdf",
    )


async def test_what_neither_has_is_no_paper(room: Room) -> None:
    """Both are named, as others register DOIs too."""
    with pytest.raises(NoSuchPaper, match=r"^Neither Crossref nor DataCite has the DOI 10\.1234/none\.$"):
        await room.source.fetch("10.1234/none")
    assert len(room.crossref.asked) == len(room.datacite.asked) == 1


@pytest.mark.parametrize("answer", [(403, {}), (200, b"<html>"), (200, b"[" * 50_000), (200, {"message": {}})])
async def test_what_is_no_answer_proves_nothing(room: Room, answer: tuple[int, Any]) -> None:
    """The other registry is not asked then."""
    room.crossref.script(answer)
    with pytest.raises(SourceDown, match=r"^Crossref cannot help just now: .* again in a few minutes\.$"):
        await room.source.fetch("10.1038/nature14539")
    assert room.datacite.asked == []


async def test_what_is_no_doi_is_not_asked(room: Room) -> None:
    """Nor is a DOI of arXiv's, whose papers are arXiv's."""
    for text in ("", "nature14539", "10.48550/arXiv.1706.03762"):
        with pytest.raises(NoSuchPaper, match="is no DOI"):
            await room.source.fetch(text)
    assert room.crossref.asked == []


async def test_a_strange_contact_is_not_sent() -> None:
    """What is no mail address would tell Crossref nothing."""
    async with crossref(DEEP_LEARNING) as server:
        source = DoiSource(server.url, server.url, timedelta(seconds=5), FakeClock(), contact="nobody")
        await source.fetch("10.1038/nature14539")
        await source.close()
    assert server.asked == ["/works/10.1038%2Fnature14539"]


@given(st.dictionaries(st.sampled_from(CROSSREF_FIELDS.split()), JSON_OF_ANY_KIND))
def test_any_record_of_crossref_is_a_paper_or_none(message: dict[str, Any]) -> None:
    """No record, however odd, raises."""
    crossref_paper({"title": ["T"]} | message, "10.1/2")


@given(st.dictionaries(st.sampled_from(DATACITE_FIELDS.split()), JSON_OF_ANY_KIND))
def test_any_record_of_datacite_is_a_paper_or_none(attributes: dict[str, Any]) -> None:
    """No record, however odd, raises."""
    datacite_paper({"titles": [{"title": "T"}]} | attributes, "10.1/2")
