"""BibTeX entries that LaTeX can read, whatever a title holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from bot.core.bibtex import bibtex, key
from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind

DOI = "10.1038/nature14539"


def paper(
    title: str = "A Title", *authors: str, paper_id: str = "2103.06255", doi: str = "", journal: str = ""
) -> Paper:
    """A paper of March 2021."""
    day = datetime(2021, 3, 10, tzinfo=UTC)
    return Paper(paper_id, 1, title, authors, "", day, day, ("cs.CV", "cs.LG"), doi=doi, journal=journal)


def field(entry: str, name: str) -> str:
    """The value of one field of an entry."""
    found = re.search(rf"^  {name} = \{{(.*)\}},$", entry, re.MULTILINE)
    assert found, f"no {name} in {entry}"
    return found[1]


def test_an_entry_is_what_arxiv_would_give() -> None:
    """The whole entry of a paper that is on arXiv alone."""
    entry = bibtex(paper("Involution: Inverting the Inherence of Convolution", "Duo Li", "Jie Hu"))
    assert entry == (
        "@misc{li2021involution,\n"
        "  title = {Involution: Inverting the Inherence of Convolution},\n"
        "  author = {Duo Li and Jie Hu},\n"
        "  year = {2021},\n"
        "  eprint = {2103.06255},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CV},\n"
        "  url = {https://arxiv.org/abs/2103.06255},\n"
        "}"
    )


def test_a_paper_of_a_journal_is_an_article() -> None:
    """The journal and the DOI are in it, the eprint too."""
    entry = bibtex(paper("T", "J. M. M", paper_id="hep-th/9711200", doi="10.1023/A:1", journal="Adv. & Phys. 2 (1998)"))
    assert entry.startswith("@article{")
    assert field(entry, "journal") == r"Adv. \& Phys. 2 (1998)"
    assert field(entry, "doi") == "10.1023/A:1"
    assert field(entry, "eprint") == "hep-th/9711200"


def test_an_article_with_a_doi_is_no_eprint() -> None:
    """Journal, volume, number, pages and publisher are in the entry; nothing of arXiv is."""
    article = replace(
        paper("Deep learning", "Yann LeCun", paper_id=DOI, doi=DOI, journal="Nature"),
        kind=ReferenceKind.DOI, categories=(), publisher="Springer & Co", volume="521", number="7553", pages="436-444",
    )  # fmt: skip
    assert bibtex(article) == (
        "@article{lecun2021deep,\n"
        "  title = {Deep learning},\n"
        "  author = {Yann LeCun},\n"
        "  year = {2021},\n"
        "  journal = {Nature},\n"
        "  volume = {521},\n"
        "  number = {7553},\n"
        "  pages = {436--444},\n"
        "  publisher = {Springer \\& Co},\n"
        "  doi = {10.1038/nature14539},\n"
        "  url = {https://doi.org/10.1038/nature14539},\n"
        "}"
    )


def test_a_paper_of_proceedings_is_in_a_book() -> None:
    """`@inproceedings` with `booktitle`; a page's address is the entry's."""
    page = "https://proceedings.mlr.press/v97/tan19a.html"
    entry = bibtex(replace(paper("T", "A B", paper_id=page), kind=ReferenceKind.PAGE, venue="ICML", pages="P1-P7"))
    assert entry.startswith("@inproceedings{b2021t,")
    assert (field(entry, "booktitle"), field(entry, "url"), field(entry, "pages")) == ("ICML", page, "P1--P7")
    assert "eprint" not in entry


def test_what_is_in_no_book_is_miscellaneous() -> None:
    """A submission on OpenReview; without a date there is no year, and without authors the key says whose id it is."""
    entry = bibtex(replace(paper("", paper_id="ab1"), kind=ReferenceKind.OPENREVIEW, precision=Precision.NONE))
    assert entry.startswith("@misc{openreview1,")
    assert "year" not in entry


@pytest.mark.parametrize(
    ("authors", "title", "expected"),
    [
        (["Zhang San"], "Involution", "san2021involution"),
        (["Łukasz Kaiser"], "The One", "kaiser2021one"),
        (["Aaron van den Oord"], "Less is More: ClipBERT", "oord2021less"),
        (["Mike O'Neil Jr."], "An Über-Model", "oneil2021ubermodel"),
        (["Erdős, Pál"], "On the Of", "erdos2021210306255"),
        (["Søren Straße"], "TLDR: Extreme", "strasse2021tldr"),
        (["李雷"], "数学", "arxiv2021210306255"),
        ([], "Nobody's Paper", "arxiv2021nobodys"),
    ],
)
def test_keys_are_plain_words(authors: list[str], title: str, expected: str) -> None:
    """The first author's last name, the year, the first telling word, in ASCII."""
    assert key(paper(title, *authors)) == expected


def test_signs_are_escaped_for_latex() -> None:
    """No sign of the title means anything to LaTeX or BibTeX."""
    entry = bibtex(paper("50% of A_B & C# cost $5 {or ~x^2 \\ <y>", "D. Ö"))
    assert field(entry, "title") == (
        r"50\% of {A\_B} \& C\# cost \$5 \textbraceleft{}or \textasciitilde{}x\textasciicircum{}2 "
        r"\textbackslash{} \textless{}y\textgreater{}"
    )
    assert field(entry, "author") == r"D. {\"O}"


def test_letters_that_latex_lacks_are_spelt_for_it() -> None:
    """Greek letters and accents become commands; what has none stays."""
    entry = bibtex(paper("An α-test of Gödel's 数学", "José Ñandú"))
    assert field(entry, "title") == r"An {\ensuremath{\alpha}}-test of G{\"o}del's 数学"
    assert field(entry, "author") == r"Jos{\'e} {\~N}and{\'u}"


def test_capitals_inside_words_are_kept() -> None:
    """Styles make titles small: BERT must not become bert."""
    assert field(bibtex(paper("ClipBERT for Video-and-Language")), "title") == "{ClipBERT} for {Video-and-Language}"


def test_groups_stay_whole() -> None:
    """A group's name is no first and last name, and its `and` parts no authors."""
    entry = bibtex(paper("T", "The ATLAS Collaboration", "Tools and Data Group", "Smith, Jr., John", "Andy Brand"))
    assert field(entry, "author") == (
        "{The ATLAS Collaboration} and {Tools and Data Group} and {Smith, Jr., John} and Andy Brand"
    )


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Co", "Cn")), max_size=60)


@given(_TEXT, st.lists(_TEXT, max_size=4), _TEXT, _TEXT)
def test_any_text_gives_an_entry_that_can_be_read(title: str, authors: list[str], journal: str, doi: str) -> None:
    """Braces pair up, each field is one line, no sign is bare, and it is the same every time."""
    written = paper(title, *authors, doi=doi, journal=journal)
    entry = bibtex(written)
    assert entry == bibtex(written)
    depth = 0
    for sign in entry:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert re.fullmatch(r"@(misc|article)\{[a-z0-9]+,", entry.splitlines()[0])
    for name in ("title", "author", "journal"):
        if f"  {name} = " in entry:
            assert re.search(r"(?<!\\)[%&#$]", field(entry, name)) is None


_SIGNS = {"braceleft": r"\{", "braceright": r"\}", "bar": "|", "less": "<", "greater": ">"}
"""Signs that the reader used here does not know by LaTeX's name for them."""


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="'`-!?"), max_size=60))
def test_latex_shows_the_title_letter_by_letter(title: str) -> None:
    """What TeX reads in the entry is what the title says."""
    written = field(bibtex(paper(f"x {title} x")), "title")
    for name, sign in _SIGNS.items():
        written = written.replace(f"\\text{name}{{}}", sign)
    shown = LatexNodes2Text().latex_to_text(written).replace("ˆ", "^").replace("˜", "~").replace("∼", "~")
    assert "".join(shown.split()) == "".join(f"x{title}x".split())
