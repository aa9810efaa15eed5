"""What an item is called, what sort of thing it is and where it goes, from its page or from its address alone."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bot.core.model import Item, Kind, Page
from bot.core.text import clip, one_line
from bot.core.urls import site

TITLE_LENGTH = 200
SUMMARY_LENGTH = 300

TITLE_WORDS = 3
"""Fewer words at the end of an address are an id or a file name rather than a title."""

_SITES = {
    Kind.REPOSITORY: ("github.com", "gitlab.com", "codeberg.org", "huggingface.co"),
    Kind.VIDEO: ("youtube.com", "youtu.be", "vimeo.com"),
    Kind.POST: ("twitter.com", "x.com", "reddit.com", "mastodon.social", "bsky.app", "news.ycombinator.com"),
    Kind.PAPER: ("arxiv.org", "openreview.net", "doi.org", "aclanthology.org", "proceedings.mlr.press"),
}

_SECTION_WORDS = {
    Kind.PAPER: ("paper", "research", "论文", "論文"),
    Kind.ARTICLE: ("article", "blog", "news", "reading", "文章", "記事"),
    Kind.REPOSITORY: ("tool", "code", "software", "repositor", "工具", "ツール"),
    Kind.VIDEO: ("video", "talk", "watch", "视频", "動画"),
    Kind.POST: ("post", "discussion", "topic", "article"),
}

# A link as Markdown has it, and as Slack has it.
_WRITTEN = re.compile(
    r"\[([^\[\]\n]{1,300})\]\(<?https?://|<https?://[^\s|<>]{1,2000}\|([^<>\n]{1,300})>", re.IGNORECASE
)


def describe(url: str, page: Page | None = None, written: str = "") -> Item:
    """The item at an address.

    page: what it says of itself, where it could be read. written: the title that the member gave the link, which
    stands where the page gives none.
    """
    page = page or Page(url)
    by_host = kind_of(url)
    return Item(
        id=0,
        url=url,
        title=clip(one_line(page.title) or one_line(written) or stand_in_title(url), TITLE_LENGTH),
        site=site(url),
        kind=page.kind if page.kind and by_host is Kind.ARTICLE else by_host,
        summary=_summary(page),
        figure=page.picture,
    )


def _summary(page: Page) -> str:
    """What the page says of itself in a sentence or three, and how many people marked the repository."""
    marked = f"★ {page.stars:,}" if page.stars else ""
    said = clip(one_line(page.description), SUMMARY_LENGTH - len(marked) - 1)
    return " ".join(filter(None, (said, marked)))


def kind_of(url: str) -> Kind:
    """What sort of thing an address leads to, judged by its host; the blog of a host of repositories has articles."""
    host = site(url).removeprefix("www.")
    for kind, hosts in _SITES.items():
        if any(host == each or host.endswith("." + each) for each in hosts):
            return Kind.ARTICLE if kind is Kind.REPOSITORY and urlsplit(url).path.startswith("/blog") else kind
    return Kind.ARTICLE


def section_for(kind: Kind, sections: tuple[str, ...]) -> str:
    """The section that a thing of this kind goes to when nobody names one: by its name, else the first."""
    for name in sections:
        if any(word in name.casefold() for word in _SECTION_WORDS[kind]):
            return name
    return sections[0]


def title_from(url: str) -> str:
    """A title for a page nobody has read: the last words of its path, else its address."""
    parts = urlsplit(url)
    words = unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]).rsplit(".", 1)[0].replace("-", " ").replace("_", " ")
    readable = one_line(words)
    return (
        f"{readable[0].upper()}{readable[1:]}"
        if len(readable.split()) >= TITLE_WORDS
        else f"{parts.netloc}{parts.path}".rstrip("/")
    )


def is_stand_in(item: Item) -> bool:
    """Whether an item's title was made from its address, as its page could not be read."""
    return item.title == stand_in_title(item.url)


def stand_in_title(url: str) -> str:
    """The title of an item whose page could not be read."""
    return clip(title_from(url), TITLE_LENGTH)


def written_title(text: str) -> str:
    """The title that a member wrote for the first link that has one, or an empty string."""
    found = _WRITTEN.search(text)
    title = one_line((found[1] or found[2]) if found else "")
    return "" if "://" in title else title
