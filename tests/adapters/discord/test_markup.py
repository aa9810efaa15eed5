from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.adapters.discord.render import fit, to_json
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
from tests.adapters.discord.posts import GOOD_URLS, long_texts, posts, texts
from tests.adapters.discord.reader import Reading, bare, media, read
from tests.adapters.discord.reader import texts as displays
from tests.fakes.discord_checks import check_message

NEVER = ("mention", "emoji", "code", "spoiler", "underline", "strike", "url")
"""What nothing that a Post holds may become."""


def seen(post: Post) -> Reading:
    """All that readers see of a post, message by message."""
    whole = Reading()
    for message in fit(post):
        for text in displays(to_json(message)):
            whole.add(read(text))
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
@example(Post("", (Paragraph((Link("a](b)", GOOD_URLS[0]), "](", "<https://evil.example>)")),)))
@example(Post("", (Paragraph((":smi", "le:", "@every", "one")), Bullets((("1", ". x"), ("", "- y"))))))
@settings(max_examples=200)
def test_nothing_in_peoples_text_takes_effect(post: Post) -> None:
    """As Discord's clients read it, a message has the markup that the post's nodes stand for, and no more."""
    found = seen(post).active
    nodes = nodes_of(post)
    most = Counter(type(node).__name__ for node in nodes)
    assert not [kind for kind in NEVER if found[kind]]
    assert found["strong"] <= most["Strong"]
    assert found["em"] <= most["Emphasis"]
    assert found["time"] == most["Moment"]
    assert found["link"] <= most["Link"]
    kinds = Counter(type(block).__name__ for block in post.blocks)
    assert found["heading"] <= kinds["Heading"] + kinds["Card"]
    assert found["subtext"] <= kinds["Small"] + 2 * kinds["Card"] + kinds["Picture"]
    assert found["item"] <= sum(len(block.lines) for block in post.blocks if isinstance(block, Bullets))
    assert found["fence"] <= kinds["Code"]
    assert bool(found["quote"]) <= bool(kinds["Quote"])
    assert found["strong"] >= sum(isinstance(node, Strong) and bare(node.text) != "" for node in nodes)
    assert found["em"] >= sum(isinstance(node, Emphasis) and bare(node.text) != "" for node in nodes)


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
    st.lists(st.sampled_from(("Paragraph", "Quote", "Code", "Heading", "Card", "Small", "Bullets")), max_size=3),
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
        "Small": lambda text: Small((Emphasis(text),)),
        "Bullets": lambda text: Bullets(((text,), ("last",))),
    }
    long = [data.draw(texts) * data.draw(st.integers(1, 600)) for _ in kinds]
    post = Post("", tuple(made[kind](text) for kind, text in zip(kinds, long, strict=True)))
    text = bare(seen(post).text)
    for node in nodes_of(post):
        letters = Counter(bare(words(node)))
        assert not letters - Counter(text)


@given(posts(texts))
@settings(max_examples=150)
def test_every_link_leads_where_it_should(post: Post) -> None:
    """Each link with an address that readers may be sent to is there whole, and no masked link leads elsewhere."""
    found = seen(post)
    wanted = [node for node in nodes_of(post) if isinstance(node, Link)]
    targets = Counter(unquote(url) for _, url in found.links)
    expected = Counter(node.url for node in wanted if node.url in GOOD_URLS)
    assert not expected - targets
    hosts = ("https://a.example/x", "http://b.example/", "https://c.example/", "https://xn--")
    assert all(url.startswith(hosts) for label, url in found.links if label)


@given(posts(texts | long_texts))
@settings(max_examples=80)
def test_every_picture_is_shown_with_its_words(post: Post) -> None:
    """Pictures from the web are shown, described by their text; of others the text can be read."""
    pictures = [
        each.picture if isinstance(each, Card) else each for each in post.blocks if isinstance(each, Card | Picture)
    ]
    shown = [pair for message in fit(post) for pair in media(to_json(message))]
    text = bare(seen(post).text)
    for picture in pictures:
        if picture and picture.url in GOOD_URLS:
            assert picture.url in [unquote(url) for url, _ in shown]
            assert bare(picture.alt)[:500] in [bare(alt)[:500] for _, alt in shown]
        elif picture:
            assert bare(picture.alt) in text or picture.url.startswith("https://ü")


@pytest.mark.parametrize(
    ("style", "letter"), [(MomentStyle.FULL, "f"), (MomentStyle.DATE, "D"), (MomentStyle.RELATIVE, "R")]
)
def test_moments_are_discords_own(style: MomentStyle, letter: str) -> None:
    """A moment is shown by each reader's Discord, in their own zone."""
    post = Post("", (Paragraph((Moment(datetime(2026, 11, 23, 9, tzinfo=UTC), style),)),))
    assert displays(to_json(post)) == [f"<t:1795424400:{letter}>"]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("A* search", "[A* search](<https://a.example/x>)"),
        ("[Paper] Attention", "[[Paper] Attention](<https://a.example/x>)"),
        ("snake_case_names", "[snake_case_names](<https://a.example/x>)"),
        ("**loud** names", "[＊＊loud＊＊ names](<https://a.example/x>)"),
        ("half [open", "[half ［open](<https://a.example/x>)"),
        ("https://a.example/x", "<https://a.example/x>"),
        ("", "<https://a.example/x>"),
        ("see https://other.example", "see https\\://other.example <https://a.example/x>"),
    ],
)
def test_a_links_label_reads_as_it_was_written(label: str, shown: str) -> None:
    """Escapes are seen in labels, so what would act there has a twin; a label that is an address is no label."""
    assert displays(to_json(Post("", (Paragraph((Link(label, "https://a.example/x"),)),)))) == [shown]


def test_addresses_in_text_can_be_followed() -> None:
    """An address that somebody wrote is a link by itself, whole; punctuation after it is not part of it."""
    post = Post("", (Paragraph(("See https://a.example/x_y_z (or http://b.example/q_(r)). 看https://c.example。",)),))
    found = seen(post)
    assert [url for _, url in found.links] == ["https://a.example/x_y_z", "http://b.example/q_(r)", "https://c.example"]


def test_an_address_that_goes_on_is_not_cut() -> None:
    """An address whose end is not certain is text: it is never a link to somewhere else."""
    found = seen(Post("", (Paragraph(("https://a.example/Künstler https://b.example/[x]",)),)))
    assert not found.links


def test_a_later_text_cannot_take_over_a_link() -> None:
    """A link ends where it ends, even for a client that looks for the last bracket of a line."""
    post = Post(
        "",
        (
            Paragraph(
                (
                    Link("Paper", "https://a.example/x"),
                    " by ](<https://evil.example>) x",
                )
            ),
        ),
    )
    assert ("Paper", "https://a.example/x") in seen(post).links


def test_text_from_right_to_left_keeps_to_its_place() -> None:
    """Beside other text it is isolated; marks that would turn what follows are gone."""
    (text,) = displays(to_json(Post("", (Paragraph(("שלום", " · by \u202eeve")),))))
    assert text == "\u2068שלום\u2069 · by eve"


def test_hostile_text_costs_no_time() -> None:
    """Long runs of what rules look for are rendered in linear time: this takes no minutes."""
    runs = (
        "(" * 50_000,
        "https://a.example/" + ")" * 50_000,
        "_*" * 50_000,
        "\u0301" * 50_000,
        " " * 50_000,
        "[" * 50_000,
    )
    for text in runs:
        for message in fit(Post(text, (Paragraph((text, Link(text, "https://a.example/x"))), Quote(text)))):
            check_message(to_json(message))
