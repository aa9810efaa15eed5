"""Atom feeds as arXiv's API writes them, made from papers given as records.

Ids, titles, authors and dates are facts of real papers; the abstracts are the project's own sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom"'
)
_AN_HOUR = datetime(2021, 3, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedPaper:
    """One version of a paper, as its entry says it: texts are raw, as authors typed them."""

    id: str
    version: int = 1
    title: str = "A Paper"
    authors: tuple[str, ...] = ("Ada Author",)
    abstract: str = "We show something."
    published: datetime = _AN_HOUR
    updated: datetime = _AN_HOUR
    categories: tuple[str, ...] = ("cs.LG",)
    comment: str = ""
    doi: str = ""
    journal: str = ""

    @property
    def named(self) -> str:
        """The id with its version."""
        return f"{self.id}v{self.version}"


def feed(papers: Sequence[FeedPaper] = (), *, asked: str = "", total: int | None = None) -> bytes:
    """A feed of these papers; `total` is the number it claims to have found."""
    return _feed("".join(map(_entry, papers)), asked, len(papers) if total is None else total)


def error_feed(reason: str, *, published: bool = False) -> bytes:
    """The feed that reports an error as its one entry, once with a date of publication."""
    address = f"https://arxiv.org/api/errors#{reason.replace(' ', '_')}"
    return _feed(
        f"<entry><id>{escape(address)}</id><title>Error</title><updated>2021-03-22T00:00:00Z</updated>"
        + ("<published>2021-03-22T00:00:00Z</published>" if published else "")
        + f"<summary>{escape(reason)}</summary><author><name>arXiv api core</name></author></entry>",
        "",
        1,
    )


def _feed(entries: str, asked: str, total: int) -> bytes:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES}><id>https://arxiv.org/api/feed</id>"
        f"<title>arXiv Query: id_list={escape(asked)}</title><updated>2021-03-22T00:00:00Z</updated>"
        f"<opensearch:itemsPerPage>1</opensearch:itemsPerPage>"
        f"<opensearch:totalResults>{total}</opensearch:totalResults>"
        f"<opensearch:startIndex>0</opensearch:startIndex>{entries}</feed>"
    ).encode()


def _entry(paper: FeedPaper) -> str:
    authors = "".join(f"<author><name>{escape(each)}</name></author>" for each in paper.authors)
    categories = "".join(f"<category term={quoteattr(each)}/>" for each in paper.categories)
    return (
        f"<entry><id>http://arxiv.org/abs/{paper.named}</id><title>{escape(paper.title)}</title>"
        f"<updated>{paper.updated:%Y-%m-%dT%H:%M:%SZ}</updated><summary>{escape(paper.abstract)}</summary>"
        f"{categories}<published>{paper.published:%Y-%m-%dT%H:%M:%SZ}</published>"
        f"{_element('comment', paper.comment)}{_primary(paper)}{_element('journal_ref', paper.journal)}"
        f"{authors}{_element('doi', paper.doi)}</entry>"
    )


def _element(name: str, text: str) -> str:
    return f"<arxiv:{name}>{escape(text)}</arxiv:{name}>" if text else ""


def _primary(paper: FeedPaper) -> str:
    return f"<arxiv:primary_category term={quoteattr(paper.categories[0])}/>" if paper.categories else ""


INVOLUTION = FeedPaper(
    "2103.06255",
    2,
    "Involution: Inverting the Inherence of Convolution for Visual Recognition",
    ("Duo Li", "Jie Hu", "Changhu Wang", "Xiangtai Li", "Qi She", "Lei Zhu", "Tong Zhang", "Qifeng Chen"),
    "Convolution shares one kernel over a whole picture. This paper turns that round: a kernel for every place,\n"
    "shared by the channels. It is right 1.6% more often, and costs 66% as much.",
    datetime(2021, 3, 10, 18, 40, 46, tzinfo=UTC),
    datetime(2021, 4, 11, 12, 30, 11, tzinfo=UTC),
    ("cs.CV",),
)
INVOLUTION_V1 = FeedPaper(
    "2103.06255",
    1,
    INVOLUTION.title,
    INVOLUTION.authors,
    "An earlier telling of the same.",
    INVOLUTION.published,
    INVOLUTION.published,
    ("cs.CV",),
)
LARGE_N = FeedPaper(
    "hep-th/9711200",
    3,
    "The Large N Limit of Superconformal Field Theories and Supergravity",
    ("Juan M. Maldacena",),
    "  Theories with many colours, $N \\to \\infty$, are shown to describe gravity in a space of one more dimension.",
    datetime(1997, 11, 27, 23, 53, 13, tzinfo=UTC),
    datetime(1998, 1, 22, 15, 42, 41, tzinfo=UTC),
    ("hep-th",),
    "20 pages",
    "10.1023/A:1026654312961",
    "Adv.Theor.Math.Phys.2:231-252,1998",
)
WITHDRAWN = FeedPaper(
    "1905.00828",
    2,
    "Instantons, Bar-Natan homology, and some concordance invariants of knots",
    ("P. B. Kronheimer", "T. S. Mrowka"),
    "A sequence between two homologies of knots, $F_5$ among its relatives.",
    datetime(2019, 5, 2, tzinfo=UTC),
    datetime(2019, 10, 28, tzinfo=UTC),
    ("math.GT",),
    "Withdrawn by the authors: two newer papers say it better",
)
HOSTILE = FeedPaper(
    "2112.99999",
    1,
    'A & B < C: \\"Quoted\\" *stars* `ticks` @everyone & $O(n^2)$ in G\\"odel\'s 数学',
    ('Ana M\\"uller', "J. \\'Swift & Co.", "李雷", "<b>Bold</b> Name"),
    "First, for all $x<y$ & $y>z$, that $\\frac{1}{n}\\sum_{i=1}^{n} w_i \\leq \\alpha$.\n"
    "  Second, <@123456789012345678>, <!channel> and <script>alert(1)</script> at 5%.\n"
    "  Third, 日本語 and a right-to-left mark \u200f.",
    categories=("cs.CL", "math.CO", "68T07"),
)
CLASSED = FeedPaper("math/0309136", 1, "A Paper of Old", ("Grisha Perelman",), categories=("math.DG", "math.GT"))

PAPERS = (INVOLUTION, INVOLUTION_V1, LARGE_N, WITHDRAWN, HOSTILE, CLASSED)
