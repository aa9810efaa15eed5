"""What a link names: a page worth an item, a person, or only the kind of page that it leads to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.core.urls import site
from bot.sources.markdown.blocks import Span
from bot.sources.markdown.vocabulary import is_host, is_label

_PROFILES = frozenset(
    ("twitter.com", "x.com", "github.com", "gitlab.com", "medium.com", "instagram.com", "t.me", "facebook.com")
)
_FORUMS = frozenset({"news.ycombinator.com", "reddit.com", "lobste.rs", "twitter.com", "x.com"})
_PROFILE_PATH = re.compile(r"/(?:@[^/]{1,60}|(?:in|profile|people|user|u)/[^/]{1,80})/?")


def names_page(span: Span) -> bool:
    """Whether a link's text is a title, or the name of something that is not just the site it leads to."""
    if is_label(span.text):
        return is_host(span.text) and not _is_site_of(span)
    return True


def names_person(span: Span) -> bool:
    """Whether a link leads to somebody's profile, as that of an author does."""
    if span.text.lstrip().startswith("@"):
        return True
    try:
        path = urlsplit(span.url or "").path
    except ValueError:
        return False
    host = site(span.url or "").removeprefix("www.")
    alone = host in _PROFILES and path.strip("/") and "/" not in path.strip("/")
    return bool(alone) or _PROFILE_PATH.fullmatch(path) is not None


def leads_to_discussion(span: Span) -> bool:
    """Whether a link leads to a forum where other pages are talked about."""
    host = site(span.url or "").removeprefix("www.").removeprefix("old.")
    return host in _FORUMS


def _is_site_of(span: Span) -> bool:
    host = site(span.url or "").removeprefix("www.")
    named = "".join(span.text.split()).strip("【】[]()（）").lower().removeprefix("www.").partition("/")[0]
    return bool(host) and (host.endswith(named) or named.endswith(host))
