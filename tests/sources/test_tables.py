"""Tables of links: a row is an item, its title in one column and its address in another."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotANewsletter
from bot.sources.markdown import read_newsletter
from bot.sources.markdown.tables import with_whole_rows

PAPER, TALK, CODE = "https://arxiv.org/abs/2103.06255", "https://x.com/a/status/1", "https://github.com/a/b"
LINKS = f"[Paper]({PAPER}), [Tweet]({TALK})"


def _row(row: str, header: str = "**Paper** | **Links**") -> tuple[str | None, str, str]:
    columns = header.count("|") + 1
    (issue,) = read_newsletter(f"# Table\n\n| {header} |\n|{'---|' * columns}\n| {row} |\n")
    (item,) = issue.items
    return item.title, item.url, item.summary


@pytest.mark.parametrize(
    ("cell", "title", "summary"),
    [
        ("1) **One** - two", "One", "two"),
        ("1) **One**- two", "One", "two"),
        ("10) **One: and two** - three - four", "One: and two", "three - four"),
        ("1) **One - Part 2** - three", "One - Part 2", "three"),
        ("1) **One** - two. ● **Three** – four", "One", "two. ● Three – four"),
        ("1) **One**", "One", ""),
        ("**One**: two", "One", "two"),
        ("2) One: and two  Three - four. Five", "One: and two", "Three - four. Five"),
        ("2) Why one?  Two.", "Why one?", "Two."),
        ("One - two", "One", "two"),
        ("One: two", "One", "two"),
        ("Q\\&A", "Q&A", ""),
        ("1) Two  [Two](https://example.com/2) does it", "Two", "Two does it"),
        ("1) **Two** - does |x| or a | b", "Two", "does |x| or a | b"),
        ("1) **Two** - does `a | b`", "Two", "does a | b"),
    ],
)
def test_title_and_summary(cell: str, title: str, summary: str) -> None:
    """The title is the bold text, else what stands before two blanks, a dash or a colon; stray bars lose nothing."""
    assert _row(f"{cell} | {LINKS}") == (title, PAPER, summary)


@pytest.mark.parametrize(
    ("links", "url"),
    [
        (f"[Paper]({PAPER}), [Tweet]({TALK})", PAPER),
        (f"[Tweet]({TALK}), [Paper]({PAPER})", PAPER),
        (f"[Paper]({PAPER}) , [Code]({CODE}) [Tweet]({TALK})", PAPER),
        (f"[Project]({CODE}), [Tweet]({TALK})", CODE),
        (f"[System Card]({CODE}), [Tweet]({TALK})", CODE),
        (f"[Blog]({CODE}), [Paper 1]({PAPER}), [Paper 2]({TALK})", CODE),
        (f"[Models]({CODE}) and [A Chat App]({TALK})", CODE),
        (CODE, CODE),
    ],
)
def test_the_paper_is_the_address(links: str, url: str) -> None:
    """The address is the paper's, else the first, whatever the links are called."""
    assert _row(f"1) **One** - two | {links}") == ("One", url, "two")


@pytest.mark.parametrize(
    ("header", "row", "title", "url"),
    [
        ("Date | Title | Code | Paper", f"Jan 5 | One | [link]({CODE}) | [link]({PAPER})", "One", PAPER),
        ("Name | Text | Links", f"[One]({CODE}) | two | [System Card]({TALK})", "One", CODE),
        ("Paper | Title", f"[pdf]({PAPER}) | One", "One", PAPER),
        ("# | Paper", f"1 | [One]({PAPER})", "One", PAPER),
        ("Stars | Project", f"12 | [One]({CODE}) does it", "One does it", CODE),
        ("标题 | 链接", f"一 | [论文]({PAPER})", "一", PAPER),
    ],
)
def test_columns(header: str, row: str, title: str, url: str) -> None:
    """The headings of columns tell which holds titles and which the paper."""
    assert _row(row, header)[:2] == (title, url)


def test_tables_without_links() -> None:
    """A table of figures holds no items, and a row without a link is none."""
    (issue,) = read_newsletter(
        f"# T\n\n- [x]({CODE})\n\n| a | b |\n|---|---|\n| one | 1.4% |\n\n| a | b |\n|---|---|\n| 5) No | |\n"
    )
    assert [item.title for item in issue.items] == ["x"]


@given(st.lists(st.text("ab|-\\ ]([", max_size=12), max_size=12))
def test_whole_rows_keep_their_text(lines: list[str]) -> None:
    """Escaping stray bars changes no line but rows with too many, and takes nothing else away."""

    def letters(line: str) -> str:
        return "".join(char for char in line if char in "ab](")

    mended = list(with_whole_rows(lines))
    assert list(map(letters, mended)) == list(map(letters, lines))


@pytest.mark.parametrize(
    "table",
    [
        "|a|b|\n|-|-|\n" + "|" * 90_000,
        "|a|b|\n|-|-|\n" + ("|a" * 20 + "\n") * 2_000,
        "|" + "a|" * 10_000 + "\n|" + "-|" * 10_000 + "\n|" + "b|" * 15_000,
        f"|a|b|\n|-|-|\n|{'.' * 200_000}x|[a](https://b.co)|",
    ],
)
def test_hostile_tables_end(table: str) -> None:
    """Endless bars and dots are read or refused within the time that a test has."""
    with suppress(NotANewsletter):
        assert read_newsletter(table)
