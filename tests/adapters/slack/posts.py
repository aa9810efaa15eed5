"""Posts for hypothesis, with text as hostile as people's may be on Slack."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.core.post import (
    Block,
    Bullets,
    Button,
    Card,
    Code,
    Divider,
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

HOSTILE = (
    *(
        "*",
        "**",
        "_",
        "__",
        "~",
        "`",
        "```",
        "\\",
        ">",
        "> ",
        ">>> ",
        "&gt; ",
        "&amp;",
        "&",
        "<",
        "|",
        "•",
        "- ",
        "1. ",
    ),
    *(":smile:", ":a", "b:", "::", ":", ":+1::skin-tone-2:", "@channel", "@here", "#general", "{date}", "^"),
    *(
        "<!channel>",
        "<!here|here>",
        "<@U012AB3CD>",
        "<#C012AB3CD|general>",
        "<!subteam^S012AB3CD>",
        "<!date^1^{ago}|x>",
    ),
    *("<https://evil.example|x>", "https://a.example/x_y_z", "evil.example", "a@b.example", "mailto:a@b.example"),
    *("\n", "\n\n", " ", "\t", "\r\n", "\u2028", "\u202e", "\u2066", "\u200f", "\u0000", "\ud800", "\x1b"),
    *(
        "שלום",
        "é",
        "e\u0301",
        "👩‍👩‍👧",
        "🇩🇪",
        "。",
        "論文",
        "A*",
        "x",
        "word",
        "Paper",
        "5 < 6",
        "C#",
        "snake_case",
        '"',
    ),
)

texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=6), max_size=8).map("".join)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(1, 400))

GOOD_URLS = ("https://a.example/x", "http://b.example/(y)_z?q=[1]&r=*", "https://c.example/" + "d" * 300)
STRANGE_URLS = (
    "https://ü.example/ä?x=<>|",
    "https://g.example/?" + "&" * 1900,
    "javascript:alert(1)",
    "",
    "https://",
    "ftp://e.example",
    "https://f.example/a b",
    "https://h.example/x.WEBP?size=2",
)

urls = st.sampled_from((*GOOD_URLS, *STRANGE_URLS))

times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
moments = st.builds(Moment, times, st.sampled_from(MomentStyle))


def inlines(words: st.SearchStrategy[str]) -> st.SearchStrategy[Inline]:
    """Anything that may stand in a line."""
    return words | st.builds(Strong, words) | st.builds(Emphasis, words) | st.builds(Link, words, urls) | moments


def lines(words: st.SearchStrategy[str]) -> st.SearchStrategy[Line]:
    """A line of a few nodes."""
    return st.lists(inlines(words), max_size=3).map(tuple)


pictures = st.builds(Picture, urls, texts)


def blocks(words: st.SearchStrategy[str]) -> st.SearchStrategy[Block]:
    """Any block."""
    several = st.lists(lines(words), max_size=4).map(tuple)
    return (
        st.builds(Heading, lines(words), st.integers(1, 3))
        | st.builds(Paragraph, lines(words))
        | st.builds(Small, lines(words))
        | st.builds(Bullets, several, st.booleans())
        | st.builds(Quote, words)
        | st.builds(Code, words)
        | pictures
        | st.builds(
            Card, lines(words), several, lines(words), st.none() | pictures, st.sampled_from(("", "1️⃣", "🦀", "\u2066"))
        )
        | st.builds(Divider)
    )


buttons = st.builds(
    Button,
    texts,
    st.sampled_from(("ballot", "newsletter preview", "nominate")),
    st.dictionaries(st.sampled_from(("link", "reference", "a&b=c")), st.text(max_size=30) | urls, max_size=2).map(
        lambda options: tuple(options.items())
    ),
    st.booleans(),
)


def posts(words: st.SearchStrategy[str], most: int = 8) -> st.SearchStrategy[Post]:
    """Any post within reason."""
    return st.builds(
        Post,
        texts,
        st.lists(blocks(words), max_size=most).map(tuple),
        st.lists(buttons, max_size=7).map(tuple),
        st.just(()),
        st.booleans(),
    )
