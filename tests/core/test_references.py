"""References to papers: which are found in a text, which look like one and are none, and how they read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.references import Reference, ReferenceKind, reference, references
from tests.shared import SHARED, needs_shared

CASES = json.loads(Path(__file__).with_name("reference_cases.json").read_text(encoding="utf-8"))
SHARED_CASES = SHARED / "arxiv" / "id_cases.json"
SHARED_TEXTS = json.loads(SHARED_CASES.read_text(encoding="utf-8")) if SHARED_CASES.exists() else []

SICI = "10.1175/1520-0469(1996)053<0946:ASTFHH>2.0.CO;2"
BRACKETS = [
    (chr(code), chr(code + 1))
    for code in range(0x10000)
    if category(chr(code)) in {"Ps", "Pi"} and category(chr(code + 1)) in {"Pe", "Pf"}
]
PIECES = (
    *("2103.06255", "v2", "hep-th", "/9711200", "math.GT", "https://", "http%3A%2F%2F", "arxiv.org", "/abs/"),
    *("openreview.net/forum?id=", "d-XzF81Wg1", "10.1145/", "10.48550/arXiv.", "3368089.3409741", "example.com/"),
    *("<0946:AB>2.0.CO;2", "(", ")", "[", "]", "<", ">", ".", ",", "=", "$", "%", "%2F", "@", "&", "id=", "#", "?"),
    *(" ", "\n", "论", "。", "７", "é", "\ud800"),
)
HOSTILE = (
    *("1", ".", "/", "(", ")", "[", "%", "%25", "a.", "a-", "a@", "a@b.", "0101.", "01/", "2103.", "2103.06255,"),
    *("10.1234/", "10.1234/(a", "10.1234/a)", "10.1234/<a", "https://", "https://a/)", "https://a/(", "a.com/"),
    *("https%253A%252F%252Fa", "https://openreview.net/forum?", "hep-th/", "math.", "\ud800"),
)

new_style = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:05}",
    st.integers(15, 89), st.integers(1, 12), st.integers(1, 99999),
)  # fmt: skip
old_style = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02}{month:02}{number:03}",
    st.sampled_from(("hep-th", "math", "cs", "cmp-lg", "cond-mat", "q-alg", "physics")),
    st.integers(92, 99), st.integers(1, 12), st.integers(1, 999),
)  # fmt: skip
ids = new_style | old_style
eastern = st.text(
    st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF)
    | st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
    | st.sampled_from("！（），：；？［］～")
)
scraps = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def arxiv(number: str, version: int | None = None) -> Reference:
    return Reference(ReferenceKind.ARXIV, number, version)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['text'][:50]!a}")
def test_finds_what_a_careful_reader_finds(case: dict[str, Any]) -> None:
    """Each text of reference_cases.json gives its references, in order, written as `str` writes them."""
    assert [str(each) for each in references(case["text"])] == case["expect"]


@needs_shared("arxiv/id_cases.json")
@pytest.mark.parametrize("case", SHARED_TEXTS, ids=lambda case: f"{case['kind']}: {case['text'][:50]!a}")
def test_finds_the_ids_of_the_shared_texts(case: dict[str, Any]) -> None:
    """The arXiv ids of each shared text are found, in order, and the version of the first."""
    found = [each for each in references(case["text"]) if each.kind is ReferenceKind.ARXIV]
    assert [each.id for each in found] == case["expect"]
    assert (found[0].version if found else None) == case["version"]


def test_an_argument_means_the_first_paper_it_names() -> None:
    """`reference` gives the first mention, and None where there is none."""
    assert reference("hep-th/9711200v3 or 10.1000/xyz") == arxiv("hep-th/9711200", 3)
    assert reference("attention is all you need") is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("2103.06255v2", "https://arxiv.org/abs/2103.06255"),
        ("math.GT/0309136", "https://arxiv.org/abs/math/0309136"),
        ("https://openreview.net/pdf?id=d-XzF81Wg1", "https://openreview.net/forum?id=d-XzF81Wg1"),
        ("doi:10.1016/S0140-6736(20)30183-5", "https://doi.org/10.1016/S0140-6736(20)30183-5"),
        (SICI, "https://doi.org/10.1175/1520-0469(1996)053%3C0946:ASTFHH%3E2.0.CO;2"),
    ],
)
def test_a_paper_has_one_address(text: str, url: str) -> None:
    """Whatever form a paper was named in, its address is the canonical one, and names the same paper."""
    (found,) = references(text)
    assert found.url == url
    (again,) = references(url)
    assert (again.kind, again.id) == (found.kind, found.id)


@given(st.text(st.characters()) | scraps)
def test_what_was_found_reads_back(text: str) -> None:
    """Any text is read without an error, and what `str` writes of a reference is that reference again."""
    for found in references(text):
        assert references(str(found)) == (found,)
        assert [(each.kind, each.id) for each in references(found.url)] == [(found.kind, found.id)]


@given(scraps)
def test_each_paper_is_found_once(text: str) -> None:
    """No paper is given twice, and the first one given is the one that `reference` gives."""
    found = references(text)
    assert len({(each.kind, each.id) for each in found}) == len(found)
    assert reference(text) == (found[0] if found else None)


@given(ids, st.none() | st.integers(1, 30), eastern, eastern)
def test_text_without_spaces_hides_no_id(number: str, version: int | None, before: str, after: str) -> None:
    """Chinese, Japanese and Korean text may touch an id on both sides."""
    written = arxiv(number, version)
    assume(not any(each.isascii() for each in before + after))
    assert references(f"{before}{written}{after}") == (written,)


@given(ids, st.sampled_from(BRACKETS))
def test_brackets_of_any_script_hold_an_id(number: str, brackets: tuple[str, str]) -> None:
    """An id is found between any pair of brackets or quotation marks that Unicode knows."""
    opening, closing = brackets
    assert references(f"{opening}{number}{closing}") == (arxiv(number),)


@given(ids, st.from_regex(r"[0-9A-Za-z]{1,5}", fullmatch=True))
def test_no_id_is_cut_out_of_a_longer_run(number: str, more: str) -> None:
    """Letters and digits on either side make another word of it, unless they are its version."""
    assume(not (more[0] in "vV" and more[1:].isdigit()))
    assert references(number + more) == ()
    if number[0].isdigit():
        assert references(more + number) == ()


@given(
    st.lists(ids, min_size=1, max_size=8), st.sampled_from((" ", ", ", "\n", "、", " | ", " https://arxiv.org/abs/"))
)
def test_papers_come_in_order_of_first_mention(numbers: list[str], between: str) -> None:
    """The order is that of the text, whatever parts the mentions."""
    assert [each.id for each in references(between.join(numbers))] == list(dict.fromkeys(numbers))


@given(
    new_style,
    st.sampled_from(
        ("https://blog.example/", "www.example.com/a/", "http://10.0.0.1/", "https://arxiv.org.example/abs/")
    ),
)
def test_other_sites_hold_no_ids(number: str, site: str) -> None:
    """Digits in an address on a site that is not about papers are no paper."""
    assert references(f"({site}{number}) {site}?q={number}") == ()


@pytest.mark.parametrize("unit", HOSTILE, ids=ascii)
@pytest.mark.parametrize("start", ["", "https://arxiv.org/", "10.1234/"])
def test_hostile_lines_are_read_to_the_end(start: str, unit: str) -> None:
    """A paper behind 200,000 hostile characters is found; the test would take hours if time grew with their square."""
    assert arxiv("2103.06255") in references(start + unit * (200_000 // len(unit)) + " 2103.06255")
