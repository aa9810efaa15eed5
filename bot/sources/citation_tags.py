"""A paper's page read by its citation tags, as the proceedings of ACL, CVF, ICML and NeurIPS have them.

https://scholar.google.com/intl/en/scholar/inclusion.html#indexing lists the tags.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

from bot.core.errors import NoSuchPaper, NotANewsletter, SourceDown, Unreadable
from bot.core.model import Paper
from bot.core.references import ReferenceKind, reference
from bot.core.text import clip, one_line
from bot.core.urls import site
from bot.sources.dates import dated_text
from bot.sources.decoding import decode
from bot.sources.fetching import Fetched, Fetcher
from bot.sources.html_tree import parse_html
from bot.sources.latex import readable
from bot.sources.outline import outline

LONGEST = 2_000_000
"""Characters of a page that are looked at."""

MOST_AUTHORS = 5_000

_DATES = ("publication_date", "date", "online_date", "cover_date", "year", "conference_date")
_JOURNALS = ("journal_title", "journal_abbrev")
_VENUES = ("conference_title", "inbook_title", "book_title", "conference")
_ABSTRACTS = (
    "div.acl-abstract > span",
    "div#abstract",
    "p.paper-abstract",
    "p.abstract",
    "div.abstract",
    "section.abstract",
)
_OK = 200
_GONE = frozenset({404, 410})
_HEADING = "Abstract"
_MOST_HEADINGS = 50

Tags = dict[str, list[str]]


class PageSource:
    """The port `PaperSource` over pages, which nobody vouches for; a paper's id is its page's address."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        """The paper of a page; raises `NoSuchPaper` or `SourceDown`."""
        name = clip(paper_id, 200)
        try:
            answer = await self._fetcher.fetch(paper_id)
        except Unreadable as error:
            raise SourceDown(str(error)) from error
        if answer.status in _GONE:
            raise NoSuchPaper(f"There is no page at {name}.")
        if answer.status != _OK:
            raise SourceDown(f"{name} cannot be read just now: it answered with status {answer.status}.")
        # In a thread, as a page may take some tenths of a second.
        paper = await asyncio.to_thread(_read, answer, paper_id)
        if paper is None:
            raise NoSuchPaper(f"The page at {name} does not say which paper it is of.")
        return paper


def _read(answer: Fetched, url: str) -> Paper | None:
    return paper_of_page(decode(answer.content, answer.headers.get("Content-Type", ""), cut=answer.cut), url)


def paper_of_page(html: str, url: str) -> Paper | None:
    """The paper that a page with this address is of, or None where its tags name none."""
    html = html[:LONGEST]
    tags = citation_tags(html)
    title = _text(tags, "title")
    if not title:
        return None
    published, precision = dated_text(_text(tags, *_DATES))
    journal = _text(tags, *_JOURNALS)
    doi = reference(_text(tags, "doi"))
    return Paper(
        id=url,
        version=1,
        title=title,
        authors=_authors(tags),
        abstract=_abstract(html, tags),
        published=published,
        updated=published,
        doi=doi.id.lower() if doi and doi.kind is ReferenceKind.DOI else "",
        journal=journal,
        kind=ReferenceKind.PAGE,
        venue="" if journal else _text(tags, *_VENUES),
        publisher=_text(tags, "publisher"),
        volume=_text(tags, "volume"),
        number=_text(tags, "issue"),
        pages="-".join(filter(None, (_text(tags, "firstpage"), _text(tags, "lastpage")))),
        pdf=_file(url, _text(tags, "pdf_url")),
        precision=precision,
    )


def citation_tags(html: str) -> Tags:
    """The page's citation tags by name, without the prefix, each with its contents in their order."""
    metas = outline(html).metas
    said = ((name, [each for each in metas[name] if each.strip()]) for name in metas if name.startswith("citation_"))
    return {name.removeprefix("citation_"): contents for name, contents in said if contents}


def _text(tags: Tags, *names: str) -> str:
    """The first of these tags that says something, as plain text."""
    found = (one_line(readable(tags[name][0])) for name in names if name in tags)
    return next((each for each in found if each), "")


def _file(url: str, said: str) -> str:
    """The address of the paper's file, which may be said from the page's own."""
    try:
        address = urljoin(url, said) if said else ""
    except ValueError:
        return ""
    return address if site(address) else ""


def _authors(tags: Tags) -> tuple[str, ...]:
    """The authors as they are called; some pages name all of them in one tag, some with the last name first."""
    given = tags.get("author", [])
    if not given:
        given = [each for listed in tags.get("authors", []) for each in listed.split(";")]
    names = (_called(one_line(readable(each))) for each in given[:MOST_AUTHORS])
    return tuple(each for each in names if each)


def _called(name: str) -> str:
    last, comma, first = name.partition(",")
    if not comma or "," in first:
        return name
    return f"{first.strip()} {last.strip()}".strip()


def _abstract(html: str, tags: Tags) -> str:
    """The abstract: of a tag, else of the element that such pages keep it in, else what stands below its heading."""
    if said := _text(tags, "abstract"):
        return said
    try:
        tree = parse_html(html)
    except NotANewsletter:  # more tags than any paper's page has
        return ""
    for selector in _ABSTRACTS:
        node = tree.css_first(selector)
        said = one_line(readable(node.text())) if node else ""
        if said:
            return one_line(said.removeprefix(_HEADING))
    for heading in tree.css("h2, h3, h4")[:_MOST_HEADINGS]:
        if one_line(heading.text()).rstrip(":") == _HEADING:
            below = heading.next
            while below is not None and not one_line(below.text()):
                below = below.next
            return one_line(readable(below.text())) if below else ""
    return ""
