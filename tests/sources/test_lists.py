"""Lists of links: an entry is an item, whatever stands around its link, and what is no item is left out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedItem
from bot.sources.markdown import read_newsletter
from bot.sources.markdown.notices import announces_choice, is_own_notice, says_none

A, B, C = "https://a.example/1", "https://b.example/2", "https://c.example/3"


def _items(text: str) -> list[tuple[str | None, str, str]]:
    (issue,) = read_newsletter(f"# Links\n\n{text}\n")
    return [(item.title, item.url, item.summary) for item in issue.items]


def _urls(text: str) -> list[str]:
    return [url for _, url, _ in _items(text)]


@pytest.mark.parametrize(
    ("entry", "title", "summary"),
    [
        (f"[One two]({A}): three", "One two", "three"),
        (f"[One two]({A}) - three", "One two", "three"),
        (f"[One two]({A}) — three. Four.", "One two", "three. Four."),
        (f"[One two]({A}) by Ann", "One two", "by Ann"),
        (f"[One two]({A}) (12 comments)", "One two", "(12 comments)"),
        (f"[One two three four five]({A}) and so on", "One two three four five", "and so on"),
        (f"[One two]({A})!", "One two!", ""),
        (f"[One two]({A}) is out", "One two is out", ""),
        (f"🎉 [One two]({A})", "One two", ""),
        (f"[DE] [video] [One two]({A}).", "One two", ""),
        (f"[tag][One two]({A})", "One two", ""),
        (f"**[One two]({A})**: three", "One two", "three"),
        (f"[ One `two` three ]({A})", "One two three", ""),
        (f"[Read `Code`, `Paper` and `build.sh`]({A})", "Read Code, Paper and build.sh", ""),
        (f"[If `HOME` is empty]({A})", "If HOME is empty", ""),
        (f"[a.k.a. Something else]({A})", "a.k.a. Something else", ""),
        (f"[Node.js]({A}) - [Code]({B})", "Node.js", ""),
        (f"[One\n  two]({A}) – three", "One two", "three"),
        (f"[One two]({A} 'said') – [Reddit]({B}). [HN]({C}).", "One two", ""),
        (f"`Foo::new()` is [gone]({A})", "Foo::new() is gone", ""),
        (f"Some of it: [One two]({A})", "One two", ""),
        (f"[One two (5 min read)]({A})", "One two", ""),
        (f"[Website]({A})", "Website", ""),
        (f"[One two]({A})[^1]", "One two", ""),
    ],
)
def test_title_and_summary(entry: str, title: str, summary: str) -> None:
    """An entry's title is its link's text, or the sentence around it, without tags, marks and links to talk."""
    assert _items(f"- {entry}\n- [Other]({C}): one") == [(title, A, summary), ("Other", C, "one")]


@pytest.mark.parametrize(
    "entry",
    [
        f"[@ann](https://mastodon.social/@ann): [One]({A})",
        f"[Ann Lee](https://twitter.com/ann): [One]({A})",
        f"[Ann Lee](https://github.com/ann) - [One]({A})",
        f"[Discussion]({B}): [One]({A})",
        f"[HN thread](https://news.ycombinator.com/item?id=1) - [One]({A})",
        f"as [somebody said](https://www.reddit.com/r/x/1) there is [one]({A})",
        f"[One]({A}) and [two]({B})",
        f"[Paper]({A}) [Code]({B}) **One** of them",
        f"**One**: of them ([code]({B}), [paper]({A}))",
        f"![pic](https://example.com/p.png) [One]({A})",
        f"[![pic](https://example.com/p.png)](https://example.com/p) [One]({A})",
    ],
)
def test_the_first_link_is_the_item(entry: str) -> None:
    """Of several links the first is the item, unless it leads to a person, to a discussion or only to code."""
    assert _urls(f"- {entry}") == [A]


def test_entries_below_entries() -> None:
    """An entry below another is an item if it begins with a link of its own, and a word on the other if not."""
    assert _items(
        f"- [One]({A}) - first\n"
        f"  - [A report of its own]({B})\n"
        f"  - [Paper](https://example.com/paper)\n"
        f"  - a word more\n"
        f"- Group\n"
        f"  - [Three]({C})\n"
    ) == [("One", A, "first\na word more"), ("A report of its own", B, ""), ("Three", C, "")]


def test_events() -> None:
    """Where an entry begins with a date, what is linked below it takes place then; who invites is no item."""
    day = "2025-01-30 | Berlin, DE"
    assert _items(f"* {day} | [Group]({B})\n    * [**Evening**]({A}) | [**RSVP**]({C})\n* {day} | [Alone]({C})\n") == [
        ("Evening", A, f"{day} | Group"),
        ("Alone", C, ""),
    ]


@pytest.mark.parametrize(
    "notice",
    [
        "[Subscribe](https://example.com/s)",
        "[Follow us on Twitter](https://twitter.com/x).",
        "[Twitter](https://twitter.com/x)",
        "[Contribute on GitHub](https://github.com/a/b)",
        "[Submit a link](https://github.com/a/b/issues)",
        "*No calls were issued this week by [Rust](https://example.com/r), [Cargo](https://example.com/c).*",
        "No link at all",
        "[Up](#up)",
        "<!-- [Never](https://example.com/n) -->",
    ],
)
def test_no_items(notice: str) -> None:
    """What asks to subscribe or to follow, what says that there is nothing, and comments are no items."""
    assert _urls(f"- [One]({A})\n- {notice}\n- [Three]({C})") == [A, C]


@pytest.mark.parametrize(
    "title",
    [
        "Subscribe to WebSocket events",
        "No more locks this year",
        "Join the dots",
        "Share your types",
        "x",
        "Support for tables",
        "Sponsorship, and what it costs",
    ],
)
def test_titles_like_notices(title: str) -> None:
    """A title that begins like a notice is a title."""
    assert _items(f"- [{title}]({A})") == [(title, A, "")]


def test_linked_headings_of_lists_are_sections() -> None:
    """A heading with a link above a list, or above the word that there is none, is a section and no item."""
    (issue,) = read_newsletter(
        f"# Links\n\n### [Open]({A})\n\nThese are open:\n\n- [One](https://example.com/1)\n- [Two](https://example.com/2)\n\n"
        f"### [Closed]({B})\n\n*No items were closed this week.*\n\n### [Empty]({C})\n\n"
        "### Rest\n\n- [x](https://example.com/3)\n- [y](https://example.com/4)\n"
    )
    assert [(item.section, item.title) for item in issue.items] == [(1, "One"), (1, "Two"), (2, "x"), (2, "y")]
    assert [section.name for section in issue.sections] == ["Open", "Rest"]


def test_headed_items_beside_lists() -> None:
    """A heading with a link above a paragraph is an item, also where lists hold most of the items."""
    (issue,) = read_newsletter(
        f"# Links\n\n## Top\n\n### [A story that is told]({A})\n\nIt goes like this.\n\n"
        f"### [And another story]({B})\n\n"
        "And like that.\n\n## Quick\n\n" + "".join(f"- [Q{n}](https://example.com/{n})\n" for n in range(5))
    )
    assert [item.title for item in issue.items] == [
        "A story that is told",
        "And another story",
        *(f"Q{n}" for n in range(5)),
    ]
    assert issue.items[0].summary == "It goes like this."


def _chosen(paragraph: str) -> list[ParsedItem]:
    listing = "".join(f"- [L{n}](https://example.com/{n})\n" for n in range(3))
    (issue,) = read_newsletter(f"# Links\n\n## Crate of the Week\n\n{paragraph}\n\n## Rest\n\n{listing}")
    return [item for item in issue.items if not (item.title or "").startswith("L")]


def test_the_choice_of_the_week() -> None:
    """The one thing that a section chose is an item; a vote for the next one, or that there is none, is not."""
    (chosen,) = _chosen(f"This week it is [flip]({A}), made with [flop]({B}).\n\nThanks to [Ann]({C})!")
    assert (chosen.title, chosen.url) == ("flip", A)
    assert chosen.summary == "This week it is flip, made with flop."
    assert _chosen(f"[Vote for the next one]({A})!") == []
    assert _chosen(f"Sadly nothing was [proposed]({A}) this week.") == []
    assert _chosen(f"> said [somebody]({A}) of it") == []


def test_bold_paragraphs_beside_lists() -> None:
    """A paragraph that begins with a link in bold is an item, also where lists hold most of the items."""
    assert _items(
        f"**[One]({A})** — said in one.\n\n**In short:**\n\n**[Two]({B})**\n\nSaid below.\n\n"
        + "".join(f"- [Q{n}](https://example.com/{n})\n" for n in range(4))
    )[:2] == [("One", A, "said in one."), ("Two", B, "Said below.")]


def test_lines_below_links() -> None:
    """A paragraph whose first line is a link is an item, also as the last of its section."""
    text = f"## A\n\n[One]({A})\nFirst.\n\n[Two]({B})\nSecond.\n\n## B\n\n[Three]({C})\nThird.\n"
    assert _items(text) == [("One", A, "First."), ("Two", B, "Second."), ("Three", C, "Third.")]


def test_contents_are_no_highlights() -> None:
    """A table of contents that leads to the headings below it holds no highlights."""
    (issue,) = read_newsletter(
        f"# Links\n\n- [News](#news)\n- [Tools](#tools)\n\n## News\n\n- [x]({A})\n\n## Tools\n\n- [y]({B})\n"
    )
    assert issue.highlights == ()


@given(st.text(max_size=300))
def test_any_line_is_judged(text: str) -> None:
    """Each question about a line has an answer for any text."""
    assert {says_none(text), is_own_notice(text), announces_choice(text)} <= {True, False}


_HOSTILE = {
    "codes in one link": ("- [", "`a` b ", "](https://b.co)\n", 15_000),
    "dots after a link": ("- [a](https://b.co) ", ". ", "x\n", 150_000),
    "entries below a date": ("- 2023-01-01 [a](https://b.co)\n", "    - [b](https://b.co/1)\n", "", 4_000),
    "linked headings": ("# T\n\n", "### [a](https://b.co)\n\n", "- [x](https://c.co)\n", 4_000),
    "footnotes": ("", "[^a]: x\n  y\n", "- [a](https://b.co)\n", 10_000),
    "verbs of nothing": ("- No ", "were ", "[a](https://b.co)\n", 80_000),
    "bold": ("**", "a", "** [a](https://b.co)\n", 200_000),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_lists_end(name: str) -> None:
    """Endless repetition inside lists is read or refused within the time that a test has."""
    before, again, after, times = _HOSTILE[name]
    with suppress(NotANewsletter):
        assert read_newsletter(before + again * times + after)
