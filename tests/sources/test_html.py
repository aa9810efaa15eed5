"""Newsletters on web pages: the same items as their readers see, and nothing that stands around them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue
from bot.sources.html_inline import Piece, written
from bot.sources.html_newsletter import page_markdown, read_html
from bot.sources.html_tree import MOST_TAGS, parse_html
from bot.sources.markdown import read_newsletter
from bot.sources.markdown.mending import mend
from bot.sources.newsletters import read_document
from bot.sources.page_facts import Facts, read_facts

PAGES = Path(__file__).parent / "pages"

SUBSTACK = [
    ("Papers", "LoRA: Low-Rank Adaptation of Large Language Models", "https://arxiv.org/abs/2106.09685"),
    ("Papers", "QLoRA: Efficient Finetuning of Quantized LLMs", "https://arxiv.org/abs/2305.14314"),
    ("Code", "llama.cpp", "https://github.com/ggerganov/llama.cpp"),
    ("Code", "PEFT", "https://github.com/huggingface/peft"),
    (
        "Reading",
        "Large Transformer Model Inference Optimization",
        "https://lilianweng.github.io/posts/2023-01-10-inference-optimization/",
    ),
]
MEDIUM = [
    ("Papers", "An Image is Worth 16x16 Words", "https://arxiv.org/abs/2010.11929"),
    ("Papers", "Swin Transformer", "https://arxiv.org/abs/2103.14030"),
    ("Around the web", "Feature Visualization", "https://distill.pub/2017/feature-visualization/"),
]
GHOST = [
    ("Databases", "Write-Ahead Logging", "https://www.sqlite.org/wal.html"),
    ("Databases", "Concurrency Control", "https://www.postgresql.org/docs/current/mvcc.html"),
    ("Tools", "Litestream", "https://litestream.io/"),
]
BEEHIIV = [
    (
        "🦾 RESEARCH",
        "Learning Fine-Grained Bimanual Manipulation with Low-Cost Hardware",
        "https://arxiv.org/abs/2304.13705",
    ),
    ("🦾 RESEARCH", "RT-2", "https://arxiv.org/abs/2307.15818"),
    ("🛠️ TOOLS", "LeRobot", "https://github.com/huggingface/lerobot"),
    ("🛠️ TOOLS", "MuJoCo", "https://github.com/google-deepmind/mujoco"),
    ("🛠️ TOOLS", "A gripper that learns from video", "https://spectrum.ieee.org/robot-gripper"),
]


def items(issue: ParsedIssue) -> list[tuple[str, str | None, str]]:
    """Section, title and address of each item."""
    names = {section.number: section.name for section in issue.sections}
    return [(names.get(each.section, ""), each.title, each.url) for each in issue.items]


def read(name: str) -> ParsedIssue:
    (issue,) = read_document((PAGES / name).read_bytes())
    return issue


def body(inside: str) -> ParsedIssue:
    """The issue of a page with this text."""
    (issue,) = read_html(f"<!doctype html><html><head><title>Letter</title></head><body>{inside}</body></html>")
    return issue


@pytest.mark.parametrize(
    ("name", "title", "dated", "url", "expected"),
    [
        (
            "substack.html",
            "Gradient Almanac #41: small models, long contexts",
            date(2026, 5, 3),
            "https://almanac.substack.com/p/gradient-almanac-41",
            SUBSTACK,
        ),
        (
            "medium.html",
            "Vision Notes: Week 9",
            date(2026, 3, 1),
            "https://medium.com/vision-notes/week-9-2026-8c1f0e7d11aa",
            MEDIUM,
        ),
        ("ghost.html", "Weekend Stack No. 12", date(2026, 2, 14), "https://weekendstack.example.org/no-12/", GHOST),
        (
            "beehiiv.html",
            "Robots before breakfast",
            date(2026, 4, 20),
            "https://morning-robots.beehiiv.com/p/robots-before-breakfast",
            BEEHIIV,
        ),
    ],
)
def test_a_page_is_read_as_its_readers_see_it(
    name: str, title: str, dated: date, url: str, expected: list[tuple[str, str, str]]
) -> None:
    """All items in their sections, none missed and none invented, with the issue's title, date and address."""
    issue = read(name)
    assert items(issue) == expected
    assert (issue.title, issue.dated, issue.source_url) == (title, dated, url)
    assert all(each.summary for each in issue.items)


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("substack.html", ["subscrib", "Share", "Discussion", "my notes", "preloaded", "Loss over tokens", "patience"]),
        ("medium.html", ["Follow", "Tomas Lind", "Listen", "Week 8", "Image by"]),
        ("ghost.html", ["Sponsored", "Sign up", "queues", "Mori", "💡"]),
        ("beehiiv.html", ["Join the list", "Powered", "Robots at noon", "Ada Brandt"]),
    ],
)
def test_what_stands_around_a_text_is_left_out(name: str, foreign: list[str]) -> None:
    """Menus, boxes to subscribe in, buttons, bylines, captions, advertisements and comments are in no item."""
    said = " ".join(f"{each.title} {each.summary}" for each in read(name).items)
    assert [each for each in foreign if each.casefold() in said.casefold()] == []


@pytest.mark.parametrize(
    "name", ["community-week", "link-lists", "nested-lists", "paper-tables", "headed-emoji", "link-blog"]
)
def test_a_newsletter_reads_the_same_in_markdown_and_as_a_page(name: str) -> None:
    """What a renderer makes of a newsletter in Markdown has the same items, in as many issues."""
    text = (PAGES.parent / "newsletters" / f"{name}.md").read_text(encoding="utf-8")
    fields = mend(text).fields
    inside = MarkdownIt("commonmark").enable("table").render(text.split("\n\n", 1)[1] if fields else text)
    issues = read_html(f"<html><head><title>{fields.get('title', '')}</title></head><body>{inside}</body></html>")
    expected = read_newsletter(text)
    assert [[each.url for each in issue.items] for issue in issues] == [
        [each.url for each in issue.items] for issue in expected
    ]


def test_pictures_stay_with_their_items() -> None:
    """A picture below a title is that item's, whether the title is a heading or a preview of a page."""
    pictures = {each.title: each.image for each in read("ghost.html").items}
    assert pictures["Litestream"] == "https://weekendstack.example.org/content/images/2026/02/stream.png"
    assert pictures["Concurrency Control"] == "https://www.postgresql.org/media/img/about/press/elephant.png"
    assert pictures["Write-Ahead Logging"] is None


def test_a_link_through_a_counter_is_the_page_that_it_leads_to() -> None:
    """The second paper of the page is linked through its host's redirect."""
    assert read("substack.html").items[1].url == "https://arxiv.org/abs/2305.14314"


def test_a_table_of_data_is_read_by_its_rows() -> None:
    """A table with headings gives an item a row; one that lays out a mail is read as if it were not there."""
    row = "<tr><td>{n}) <strong>Paper {n}</strong> - it works.</td><td><a href='https://arxiv.org/abs/{n}'>Paper</a></td></tr>"
    rows = "".join(row.replace("{n}", str(n)) for n in (1, 2, 3))
    headed = f"<table><thead><tr><th>Paper</th><th>Links</th></tr></thead><tbody>{rows}</tbody></table>"
    assert [(each.title, each.url) for each in body(f"<h2>Top papers</h2>{headed}").items] == [
        (f"Paper {n}", f"https://arxiv.org/abs/{n}") for n in (1, 2, 3)
    ]
    laid_out = (
        "<table role='presentation'><tr><td><h2>Tools</h2></td></tr>"
        "<tr><td><h3><a href='https://example.org/1'>One</a></h3><p>It helps.</p></td></tr></table>"
    )
    assert items(body(laid_out)) == [("Tools", "One", "https://example.org/1")]


def test_lists_of_every_kind_are_lists() -> None:
    """Bullets typed as text, paragraphs in entries, and lists within lists keep their entries."""
    one, two = "<a href='https://a.org/1'>One</a>: first", "<a href='https://a.org/2'>Two</a>: second"
    typed = body(f"<h2>Links</h2><p>• {one}<br>• {two}</p>")
    assert [each.title for each in typed.items] == ["One", "Two"]
    inner = "<ul><li><a href='https://a.org/3'>Three</a>: third</li></ul>"
    nested = body(f"<h2>Links</h2><ol><li><p>{one}</p>{inner}</li><li>{two}</li></ol>")
    assert {each.url for each in nested.items} >= {"https://a.org/1", "https://a.org/2"}


def test_relative_links_are_on_the_pages_site() -> None:
    """A link without a host belongs to the page that it stands on."""
    (issue,) = read_html(
        "<h2>News</h2><ul><li><a href='/posts/1'>One</a>: first</li><li><a href='two'>Two</a>: second</li></ul>",
        base="https://site.example.org/weekly/",
    )
    assert [each.url for each in issue.items] == [
        "https://site.example.org/posts/1",
        "https://site.example.org/weekly/two",
    ]


def test_links_that_lead_nowhere_make_no_items() -> None:
    """Mail addresses, scripts, places in the page, pictures' files and share links are no items."""
    issue = body(
        "<h2>Links</h2><ul><li><a href='https://a.org/1'>One</a>: first</li>"
        "<li><a href='mailto:a@b.org'>Write</a>: us</li>"
        "<li><a href='javascript:alert(1)'>Click</a>: here</li><li><a href='#top'>Top of the page</a>: above</li>"
        "<li><a href='https://a.org/big.png'>A large picture</a>: look</li>"
        "<li><a href='https://twitter.com/intent/tweet?text=x'>Tell everybody</a>: now</li></ul>"
    )
    assert [each.url for each in issue.items] == ["https://a.org/1"]


def test_a_front_page_is_no_article() -> None:
    """What a page says of itself tells it from an issue, and names its feeds; those of comments are passed over."""
    html = (
        "<html><head><meta property='og:type' content='website'>"
        "<link rel='alternate' type='application/rss+xml' href='/comments/feed'>"
        "<link rel='alternate' type='application/atom+xml' href='/feed.atom'></head><body></body></html>"
    )
    facts = read_facts(html, "https://site.example.org/")
    assert not facts.article
    assert facts.feeds == ("https://site.example.org/feed.atom",)
    assert read_facts((PAGES / "beehiiv.html").read_text(), "https://morning-robots.beehiiv.com/p/x").article


def test_a_week_that_a_title_names_gets_its_year() -> None:
    """A week late in the year that comes out early in the next is of the year before."""
    page = "<html><body><h2>Papers</h2><ul><li><a href='https://a.org/1'>One</a>: first</li></ul></body></html>"
    (issue,) = read_html(page, title="Digest, week 52", dated=date(2027, 1, 2))
    assert (issue.week, issue.year, issue.dated) == (52, 2026, date(2027, 1, 2))


def test_an_empty_page_is_no_newsletter() -> None:
    """Nothing, a page without links, and a page of too many tags are each refused with a reason."""
    for html in ("", "<html></html>", "<p>Nothing here.</p>"):
        with pytest.raises(NotANewsletter):
            read_html(html)
    with pytest.raises(NotANewsletter, match="more than 60,000 tags"):
        read_html("<p>x" * (MOST_TAGS + 1))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 30_000 + "x",
        "<div></b>" * 20_000 + "x",
        "<ul><li>" * 20_000,
        "<div " + " ".join(f"a{n}" for n in range(100_000)) + ">x</div>",
        "".join(f"<b a={n}><p>" for n in range(25_000)),
        "<select><optgroup><option>" * 15_000,
        "<table>" * 30_000,
        "<!--" * 100_000,
        "<!-->" * 100_000 + "<script>" * 100_000,
        "<a x='" * 100_000,
        "<" * 500_000,
        "<p>" + "<a href=https://a.org/unsubscribe>x</a>" * 20_000,
        "<p>" + "<a href=https://a.org/subscribe></a>" * 20_000,
    ],
    ids=lambda html: html[:24],
)
def test_no_page_takes_long(html: str) -> None:
    """What takes a parser time by the square of its length is thinned out first; it ends in seconds, with a reason."""
    with pytest.raises(NotANewsletter):
        read_html(html)


_MARKS = st.text(st.sampled_from("ab1 .*_[]()<>#|`\\~!&;:-+=•\u00a0\n"), max_size=30)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.builds(Piece, _MARKS, st.booleans()), max_size=5))
def test_text_is_the_same_after_it_was_written(pieces: list[Piece]) -> None:
    """Whatever marks stand in a text, a reader of the Markdown gets the letters and figures in their order."""
    tokens = MarkdownIt("commonmark").enable("table").parse(written(pieces))
    inside = "".join(child.content for token in tokens for child in token.children or () if child.type != "html_inline")
    expected = "".join(piece.text for piece in pieces)
    assert [c for c in inside if c.isalpha()] == [c for c in expected if c.isalpha()]
    assert not any(
        child.type in ("link_open", "image", "html_inline") for token in tokens for child in token.children or ()
    )


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("<>/=\"' abipuldvt1h!-&;"), max_size=200))
def test_no_page_raises_anything_else(html: str) -> None:
    """Any text is a page, and its Markdown can be written."""
    parse_html(html)
    try:
        page_markdown(f"<p>{html}</p>", Facts(), "https://a.org/")
    except NotANewsletter:
        return
