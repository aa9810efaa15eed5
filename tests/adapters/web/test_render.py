"""Posts as HTML: what a browser would read out of them is exactly what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.web.render import render, safe_url, said
from bot.core.plain import moment
from bot.core.post import (
    Block,
    Bullets,
    Card,
    Code,
    Emphasis,
    Heading,
    Inline,
    Line,
    Link,
    Moment,
    Paragraph,
    Picture,
    Post,
    Quote,
    Small,
    Strong,
)
from bot.core.text import clean

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)

ALLOWED = {
    "a": {"href", "rel", "target", "dir"},
    "bdi": set[str](),
    "blockquote": {"dir"},
    "code": set(),
    "div": {"class"},
    "em": {"dir"},
    "h3": {"dir"},
    "h4": {"dir"},
    "h5": {"dir"},
    "hr": set(),
    "img": {"class", "src", "alt", "loading"},
    "li": {"dir"},
    "ol": set(),
    "p": {"class", "dir"},
    "pre": {"tabindex"},
    "span": {"class", "dir"},
    "strong": {"dir"},
    "time": {"datetime", "data-moment"},
    "ul": set(),
}

hostile = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='x",
            "&lt;b&gt;",
            "]]><!--",
            "\u202etxt.exe",
            "@everyone <!channel>",
            "[x](javascript:alert(1))",
            "\ud800\x00\x1b",
            "{{ 7 * 7 }}",
            "{0.__class__} {}",
        ]
    ),
)
urls = st.one_of(
    hostile,
    st.sampled_from(
        [
            "https://example.org/a?b=c&d=<e>#f",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            " https://example.org/ ",
            "data:text/html,<script>1</script>",
            "vbscript:x",
            "//example.org/x",
            "/figures/a.svg",
            "/figures/../secret",
            "https://[broken",
            'https://example.org/"onclick="x',
        ]
    ),
)
inlines: st.SearchStrategy[Inline] = st.one_of(
    hostile,
    st.builds(Strong, hostile),
    st.builds(Emphasis, hostile),
    st.builds(Link, hostile, urls),
    st.just(Moment(NINE)),
)
lines: st.SearchStrategy[Line] = st.lists(inlines, max_size=3).map(tuple)
pictures = st.builds(Picture, urls, hostile)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, lines, st.integers(-1, 9)),
    st.builds(Paragraph, lines),
    st.builds(Small, lines),
    st.builds(Bullets, st.lists(lines, max_size=3).map(tuple), st.booleans()),
    st.builds(Quote, hostile),
    st.builds(Code, hostile),
    pictures,
    st.builds(Card, lines, st.lists(lines, max_size=2).map(tuple), lines, st.none() | pictures, hostile),
)


class Read(HTMLParser):
    """What a parser finds in HTML: the tags in order, their attributes, the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def words(line: Line) -> str:
    """What a line says, node after node; a link without a label says its address."""
    return "".join(_word(node) for node in line)


def _word(node: Inline) -> str:
    match node:
        case str():
            return clean(node)
        case Strong(text) | Emphasis(text):
            return clean(text)
        case Link(label, url):
            return clean(label) if label.strip() or not safe_url(url) else safe_url(url) or ""
        case Moment():
            return moment(node)


@given(lines)
def test_a_line_says_what_its_strings_say(line: Line) -> None:
    """The text that a parser reads from a paragraph is its strings, letter for letter."""
    assert Read(render(Post("", (Paragraph(line),)))).text == words(line)


@given(st.lists(blocks, max_size=4))
def test_no_string_becomes_markup(some: list[Block]) -> None:
    """Whatever the strings are, only our own tags and attributes come out, closed in their order."""
    read = Read(render(Post("", tuple(some))))
    assert read.open == []
    for tag, attributes in read.tags:
        assert set(attributes) <= ALLOWED[tag]


@given(st.lists(blocks, max_size=4))
def test_links_and_pictures_lead_to_safe_places(some: list[Block]) -> None:
    """A link goes to http(s) without its page being told from where; a picture comes from the bot itself."""
    for tag, attributes in Read(render(Post("", tuple(some)))).tags:
        if tag == "a":
            assert str(attributes["href"]).lower().startswith(("http://", "https://"))
            assert attributes["rel"] == "noopener noreferrer nofollow"
            assert attributes["target"] == "_blank"
        if tag == "img":
            assert str(attributes["src"]).startswith("/figures/")
            assert ".." not in str(attributes["src"])


@given(hostile)
def test_quotes_and_code_keep_every_letter(text: str) -> None:
    """Somebody's words and text to copy come out as they are."""
    assert Read(render(Post("", (Quote(text),)))).text == clean(text)
    assert Read(render(Post("", (Code(text),)))).text == clean(text)


@given(st.lists(st.one_of(hostile, urls), max_size=5).map(" ".join))
def test_what_people_type_is_shown_as_typed(text: str) -> None:
    """Typed text is shown letter for letter, with links only to http(s)."""
    read = Read(said(text))
    assert read.text == clean(text)
    assert {tag for tag, _ in read.tags} <= {"p", "a", "span"}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://example.org/a.", "https://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("https://example.org/?q=1&r=2, and more", "https://example.org/?q=1&r=2"),
        ("请看 https://example.org/页。", "https://example.org/页"),
    ],
)
def test_a_typed_link_ends_where_its_address_does(text: str, url: str) -> None:
    """The full stop, comma or bracket after an address is no part of the link."""
    assert [attributes["href"] for tag, attributes in Read(said(text)).tags if tag == "a"] == [url]


def test_a_line_of_strings_keeps_each_ones_direction_to_itself() -> None:
    """A right-to-left override in one string cannot turn the strings beside it."""
    html = render(Post("", (Paragraph(("\u202eevil", " by ", Strong("Ben"))),)))
    assert html == '<p dir="auto"><bdi>\u202eevil</bdi><bdi> by </bdi><strong dir="auto">Ben</strong></p>'


def test_a_moment_carries_its_time_for_the_reader() -> None:
    """A moment is a time element in UTC, written in the newsletter's zone until the reader's is known."""
    html = render(Post("", (Paragraph((Moment(NINE, zone="Asia/Tokyo"),)),)))
    assert 'datetime="2026-11-23T09:00:00+00:00"' in html
    assert "18:00 JST" in html


def test_a_picture_from_elsewhere_is_a_link() -> None:
    """The page loads nothing from elsewhere: such a picture is a link labelled with its text."""
    read = Read(render(Post("", (Picture("https://example.org/a.png", "A curve"),))))
    assert (read.tags[1][0], read.text) == ("a", "A curve")
