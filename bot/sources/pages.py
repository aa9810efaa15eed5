"""A page's head read as a `Page`: Open Graph, Twitter cards, JSON-LD, citation tags and plain HTML, best first.

Open Graph is at https://ogp.me, the citation tags at https://scholar.google.com/intl/en/scholar/inclusion.html#indexing.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable
from datetime import date
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from bot.core.errors import Unreadable
from bot.core.identity import same_site
from bot.core.model import Kind, Page
from bot.core.text import clip, one_line
from bot.core.urls import canonical, site
from bot.sources.addresses import Public, read_url
from bot.sources.jsonld import Data, read_data
from bot.sources.outline import Outline, outline

LONGEST_TITLE = 300
LONGEST_DESCRIPTION = 1_000
LONGEST_ADDRESS = 2_000

_MOST_AUTHORS = 3
_DATE = re.compile(r"\s*([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})(?![0-9])")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}))?(?![A-Za-z])")
_BEFORE_SITE = (" | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » ", " / ", "｜", "_", " @ ")
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#[0-9]{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)

# Titles of pages that stand in for the one that was asked for.
_STAND_INS = frozenset(
    [
        "accessdenied",
        "areyouarobot",
        "attentionrequired",
        "attentionrequiredcloudflare",
        "blocked",
        "checkingyourbrowser",
        "document",
        "error",
        "home",
        "index",
        "justamoment",
        "loading",
        "login",
        "notfound",
        "pagenotfound",
        "pleasewait",
        "redirecting",
        "robotcheck",
        "securitycheck",
        "signin",
        "untitled",
        "verifyingyouarehuman",
    ]
)


def read_page(html: str, url: str, language: str = "") -> Page:
    """Read what a page says of itself; what it does not say is empty.

    url: where it was found. language: what the server's header says of it. No text makes it raise.
    """
    head = outline(html)
    data = read_data(head.data)
    base = urljoin(url, head.base) if head.base else url
    name = _tidy(head.meta("og:site_name", "application-name") or data.site, 80)
    title = _title(head, data, url, name)
    description = _tidy(
        head.meta("og:description", "twitter:description", "citation_abstract", "description", "dc.description")
        or data.description,
        LONGEST_DESCRIPTION,
    )
    return Page(
        url=_own_address(head, url, base),
        title=title,
        site=name or site(url).removeprefix("www."),
        description="" if _plain(description) == _plain(title) else description,
        picture=_picture(head, data, base),
        author=_author(head, data),
        dated=_dated(head, data),
        kind=_kind(head, data),
        language=_language(head.language, head.meta("og:locale"), data.language, language),
    )


def _title(head: Outline, data: Data, url: str, name: str) -> str:
    named = [head.meta(each) for each in ("citation_title", "og:title", "twitter:title")]
    told = [*named, data.title, head.meta("dc.title", "title"), head.title]
    titles = [tidied for each in told if (tidied := _tidy(each, LONGEST_TITLE)) and _plain(tidied) not in _STAND_INS]
    names = {_plain(each) for each in (name, site(url).removeprefix("www."), _label(url)) if each}
    return next((_without_site(each, names) for each in titles if _plain(each) not in names), "") or (
        titles[0] if titles else ""
    )


def _label(url: str) -> str:
    """What a site calls itself most of the time: `example` of `www.example.org`."""
    labels = site(url).removeprefix("www.").split(".")
    return labels[-2] if len(labels) > 1 else ""


def _without_site(title: str, names: set[str]) -> str:
    """The title without the site's name at its end."""
    for mark in _BEFORE_SITE:
        before, _, after = title.rpartition(mark)
        if before.strip() and _plain(after) in names:
            return before.strip()
    return title


def _plain(text: str) -> str:
    """What is left of a text to compare it by: its letters and digits."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _tidy(text: str, length: int) -> str:
    """A text on one line; entities that were escaped twice are read twice, as pages do that often."""
    text = text[: 20 * length]
    return clip(one_line(entities.unescape(text) if _ENTITY.search(text) else text), length)


def _own_address(head: Outline, url: str, base: str) -> str:
    """The address that the page says is its own, where that is on its site and no mere front page."""
    found = canonical(url)
    for each in (head.link("canonical"), head.meta("og:url")):
        own = canonical(_joined(base, each)) if each else ""
        front = urlsplit(own).path.strip("/") == "" and urlsplit(found).path.strip("/") != ""
        if own and len(own) <= LONGEST_ADDRESS and same_site(own, found) and not front:
            return own
    return found


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def _picture(head: Outline, data: Data, base: str) -> str | None:
    """The address of the picture that stands for the page; vector drawings are not shown by chats."""
    tags = ("og:image:secure_url", "og:image:url", "og:image", "twitter:image", "twitter:image:src")
    for each in (head.meta(*tags), data.picture, head.link("image_src")):
        address = _joined(base, each) if each else ""
        parts = urlsplit(address) if site(address) and len(address) <= LONGEST_ADDRESS else None
        if parts and _may_be_public(address) and not parts.path.lower().endswith(".svg"):
            return address
    return None


def _may_be_public(address: str) -> bool:
    """Whether it may be given to chats and readers to open, as far as the address itself tells."""
    try:
        Public().check(read_url(address))
    except Unreadable:
        return False
    return True


def _author(head: Outline, data: Data) -> str:
    tags = ("citation_author", "article:author", "author", "dc.creator", "parsely-author", "twitter:creator")
    lists: list[Iterable[str]] = [head.metas.get(tags[0], ()), data.authors]
    lists += [head.metas.get(tag, ()) for tag in tags[1:]]
    for names in lists:
        found = list(dict.fromkeys(tidied for each in names if (tidied := _tidy(each, 80)) and "://" not in tidied))
        if found:
            return ", ".join(found) if len(found) <= _MOST_AUTHORS else f"{found[0]} et al."
    return ""


def _dated(head: Outline, data: Data) -> date | None:
    tags = ("article:published_time", "citation_publication_date", "citation_online_date", "citation_date")
    others = ("datepublished", "dc.date.issued", "dc.date", "date", "pubdate", "parsely-pub-date")
    told = (*map(head.meta, tags), data.dated, *map(head.meta, others))
    return next((day for each in told if (day := read_day(each))), None)


def read_day(text: str) -> date | None:
    """The day that a text begins with, as ISO 8601 has it or with slashes, or as mail has it."""
    text = text[:60]
    try:
        if match := _DATE.match(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        return parsedate_to_datetime(text).date() if text else None
    except (ValueError, OverflowError):
        return None


def _kind(head: Outline, data: Data) -> Kind | None:
    if any(head.meta(each) for each in ("citation_title", "citation_doi", "citation_pdf_url")):
        return Kind.PAPER
    if data.kind:
        return data.kind
    said = head.meta("og:type").strip().lower()
    if said.startswith("video"):
        return Kind.VIDEO
    return Kind.ARTICLE if said in ("article", "blog", "news", "newsarticle") else None


def _language(*told: str) -> str:
    """The first language that is named as one, as `en` or `zh-Hant` or `pt-BR`."""
    for each in told:
        if match := _LANGUAGE.match(each.strip()):
            parts = (match[1].lower(), (match[2] or "").title(), (match[3] or "").upper())
            return "-".join(filter(None, parts))
    return ""
