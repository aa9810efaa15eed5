"""Papers read from the pages of proceedings, over real HTTP, against sites on loopback.

The markup is that of the sites, as far as it matters; titles, authors and places in the proceedings are facts, the
abstracts are the project's own sentences.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NoSuchPaper, SourceDown
from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind
from bot.sources.addresses import Public
from bot.sources.citation_tags import PageSource, paper_of_page
from bot.sources.fetching import Fetcher
from tests.fakes.web_server import Names, Reply, WebServer, only_here

ACL = """<!doctype html><html><head><meta charset=utf-8>
<meta content="Content-Based Citation Recommendation" name="citation_title">
<meta content="Chandra Bhagavatula" name="citation_author"><meta content="Sergey Feldman" name="citation_author">
<meta content="Proceedings of the 2018 Conference of the North American Chapter" name="citation_conference_title">
<meta content="2018/6" name="citation_publication_date">
<meta content="https://aclanthology.org/N18-1022.pdf" name="citation_pdf_url">
<meta content="238" name="citation_firstpage"><meta content="251" name="citation_lastpage">
<meta content="10.18653/v1/N18-1022" name="citation_doi">
<meta property="og:title" content="Content-Based Citation Recommendation">
</head><body><div class="card-body acl-abstract"><h5 class=card-title>Abstract</h5><span>Which papers to <i>cite</i>,
told from the words of a draft.</span></div></body></html>"""

PMLR = """<html><head><meta name="citation_title" content="EfficientNet: Rethinking Model Scaling">
<meta name="citation_author" content="Mingxing Tan"><meta name="citation_author" content="Quoc Le">
<meta name="citation_publication_date" content="2019/05/24">
<meta name="citation_inbook_title" content="International Conference on Machine Learning">
<meta name="citation_firstpage" content="6105"><meta name="citation_lastpage" content="6114">
<meta name="citation_pdf_url" content="/v97/tan19a/tan19a.pdf"><meta name="citation_publisher" content="PMLR">
</head><body><div id="abstract" class="abstract">How to grow a network in all of its sizes at once.</div></body>
</html>"""

CVF = """<html><head>
<meta name="citation_title" content="Involution: Inverting the Inherence of Convolution for Visual Recognition">
<meta name="citation_author" content="Li, Duo"><meta name="citation_author" content="Hu, Jie">
<meta name="citation_publication_date" content="2021">
<meta name="citation_conference_title" content="Proceedings of the IEEE/CVF Conference on Computer Vision">
<meta name="citation_firstpage" content="12321"><meta name="citation_lastpage" content="12330">
</head><body><div id="abstract" >A kernel for every place, shared by the channels.</div></body></html>"""

NEURIPS = """<html><head><meta name="citation_title" content="Attention is All you Need">
<meta name="citation_author" content="Vaswani, Ashish"><meta name="citation_author" content="Shazeer, Noam">
<meta name="citation_journal_title" content="Advances in Neural Information Processing Systems">
<meta name="citation_volume" content="30"><meta name="citation_publication_date" content="2017">
<meta name="citation_pdf_url" content="https://proceedings.neurips.cc/paper_files/paper/2017/file/3f-Paper.pdf">
</head><body><div class="col"><h4>Abstract</h4>
<p><p>One mechanism is enough to translate.</p></p></div></body></html>"""

AT = "https://aclanthology.org/N18-1022/"


@dataclass
class Room:
    """Sites, and a source that reads their pages."""

    web: WebServer
    source: PageSource


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A web with a page of the Anthology."""
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(WebServer({"aclanthology.org/N18-1022/": Reply(ACL.encode())}))
        yield Room(web, PageSource(Fetcher(Public(only_here), resolver=Names(web))))


def test_a_page_of_the_anthology_is_a_paper() -> None:
    """Every fact of its tags, and the abstract of its own element."""
    when = datetime(2018, 6, 1, tzinfo=UTC)
    assert paper_of_page(ACL, AT) == Paper(
        id=AT,
        version=1,
        title="Content-Based Citation Recommendation",
        authors=("Chandra Bhagavatula", "Sergey Feldman"),
        abstract="Which papers to cite, told from the words of a draft.",
        published=when,
        updated=when,
        doi="10.18653/v1/n18-1022",
        kind=ReferenceKind.PAGE,
        venue="Proceedings of the 2018 Conference of the North American Chapter",
        pages="238-251",
        pdf="https://aclanthology.org/N18-1022.pdf",
        precision=Precision.MONTH,
    )


def test_pages_of_other_proceedings_are_papers() -> None:
    """Names turned round are turned back, files are found, abstracts stand where each site keeps them."""
    pmlr = paper_of_page(PMLR, "https://proceedings.mlr.press/v97/tan19a.html")
    cvf = paper_of_page(CVF, "https://openaccess.thecvf.com/content/CVPR2021/html/Li_Involution.html")
    neurips = paper_of_page(NEURIPS, "https://proceedings.neurips.cc/paper_files/paper/2017/hash/3f-Abstract.html")
    assert pmlr and cvf and neurips  # noqa: PT018 # each is asked for more below
    assert (pmlr.venue, pmlr.publisher, pmlr.pdf) == (
        "International Conference on Machine Learning", "PMLR", "https://proceedings.mlr.press/v97/tan19a/tan19a.pdf",
    )  # fmt: skip
    assert (pmlr.published, pmlr.precision) == (datetime(2019, 5, 24, tzinfo=UTC), Precision.DAY)
    assert pmlr.abstract == "How to grow a network in all of its sizes at once."
    assert (cvf.authors, cvf.precision, cvf.pdf) == (("Duo Li", "Jie Hu"), Precision.YEAR, "")
    assert cvf.abstract == "A kernel for every place, shared by the channels."
    assert neurips.authors == ("Ashish Vaswani", "Noam Shazeer")
    assert (neurips.journal, neurips.volume) == ("Advances in Neural Information Processing Systems", "30")
    assert neurips.abstract == "One mechanism is enough to translate."


async def test_a_page_is_read_where_it_is(room: Room) -> None:
    """Through the fetcher that trusts no address."""
    paper = await room.source.fetch("http://aclanthology.org/N18-1022/")
    assert (paper.id, paper.title) == ("http://aclanthology.org/N18-1022/", "Content-Based Citation Recommendation")


async def test_a_page_that_is_not_there_is_no_paper(room: Room) -> None:
    """Nor is one that names none."""
    with pytest.raises(NoSuchPaper, match=r"There is no page at http://aclanthology\.org/X/"):
        await room.source.fetch("http://aclanthology.org/X/")
    room.web.pages["blog.org/"] = Reply(b"<title>A blog</title>")
    with pytest.raises(NoSuchPaper, match="does not say which paper"):
        await room.source.fetch("http://blog.org/")


async def test_a_page_that_cannot_be_read_proves_nothing(room: Room) -> None:
    """The status, or the reason, is in the sentence."""
    room.web.pages["blog.org/"] = Reply(status=503)
    with pytest.raises(SourceDown, match="answered with status 503"):
        await room.source.fetch("http://blog.org/")
    with pytest.raises(SourceDown, match="not a public address") as caught:
        await room.source.fetch("http://10.0.0.1/")
    assert caught.value.__cause__


def test_authors_in_one_tag_are_parted() -> None:
    """Some pages name all of them at once."""
    paper = paper_of_page(
        '<meta name="citation_title" content="T"><meta name="citation_authors" content="Li, Duo; J. Hu;">', AT
    )
    assert paper
    assert paper.authors == ("Duo Li", "J. Hu")
    assert paper.precision is Precision.NONE


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://[x"])
def test_a_file_that_is_no_link_is_left_out(url: str) -> None:
    """Only http(s) addresses are named as files."""
    paper = paper_of_page(f'<meta name=citation_title content="T"><meta name=citation_pdf_url content="{url}">', AT)
    assert paper
    assert paper.pdf == ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_tags_give_a_paper_or_none(name: str, content: str) -> None:
    """No page, however odd, raises."""
    named = f'<meta name="citation_title" content="T"><meta name="citation_{name}" content="{content}">{content}'
    paper_of_page(named, AT)
    for tag in ("publication_date", "pdf_url", "doi", "author", "abstract"):
        paper_of_page(f'<meta name="citation_title" content="T"><meta name="citation_{tag}" content="{content}">', AT)


def test_a_page_made_to_take_long_takes_none() -> None:
    """A page nested without end, which a parser of trees would take minutes for, is a paper by its tags alone."""
    paper = paper_of_page(f'<meta name=citation_title content="T">{"<div><h3>x</h3>" * 120_000}', AT)
    assert paper
    assert (paper.title, paper.abstract) == ("T", "")
