from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.adapters.slack.fitting import fit
from bot.adapters.slack.render import fallback, message, to_blocks
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
    MomentStyle,
    Paragraph,
    Picture,
    Post,
    Quote,
    Small,
    Strong,
)
from tests.adapters.slack.posts import GOOD_URLS, long_texts, posts, texts
from tests.adapters.slack.reader import Reading, bare, mrkdwn, read
from tests.fakes.slack_blocks import check_message

NEVER = ("mention", "strike", "code", "bare link", "usergroup", "user", "channel", "broadcast")
"""What nothing that a Post holds may become."""

A = "https://a.example/x"
SHOWN = Picture("https://a.example/x.png", "x")


def seen(post: Post) -> Reading:
    """All that readers see of a post, message by message."""
    whole = Reading()
    for each in fit(post):
        whole.add(read(to_blocks(each)))
    return whole


def lines_of(block: Block) -> Iterator[Line]:
    """The lines of a block, in the order in which they are read; a picture's text is the message's affair."""
    match block:
        case Heading(line) | Paragraph(line) | Small(line):
            yield line
        case Bullets(lines):
            yield from lines
        case Quote(text) | Code(text):
            yield (text,)
        case Card():
            yield from (block.title, *block.body, block.small)


def nodes_of(post: Post) -> list[Inline]:
    """The nodes of a post's lines."""
    return [node for block in post.blocks for line in lines_of(block) for node in line]


def words(node: Inline) -> str:
    """A node's text."""
    match node:
        case str():
            return node
        case Strong(text) | Emphasis(text):
            return text
        case Link(label):
            return label
        case Moment():
            return ""


@given(posts(texts))
@example(Post("", (Card(("*a", Link("b* _c", A), "d_"), (("~x~ `y`",), ("> q", ":smi", "le:")), picture=SHOWN),)))
@example(Post("", (Small((":smi", Link("le:", A), "<!channel> &lt;!here&gt; &amp;")),)))
@settings(max_examples=200)
def test_nothing_in_peoples_text_takes_effect(post: Post) -> None:
    """As Slack's clients read it, a message has the markup that the post's nodes stand for, and no more."""
    found = seen(post).active
    nodes = nodes_of(post)
    most = Counter(type(node).__name__ for node in nodes)
    kinds = Counter(type(block).__name__ for block in post.blocks)
    assert not [kind for kind in NEVER if found[kind]]
    assert found["link"] <= most["Link"]
    assert found["date"] == most["Moment"]
    assert found["italic"] <= most["Emphasis"]
    assert found["emoji"] <= sum(isinstance(block, Card) and block.mark == "1️⃣" for block in post.blocks)
    assert bool(found["quote"]) <= bool(kinds["Quote"])
    assert bool(found["list"]) <= bool(kinds["Bullets"])
    assert found["preformatted"] <= kinds["Code"]
    assert bool(found["bold"]) <= bool(most["Strong"] + kinds["Heading"] + kinds["Card"])
    assert found["header"] <= kinds["Heading"]


@given(posts(texts))
@example(Post("`:smile:`:smile:"))
@settings(max_examples=100)
def test_nothing_in_the_stand_in_text_takes_effect(post: Post) -> None:
    """The text for notifications holds no mention, no link and no mark that is alive, and never comes out empty."""
    text = fallback(post)
    found = mrkdwn(text)
    assert text.strip()
    assert len(text) <= 4000
    assert not [kind for kind, times in found.active.items() if times]
    assert not found.links


@given(posts(texts))
@settings(max_examples=200)
def test_no_letter_is_lost(post: Post) -> None:
    """Every string of a post is to be read in its messages, letter by letter and in order."""
    text = bare(seen(post).text)
    place = 0
    for node in nodes_of(post):
        wanted = bare(words(node))
        place = text.find(wanted, place)
        assert place >= 0, wanted
        place += len(wanted)


@given(
    st.lists(
        st.sampled_from(("Paragraph", "Quote", "Code", "Heading", "Card", "Shown", "Small", "Bullets")), max_size=3
    ),
    st.data(),
)
@settings(max_examples=60)
def test_no_letter_of_a_text_longer_than_a_message_is_lost(kinds: list[str], data: st.DataObject) -> None:
    """A text that one message cannot hold goes on in the next, with every letter that can be seen."""
    made: dict[str, Any] = {
        "Paragraph": lambda text: Paragraph((text,)),
        "Quote": Quote,
        "Code": Code,
        "Heading": lambda text: Heading((text,)),
        "Card": lambda text: Card((text,), ((text,), (Strong(text),)), (text,)),
        "Shown": lambda text: Card((Link(text, A),), ((text,), (Strong(text),)), (text, Moment(NOON)), picture=SHOWN),
        "Small": lambda text: Small((Emphasis(text),)),
        "Bullets": lambda text: Bullets(((text,), ("last",))),
    }
    long = [data.draw(texts) * data.draw(st.integers(1, 600)) for _ in kinds]
    post = Post("", tuple(made[kind](text) for kind, text in zip(kinds, long, strict=True)))
    text = Counter(bare(seen(post).text))
    for node in nodes_of(post):
        assert not Counter(bare(words(node))) - text


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(posts(texts))
@settings(max_examples=150)
def test_every_link_leads_where_it_should(post: Post) -> None:
    """Each link with an address that readers may be sent to is there whole, and none leads elsewhere."""
    found = seen(post)
    wanted = [node for node in nodes_of(post) if isinstance(node, Link)]
    targets = Counter(unquote(url) for _, url in found.links)
    expected = Counter(node.url for node in wanted if node.url in GOOD_URLS)
    assert not expected - targets
    known = ("https://a.example/x", "http://b.example/", "https://c.example/", "https://xn--", "https://g.example/")
    assert all(url.startswith((*known, "https://h.example/")) for _, url in found.links)


@given(posts(texts | long_texts))
@settings(max_examples=80)
def test_every_picture_is_shown_with_its_words(post: Post) -> None:
    """Pictures from the web are shown, described by their text; of others the text can be read."""
    pictures = [
        each.picture if isinstance(each, Card) else each for each in post.blocks if isinstance(each, Card | Picture)
    ]
    found = seen(post)
    text = bare(found.text)
    assert all(alt for _, alt in found.pictures)
    for picture in pictures:
        if picture and picture.url in GOOD_URLS:
            assert picture.url in [unquote(url) for url, _ in found.pictures]
            assert bare(picture.alt)[:500] in [bare(alt)[:500] for _, alt in found.pictures] or not bare(picture.alt)
        elif picture:
            assert bare(picture.alt) in text or picture.url.startswith(("https://ü", "https://g"))


@pytest.mark.parametrize(
    "url", ["https://a.example/x.webp", "https://a.example/X.WebP?w=1", "https://a.example/x%2Ewebp"]
)
def test_a_picture_that_slack_cannot_read_stays_words(url: str) -> None:
    """WebP is known not to work, and would cost the message all that is with it: its text is shown in its place."""
    ((section, *_),) = [to_blocks(Post("", (Card(("Title",), picture=Picture(url, "a crab")),)))]
    assert section["type"] == "rich_text"
    assert "a crab" in seen(Post("", (Card(("Title",), picture=Picture(url, "a crab")),))).text
    assert seen(Post("", (Picture("javascript:alert(1)", "a crab"),))).text.strip() == "a crab"


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        (MomentStyle.FULL, "{date_long} at {time}"),
        (MomentStyle.DATE, "{date}"),
        (MomentStyle.RELATIVE, "{ago}"),
    ],
)
def test_moments_are_slacks_own(style: MomentStyle, shown: str) -> None:
    """A moment is shown by each reader's Slack, in their own zone, with its words where that fails."""
    moment = Moment(datetime(2026, 11, 23, 9, tzinfo=UTC), style)
    ((rich,), (small,)) = (to_blocks(Post("", (kind((moment,)),))) for kind in (Paragraph, Small))
    (date,) = rich["elements"][0]["elements"]
    assert (date["type"], date["timestamp"], date["format"]) == ("date", 1795424400, shown)
    assert date["fallback"].endswith("2026") or "09:00 UTC" in date["fallback"]
    assert small["elements"][0]["text"] == f"<!date^1795424400^{shown}|{date['fallback']}>"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("A* search", f"<{A}|A* search>"),
        ("snake_case_names", f"<{A}|snake_case_names>"),
        ("*loud* ~names~", f"<{A}|\u2217loud\u2217 \u223cnames\u223c>"),
        ("5 < 6 & 7", f"<{A}|5 &lt; 6 &amp; 7>"),
        (":smile: a|b", f"<{A}|:\u200bsmile: a|b>"),
        ("", f"<{A}>"),
        ("see https://other.example", f"see https://other.example <{A}>"),
    ],
)
def test_a_link_in_mrkdwn_reads_as_it_was_written(label: str, shown: str) -> None:
    """Slack's three escapes are used, a mark that would take effect has a twin, and a false address is no label."""
    ((context,),) = [to_blocks(Post("", (Small((Link(label, A),)),)))]
    assert context["elements"] == [{"type": "mrkdwn", "text": shown, "verbatim": True}]


def test_rich_text_needs_no_escapes() -> None:
    """In rich text, and in plain text, letters stand for themselves."""
    hostile = "*a* <!channel> & :smile: https://evil.example"
    ((rich, small, header),) = [to_blocks(Post("", (Paragraph((hostile,)), Small((hostile,)), Heading((hostile,)))))]
    assert rich["elements"][0]["elements"] == [{"type": "text", "text": hostile}]
    assert small["elements"] == [{"type": "plain_text", "text": hostile, "emoji": False}]
    assert header["text"] == {"type": "plain_text", "text": hostile, "emoji": False}


def test_text_from_right_to_left_keeps_to_its_place() -> None:
    """Beside other text it is isolated; marks that would turn what follows are gone."""
    ((rich,),) = [to_blocks(Post("", (Paragraph(("שלום", " · by \u202eeve")),)))]
    assert [each["text"] for each in rich["elements"][0]["elements"]] == ["\u2068שלום\u2069", " · by eve"]


def test_hostile_text_costs_no_time() -> None:
    """Long runs of what rules look for are rendered in linear time: this takes no minutes."""
    runs = ("(" * 50_000, ":a" * 50_000, "_*" * 50_000, "\u0301" * 50_000, "\n" * 50_000, "&" * 50_000, " \n" * 50_000)
    for text in runs:
        card = Card((text,), ((text,),), picture=SHOWN)
        for each in fit(Post(text, (Paragraph((text, Link(text, A))), Quote(text), Small((text, Strong("x"))), card))):
            check_message(message(each)["blocks"], lambda _: True)
