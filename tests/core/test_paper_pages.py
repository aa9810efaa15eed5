"""Addresses of papers in proceedings: each paper has one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.paper_pages import any_page, named
from bot.core.proceedings import paper_page
from bot.core.references import Reference, ReferenceKind

ANTHOLOGY = "https://aclanthology.org/P19-1001/"
NEURIPS = "https://proceedings.neurips.cc/paper_files/paper/2017/hash/3f5ee243547dee91fbd053c1c4a845aa-Abstract.html"
TRACK = (
    "https://proceedings.neurips.cc/paper_files/paper/2022/hash/"
    "b1efde53be364a73914f58805a001731-Abstract-Conference.html"
)
CVF = "https://openaccess.thecvf.com/content/CVPR2021/html/Li_Involution_CVPR_2021_paper.html"
OLD_CVF = "https://openaccess.thecvf.com/content_cvpr_2016/html/He_Deep_Residual_CVPR_2016_paper.html"
WORKSHOP = "https://openaccess.thecvf.com/content/CVPR2023W/EVW/html/Li_Small_CVPRW_2023_paper.html"
PMLR = "https://proceedings.mlr.press/v97/tan19a.html"
JMLR = "https://jmlr.org/papers/v21/20-074.html"

CASES = {
    ANTHOLOGY: (
        "https://aclanthology.org/P19-1001", "https://www.aclweb.org/anthology/P19-1001.pdf",
        "aclanthology.org/P19-1001/",
        "http://aclweb.org/anthology/P/P19/P19-1001.bib", "10.18653/v1/p19-1001", "https://doi.org/10.18653/v1/P19-1001",
        "https://aclanthology.org/P19-1001v2.pdf", "see <https://aclanthology.org/P19-1001/>.",
    ),
    "https://aclanthology.org/2020.acl-main.1/": (
        "https://aclanthology.org/2020.acl-main.1.pdf", "doi:10.18653/v1/2020.acl-main.1",
    ),
    NEURIPS: (
        "https://papers.nips.cc/paper/2017/hash/3f5ee243547dee91fbd053c1c4a845aa-Abstract.html",
        "https://papers.neurips.cc/paper/2017/file/3f5ee243547dee91fbd053c1c4a845aa-Paper.pdf",
        "https://proceedings.neurips.cc/paper_files/paper/2017/file/3f5ee243547dee91fbd053c1c4a845aa-Bibtex.bib",
    ),
    TRACK: (
        "https://papers.nips.cc/paper_files/paper/2022/file/b1efde53be364a73914f58805a001731-Paper-Conference.pdf",
    ),
    "https://papers.nips.cc/paper/7181-attention-is-all-you-need": (
        "http://papers.nips.cc/paper/7181-attention-is-all-you-need.pdf",
    ),
    CVF: ("https://openaccess.thecvf.com/content/CVPR2021/papers/Li_Involution_CVPR_2021_paper.pdf",),
    OLD_CVF: ("http://openaccess.thecvf.com/content_cvpr_2016/papers/He_Deep_Residual_CVPR_2016_paper.pdf",),
    WORKSHOP: ("https://openaccess.thecvf.com/content/CVPR2023W/EVW/papers/Li_Small_CVPRW_2023_paper.pdf",),
    PMLR: (
        "http://proceedings.mlr.press/v97/tan19a.html", "https://proceedings.mlr.press/v97/tan19a/tan19a.pdf",
        "https://raw.githubusercontent.com/mlresearch/v97/main/assets/tan19a/tan19a.pdf",
    ),
    JMLR: ("http://www.jmlr.org/papers/v21/20-074.html", "https://jmlr.org/papers/volume21/20-074/20-074.pdf"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "text"), [(page, text) for page, texts in CASES.items() for text in (page, *texts)])
def test_every_address_of_a_paper_leads_to_its_page(page: str, text: str) -> None:
    """Files, older addresses, other hosts and the Anthology's DOIs are the same paper, known by one address."""
    assert named(text) == Reference(ReferenceKind.PAGE, page)
    assert named(str(named(text))) == named(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://huggingface.co/papers/1706.03762", "1706.03762"),
        ("https://www.alphaxiv.org/abs/1706.03762v5", "1706.03762v5"),
        ("https://doi.org/10.48550/arXiv.1706.03762", "1706.03762"),
        ("10.1038/NATURE14539", "10.1038/nature14539"),
        ("https://openreview.net/pdf?id=YicbFdNTTy", "openreview.net/forum?id=YicbFdNTTy"),
    ],
)
def test_other_references_are_what_they_were(text: str, name: str) -> None:
    """Mirrors of arXiv are arXiv's papers, DOIs have no capitals."""
    assert str(named(text)) == name


@pytest.mark.parametrize(
    "text",
    [
        "attention is all you need",
        "https://aclanthology.org/",
        "https://aclanthology.org/events/acl-2020/",
        "https://proceedings.mlr.press/v97/",
        "https://papers.nips.cc/paper/2017",
        "https://example.org/P19-1001",
        "https://[x/P19-1001",
        "",
    ],
)
def test_other_pages_are_no_papers(text: str) -> None:
    """Volumes, events and other sites' pages name no paper."""
    assert named(text) is None


def test_any_page_may_be_asked_for() -> None:
    """One address alone, in its canonical form; no sentence, and no other scheme."""
    assert any_page(" <https://www.nature.com/articles/nature14539?utm_source=x> ") == Reference(
        ReferenceKind.PAGE, "https://www.nature.com/articles/nature14539"
    )
    assert any_page("see https://a.org/b") is None
    assert any_page("ftp://a.org/b") is None
    assert any_page("attention") is None


@given(st.text(max_size=80), st.sampled_from([*CASES, "https://papers.nips.cc/paper/"]))
def test_any_text_names_a_page_or_none(text: str, page: str) -> None:
    """Nothing raises, and what is named is named again by its address."""
    for each in (text, page + text, f"https://{text}"):
        any_page(each)
        found = paper_page(each)
        assert found is None or paper_page(found.id) == found
