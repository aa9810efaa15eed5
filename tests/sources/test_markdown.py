"""Newsletters in Markdown: everything in them is found, nothing is invented, and no text breaks the reader."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue, to_json
from bot.core.urls import canonical
from bot.sources.markdown import read_newsletter, read_newsletter_bytes, read_newsletter_file
from bot.sources.markdown.files import LARGEST
from bot.sources.markdown.reading import MOST_LINES, MOST_MARKS
from tests.shared import SHARED, needs_shared

OWN = Path(__file__).parent / "newsletters"
REAL = SHARED / "newsletters"
OWN_NAMES = sorted(file.stem for file in OWN.glob("*.md"))
REAL_NAMES = sorted(file.stem for file in REAL.glob("*.json"))
FACTS = ("title", "number", "year", "week", "month", "source_url", "sections", "past_issues")


def _plain(issue: ParsedIssue) -> dict[str, Any]:
    """The issue as its JSON reads back."""
    read: dict[str, Any] = json.loads(json.dumps(to_json(issue)))
    return read


def _as_labelled(found: dict[str, Any], label: dict[str, Any]) -> dict[str, Any]:
    """What was found, with no more than a label says of it."""
    kept = {key: found[key] for key in label if key not in {"text_starts", "summary_starts"}}
    if "text_starts" in label:
        kept["text_starts"] = found["text"][: len(label["text_starts"])]
    if "summary_starts" in label:
        kept["summary_starts"] = found["summary"][: len(label["summary_starts"])]
    return kept


def _check(issue: ParsedIssue, label: dict[str, Any]) -> None:
    found = _plain(issue)
    assert {key: found[key] for key in FACTS} == {key: label[key] for key in FACTS}
    for part in ("highlights", "items"):
        assert len(found[part]) == len(label[part]), [each.get("url") for each in found[part]]
        for one, labelled in zip(found[part], label[part], strict=True):
            assert _as_labelled(one, labelled) == labelled


@needs_shared("newsletters")
@pytest.mark.parametrize("name", REAL_NAMES)
def test_real_issues(name: str) -> None:
    """A real issue, torn by a converter and a translator, is read as a person reads it."""
    (issue,) = read_newsletter_file(REAL / f"{name}.md")
    _check(issue, json.loads((REAL / f"{name}.json").read_text("utf-8")))


@pytest.mark.parametrize("name", OWN_NAMES)
def test_every_make(name: str) -> None:
    """Newsletters of each make are read as labelled: torn ones, headed items, lists, tables, several issues."""
    issues = read_newsletter_file(OWN / f"{name}.md")
    labels = json.loads((OWN / f"{name}.json").read_text("utf-8"))
    assert len(issues) == len(labels)
    for issue, label in zip(issues, labels, strict=True):
        _check(issue, label)


def _sub(pattern: str, by: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, by, text, flags=re.MULTILINE)


DAMAGE: dict[str, Callable[[str], str]] = {
    "bold gone": _sub(r"\*\*", ""),
    "all in bold": _sub(r"^(?![*>#0-9]|$)(.+)$", r"**\1**"),
    "bold around headings": _sub(r"^(#+ .*)$", r"**\1**"),
    "other brackets": _sub(r"【([^【】]*)】", r"[\1]"),
    "wide brackets": _sub(r"\[([0-9]{4}\.[0-9]{5})\]", r"【\1】"),
    "no blank line after pictures": _sub(r"(!\[\]\([^)]*\)\**)\n\n", r"\1\n"),
    "no blank line before pictures": _sub(r"\n\n(\**!\[\]\()", r"\n\1"),
    "no blank line after ids": _sub(r"^(\**\[[0-9.]{10}\].*)\n\n", r"\1\n"),
    "blank lines everywhere": _sub(r"\n\n", "\n\n\n\n"),
    "cards without blank lines": _sub(r"\n\n(### .*)\n\n", r"\n\1\n"),
    "wide parentheses": _sub(r"^(\**(?:## )?\**\[\*\*[^\]\n]*\])\((http[^)\s]*)\)", r"\1（\2）"),
    "blank before addresses": _sub(r"^(\**(?:## )?\**\[\*\*[^\]\n]*\])\((http[^)\s]*)\)", r"\1 (\2)"),
    "links without a beginning": _sub(r"^(\**(?:#+ )?\**)\[(\*\*[^\]\n]*\]\()", r"\1\2"),
    "deeper items": _sub(r"^## (\**\[)", r"### \1"),
    "items without headings": _sub(r"^## (\**\[)", r"\1"),
    "deeper sections": _sub(r"^# (\**[0-9]\.)", r"## \1"),
    "one section without number": _sub(r"^(# \**)3\.", r"\1"),
    "wide section numbers": _sub(r"^(# \**[0-9])\.", r"\1。"),
    "no contents": _sub(r"^[0-9]\.  .*\n", ""),
    "no rules": _sub(r"^\**— — [— –]*\**$", ""),
    "drawn rules": _sub(r"^\**— — [— –]*\**$", "---"),
    "other bullets": _sub(r"^\*   ", "- "),
    "other line ends": _sub(r"\n", "\r\n"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["converted-weekly", *(REAL / each for each in REAL_NAMES)], ids=str)
def test_damage_changes_nothing(name: str | Path, damage: str) -> None:
    """What converters do to bold, brackets, blank lines and numbers leaves the items as they were."""
    file = (OWN / name).with_suffix(".md")
    labels = json.loads(file.with_suffix(".json").read_text("utf-8"))
    damaged = DAMAGE[damage](file.read_text("utf-8"))
    (issue,) = read_newsletter(damaged)
    _check(issue, labels[0] if isinstance(labels, list) else labels)


def test_json_has_the_documented_keys() -> None:
    """An issue's JSON has the keys that other programs read, and no others."""
    (issue,) = read_newsletter("# Digest 7\n\n- [One](https://example.com/1): first\n")
    assert _plain(issue) == {
        "title": "Digest 7",
        "number": 7,
        "year": None,
        "week": None,
        "month": None,
        "source_url": None,
        "highlights": [],
        "sections": [],
        "items": [
            {
                "section": None,
                "title": "One",
                "url": "https://example.com/1",
                "arxiv_id": None,
                "paper_title": None,
                "image": None,
                "site": "example.com",
                "summary": "first",
            }
        ],
        "past_issues": [],
    }


@pytest.mark.parametrize(
    ("title", "number", "year", "week", "month"),
    [
        ("机器学习新闻—2021 年第 12 周", None, 2021, 12, None),
        ("机器学习总结；2021 年 2 月", None, 2021, None, 2),
        ("机器学习新闻— #18", 18, None, None, None),
        ("机器学习新闻——第 30 期(2021 年第 38 周)", 30, 2021, 38, None),
        ("新闻# 2021 年 1 月", None, 2021, None, 1),
        ("2021 年 5 月 23 日摘要(第 19 周)", None, 2021, 19, None),
        ("News #Week 5, 2021", None, 2021, 5, None),
        ("Weekly Issue 531: March 26, 2021", 531, 2021, None, None),
        ("Digest, February 2021", None, 2021, None, 2),
        ("Import 250: what may come", 250, None, None, None),
        ("機械学習ニュース 第18号(2021年3月)", 18, 2021, None, 3),
        ("84 papers of note", None, None, None, None),
    ],
)
def test_dates_and_numbers_of_titles(
    title: str, number: int | None, year: int | None, week: int | None, month: int | None
) -> None:
    """A title names its number, year and week or month in three languages; a month with a day is no edition's."""
    (issue,) = read_newsletter(f"# {title}\n\n## Papers\n\n- [One](https://example.com/1)\n")
    assert (issue.title, issue.number, issue.year, issue.week, issue.month) == (title, number, year, week, month)


def test_a_line_completes_the_title() -> None:
    """A line of a date near the top gives what the title does not."""
    (issue,) = read_newsletter("# News #18\n\n2021 年第 23 周(6 月 6 日~)\n\n# 1. A\n\n## [T](https://example.com/1)\n")
    assert (issue.number, issue.year, issue.week, issue.month) == (18, 2021, 23, None)
    assert issue.dated is not None
    assert issue.dated.isoformat() == "2021-06-06"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        (" \n\t\n", "it is empty"),
        ("Nothing here.", "it has no links"),
        ("[top](#top) and [mail](mailto:a@b.c)", "it has no links"),
        ("A sentence that has [a link](https://example.com) in its middle.", "it has links, but no items"),
        ("\n" * (MOST_LINES + 1) + "a", "lines"),
        ("[" * (MOST_MARKS + 1), "marks"),
    ],
)
def test_no_newsletter(text: str, reason: str) -> None:
    """A text without items is refused, and told what it is instead."""
    with pytest.raises(NotANewsletter, match=re.escape(reason)):
        read_newsletter(text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\xff\xfe", "it is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not text"),
        (b"# a\0b\n", "binary"),
        ("# caf\xe9".encode("latin-1"), "not text"),
        (b"a" * (LARGEST + 1), "larger than 5 MB"),
    ],
)
def test_bytes_that_are_no_newsletter(content: bytes, reason: str, tmp_path: Path) -> None:
    """Bytes that are no text, or too many, are refused, from a file as from memory."""
    file = tmp_path / "issue.md"
    file.write_bytes(content)
    with pytest.raises(NotANewsletter, match=reason):
        read_newsletter_bytes(content)
    with pytest.raises(NotANewsletter, match=reason):
        read_newsletter_file(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """UTF-8 with or without its mark, and UTF-16 with its mark, are text."""
    (issue,) = read_newsletter_bytes("# 周报\n\n- [一](https://example.com/1)\n".encode(encoding))
    assert issue.title == "周报"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, a missing file, a pipe and an impossible name are each refused with a clause."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path, "folder"),
        (tmp_path / "missing.md", "no such file"),
        (pipe, "no ordinary file"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (tmp_path / "a\0b", "cannot be read"),
    ):
        with pytest.raises(NotANewsletter, match=reason):
            read_newsletter_file(path)


@given(st.text(st.characters()))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail in any other way than by saying that it is no newsletter."""
    _read(text)


ADDRESSES = ("https://arxiv.org/abs/2103.06255v2", "https://example.com/a?utm_source=x&id=1", "http://b.example.org/#c")
LINKS = [link.format(each) for each in ADDRESSES for link in ("{}", "[Link]({})", "[**Bold**]({})")]
_MARKS = (
    "# ¦## ¦### ¦\n¦\n\n¦* ¦- ¦  - ¦1. ¦1) ¦> ¦| ¦ | ¦|-|-|\n¦**¦*¦****¦[¦]¦](¦)¦[](¦【¦】¦（¦）"
    "¦[## ¦![](i.png)¦---¦— — —¦——¦`"
    "¦<br>¦<a href='¦[2103.06255]¦【2101.00001】¦arxiv.org¦example.com¦Paper¦Title¦本周¦过去的时事通讯"
    "¦图片引自本文¦。¦2021 年第 12 周"
    "¦March 8, 2021¦#12¦1.¦Title: ¦Date: ¦\ufffc0¦\x00¦\ud800¦\t¦\u3000"
)
PIECES = st.sampled_from([*_MARKS.split("¦"), *LINKS])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_nothing_is_invented(text: str) -> None:
    """Every address found is one that the text has, or that of a paper whose id it has."""
    known = {canonical(each) for each in ADDRESSES} | {
        f"https://arxiv.org/abs/{each}" for each in ("2103.06255", "2101.00001")
    }
    for issue in _read(text):
        found = [item.url for item in issue.items] + [url for each in issue.highlights for url in each.urls]
        for url in [*found, *issue.past_issues]:
            assert url in known or any(url.startswith(each.partition("?")[0]) for each in known), url


_SHAPES = (
    ">¦> ¦- ¦>- ¦1. ¦  - a\n¦[¦](¦![¦*a ¦**a¦_¦`a ¦<a ¦【¦|a¦# ¦[## a\n¦[a](https://b.co)¦https://b.co ¦T](https://b.co)\n"
    "¦a  ¦——¦# 1. a\n¦# 2021-03-08\n\n[a](https://b.co)\n\n"
)


@pytest.mark.parametrize("shape", _SHAPES.split("¦"))
def test_hostile_shapes_end(shape: str) -> None:
    """Deep nesting and endless repetition, up to the limits, are read or refused without a recursion error."""
    weight = sum(mark in "[]*_`<!&\\|~" for mark in shape) + shape.count("://")
    times = min(400_000 // len(shape), MOST_MARKS // 5 // max(weight, 1), MOST_LINES // 5 // max(shape.count("\n"), 1))
    _read(shape * times)
    _read(f"# T\n\n[One](https://example.com/1)\n\n{shape * (times // 2)}\n\n## [Two](https://example.com/2)\n")


def _read(text: str) -> tuple[ParsedIssue, ...]:
    try:
        return read_newsletter(text)
    except NotANewsletter:
        return ()
