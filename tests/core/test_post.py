"""Posts: kept as JSON and read back, shown as plain text."""

import dataclasses
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.core.plain import plain
from bot.core.post import (
    Bullets,
    Button,
    Card,
    Code,
    Divider,
    Emphasis,
    Heading,
    Link,
    Moment,
    MomentStyle,
    Paragraph,
    Picture,
    Post,
    Quote,
    Small,
    Strong,
    dump,
    load,
)

text = st.text(max_size=20)
inlines = st.one_of(
    text,
    st.builds(Strong, text),
    st.builds(Emphasis, text),
    st.builds(Link, text, text),
    st.builds(
        Moment,
        st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1)),
        st.sampled_from(MomentStyle),
        st.sampled_from(["UTC", "Asia/Tokyo"]),
    ),
)
lines = st.lists(inlines, max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Heading, lines, st.integers(1, 3)),
    st.builds(Paragraph, lines),
    st.builds(Small, lines),
    st.builds(Bullets, st.lists(lines, max_size=3).map(tuple), st.booleans()),
    st.builds(Quote, text),
    st.builds(Code, text),
    st.builds(Picture, text, text),
    st.builds(Card, lines, st.lists(lines, max_size=2).map(tuple), lines, st.none() | st.builds(Picture, text, text)),
    st.just(Divider()),
)
buttons = st.builds(Button, text, text, st.lists(st.tuples(text, text), max_size=2).map(tuple), st.booleans())
posts = st.builds(
    Post,
    text,
    st.lists(blocks, max_size=4).map(tuple),
    st.lists(buttons, max_size=2).map(tuple),
    st.lists(text, max_size=2).map(tuple),
    st.booleans(),
)


@given(posts)
def test_a_post_survives_the_outbox(post: Post) -> None:
    """What is dumped is loaded back equal, node for node."""
    assert load(dump(post)) == post


@given(posts)
def test_plain_text_loses_no_word_of_a_post(post: Post) -> None:
    """Every string of every block stands in the plain text."""
    shown = plain(post)
    for block in post.blocks:
        for word in _strings(block):
            assert all(line in shown for line in word.splitlines())


def _strings(value: object) -> list[str]:
    if isinstance(value, Moment):
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [word for each in value for word in _strings(each)]
    if dataclasses.is_dataclass(value):
        return [word for each in dataclasses.fields(value) for word in _strings(getattr(value, each.name))]
    return []


def test_a_moment_is_written_in_its_own_zone() -> None:
    """The same moment reads as the hour of the zone it names."""
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    post = Post("", (Paragraph((Moment(at, zone="Europe/Berlin"),)), Paragraph((Moment(at, MomentStyle.DATE),))))
    assert plain(post) == "Mon 23 November 2026, 09:00 CET\n\n23 November 2026"
