"""Where a paper's code is, found in what its authors say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.code_links import MOST, code_links
from tests.world import INVOLUTION


def found(comment: str, abstract: str = "") -> tuple[str, ...]:
    """What a paper with these texts names."""
    return code_links(replace(INVOLUTION, comment=comment, abstract=abstract))


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Code: https://github.com/d-li14/involution.", "https://github.com/d-li14/involution"),
        ("at http://www.GitHub.com/d-li14/involution/tree/main,", "https://github.com/d-li14/involution"),
        ("(github.com/a/b.git)", "https://github.com/a/b"),
        ("see gitlab.com/group/name/-/issues", "https://gitlab.com/group/name"),
        ("weights: https://huggingface.co/google/vit-base", "https://huggingface.co/google/vit-base"),
        ("data: huggingface.co/datasets/a/b", "https://huggingface.co/datasets/a/b"),
    ],
)
def test_repositories_are_found(text: str, link: str) -> None:
    """In the comment or the abstract, without what follows the name."""
    assert found(text) == found("", text) == (link,)


@pytest.mark.parametrize(
    "text",
    ["", "github.com", "https://github.com/d-li14", "https://huggingface.co/papers/2103.06255", "mygithub.com/a/b"],
)
def test_what_is_no_repository_is_left_out(text: str) -> None:
    """Owners alone, papers, and other sites."""
    assert found(text) == ()


def test_each_is_named_once_and_few_are() -> None:
    """Whatever its capitals; the comment comes first."""
    assert found("github.com/A/b", "https://github.com/a/B github.com/c/d") == (
        "https://github.com/A/b", "https://github.com/c/d",
    )  # fmt: skip
    assert len(found(" ".join(f"github.com/a/{number}" for number in range(9)))) == MOST


@given(st.text(st.sampled_from("github.com/a-_. \n"), max_size=200))
def test_any_text_gives_links_or_none(text: str) -> None:
    """Nothing raises, and every link is one."""
    assert all(each.startswith("https://") for each in found(text))
