from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.escapes import mentioned, undone
from tests.fakes.slack_typing import escaped


@given(st.text())
def test_what_was_typed_comes_back(text: str) -> None:
    """Letters that Slack writes as entities are undone, each once."""
    assert undone(escaped(text)) == text


@pytest.mark.parametrize(
    ("delivered", "typed"),
    [
        ("<https://example.org/a?b=1&amp;c=2>", "https://example.org/a?b=1&c=2"),
        ("<https://example.org|example.org>", "https://example.org"),
        ("<mailto:ada@example.org|ada@example.org>", "ada@example.org"),
        ("<@U123|ada> and <@U456>", "@ada and @U456"),
        ("<#C123|the-paper> and <#C456>", "#the-paper and #C456"),
        ("<!subteam^S123|@readers> and <!subteam^S456>", "@readers and @S456"),
        ("<!here> <!channel|channel>", "@here channel"),
        ("<!date^1392734382^{date}|February 18th>", "February 18th"),
        ("&amp;lt;", "&lt;"),
        ("a < b > c", "a  b  c"),
    ],
)
def test_what_slack_made_of_it_is_undone(delivered: str, typed: str) -> None:
    """Links, mentions and channels come as what they name."""
    assert undone(delivered) == typed


def test_mentions_stay_where_they_are_wanted() -> None:
    """Options that take members or a user group get them as Slack writes them."""
    text = "<@U1|ada> <!subteam^S1|@readers> <https://example.org|x>"
    assert undone(text, keep=("@",)) == "<@U1|ada> @readers https://example.org"
    assert undone(text, keep=("!subteam^",)) == "@ada <!subteam^S1|@readers> https://example.org"
    assert list(mentioned(text)) == ["U1"]


def test_hostile_text_takes_no_time() -> None:
    """A text that is all brackets or entities is read in one pass."""
    began = time.process_time()
    for text in ("<" * 200_000, "<a" * 100_000, "<" + "a" * 200_000, "&" * 200_000, "<@" * 100_000 + ">" * 100_000):
        undone(text)
        list(mentioned(text))
    assert time.process_time() - began < 5
