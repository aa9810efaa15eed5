"""What an item is called and what it is: from its page, from what the member wrote, from its address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.describing import SUMMARY_LENGTH, TITLE_LENGTH, describe, kind_of, title_from, written_title
from bot.core.model import Item, Kind, Page

URL = "https://example.org/2026/how-bees-count"


def test_an_item_from_its_page() -> None:
    """Title, summary, picture and kind are the page's; the site is the host, which no page can choose."""
    page = Page(URL, "Bees", "arXiv", "On bees.", "https://example.org/bee.png", kind=Kind.POST)
    assert describe(URL, page, "A member's title") == Item(
        0, URL, "Bees", "example.org", Kind.POST, "On bees.", "https://example.org/bee.png"
    )


def test_an_item_without_a_page() -> None:
    """A page that cannot be read gives what the member wrote, or else the words of its address."""
    assert describe(URL, None, "Counting bees").title == "Counting bees"
    assert describe(URL) == Item(0, URL, "How bees count", "example.org", Kind.ARTICLE)
    assert describe("https://example.org/x7").title == "example.org/x7"


def test_a_host_known_for_its_kind_outranks_the_page() -> None:
    """A video on YouTube is a video, even if its page calls itself an article."""
    url = "https://www.youtube.com/watch?v=abcdefghijk"
    assert describe(url, Page(url, "Bees", kind=Kind.ARTICLE)).kind is Kind.VIDEO


def test_stars_stand_after_the_description() -> None:
    """How many people marked a repository is part of its summary, and is never what is cut off."""
    page = Page("https://github.com/a/b", "a/b", description="Small models.", stars=37128)
    assert describe(page.url, page).summary == "Small models. ★ 37,128"
    assert describe(page.url, Page(page.url, "a/b", stars=7)).summary == "★ 7"
    long = describe(page.url, Page(page.url, "a/b", description="word " * 200, stars=7)).summary
    assert long.endswith("… ★ 7")
    assert len(long) <= SUMMARY_LENGTH


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/a/b", Kind.REPOSITORY),
        ("https://huggingface.co/bert-base", Kind.REPOSITORY),
        ("https://huggingface.co/blog/long-range", Kind.ARTICLE),
        ("https://youtu.be/abcdefghijk", Kind.VIDEO),
        ("https://old.reddit.com/r/x/comments/1", Kind.POST),
        ("https://aclanthology.org/2021.acl-long.1", Kind.PAPER),
        ("https://notgithub.com/a/b", Kind.ARTICLE),
        ("nothing", Kind.ARTICLE),
    ],
)
def test_kinds_by_host(url: str, kind: Kind) -> None:
    """Without a page the host tells what a link leads to."""
    assert kind_of(url) is kind


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("[How bees count](https://example.org/x)", "How bees count"),
        ("read [this\u3000one](<https://example.org/x>) now", "this one"),
        ("<https://example.org/x|How bees count>", "How bees count"),
        ("https://example.org/x", ""),
        ("<https://example.org/x>", ""),
        ("[https://example.org/x](https://example.org/x)", ""),
        ("[1] https://example.org/x", ""),
        ("[](https://example.org/x)", ""),
    ],
)
def test_the_title_that_a_member_wrote(text: str, title: str) -> None:
    """A link written with a title, as Markdown or Slack has it, brings the title."""
    assert written_title(text) == title


@given(st.text(max_size=200), st.text(max_size=100), st.text(max_size=50))
def test_any_text_describes_something(title: str, description: str, written: str) -> None:
    """An item has a title on one line, of a length that can be shown, whatever pages and people write."""
    item = describe(URL, Page(URL, title, description=description), written)
    assert item.title
    assert "\n" not in item.title
    assert len(item.title) <= TITLE_LENGTH
    assert title_from(f"https://example.org/{title}")
    written_title("[" * 100 + written)
