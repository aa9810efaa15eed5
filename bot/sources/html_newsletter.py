"""Newsletters on web pages and in mails: the part that is the newsletter, read with the rules for Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue
from bot.core.text import clean, one_line
from bot.core.urls import site
from bot.sources.furniture import furniture, is_furniture
from bot.sources.html_markdown import Lead, MarkdownWriter
from bot.sources.html_pictures import leads_to_picture
from bot.sources.html_tree import parse_html
from bot.sources.markdown import read_newsletter
from bot.sources.page_facts import Facts, read_facts
from bot.sources.redirects import unwrapped

_PARTS = (
    "div.available-content div.body.markup",
    "div.body.markup",
    "#content-blocks",
    "div.dream-post-content-doc",
    "div.rendered-post",
    "section.gh-content, div.gh-content",
    "article.markdown-body, div.markdown-body",
    "[itemprop=articleBody]",
    "div.entry-content, section.entry-content",
    "div.post-content, section.post-content, div.article-content",
    "article",
    "main, [role=main]",
    "body",
)
"""Where the text of a page is: in Substack, Beehiiv, Ghost, GitHub and WordPress, else by what HTML itself says."""

_LEAST_TEXT = 80
_MOST_HEADINGS = 20
_LATE_WEEKS = 8
_NOT_A_LETTER = re.compile(r"[\W_]+")


def read_html(
    html: str, *, base: str | None = None, title: str | None = None, url: str | None = None, dated: date | None = None
) -> tuple[ParsedIssue, ...]:
    """Read the issues in the HTML of a page, a mail or an entry of a feed.

    base: where it came from, to which its links are relative. title, url, dated: what is known of it from elsewhere;
    what is not is taken from the page. Raises NotANewsletter.
    """
    facts = read_facts(html, base)
    article = facts.article or dated is not None
    known = Facts(title or facts.title, url or facts.url, dated or facts.dated, article)
    return read_page(html, known, base)


def read_page(html: str, facts: Facts, base: str | None) -> tuple[ParsedIssue, ...]:
    """Read the issues in a page of which these facts are known; raises NotANewsletter."""
    issues = read_newsletter(fields(facts) + page_markdown(html, facts, base))
    return (with_date(issues[0], facts.dated),) if len(issues) == 1 and facts.article and facts.dated else issues


def with_date(issue: ParsedIssue, published: date) -> ParsedIssue:
    """The issue with the day that it was published, unless it names one itself."""
    if issue.dated:
        return issue
    # A week late in the year that comes out early in the next is of the year before.
    own = published.isocalendar()
    turned = issue.week is not None and issue.week > own.week + _LATE_WEEKS
    year = own.year if issue.week else published.year
    return replace(issue, dated=published, year=issue.year or year - turned)


def page_markdown(html: str, facts: Facts, base: str | None) -> str:
    """The newsletter on a page, as Markdown; raises NotANewsletter for an empty page."""
    lead, led = leading(base or facts.url)
    part = main_part(parse_html(clean(html)))
    if part is None:
        raise NotANewsletter("it is an empty page")
    left_out = furniture(part, led) | _title(part, facts.title)
    return MarkdownWriter(part, lead, left_out).write()


def leading(base: str | None) -> tuple[Lead, Callable[[str], str]]:
    """How links lead on a page with this address, counters passed by: those of its text, and all that there are.

    Of its text's are left out what shares or subscribes, what leads to a place within the page, and picture files.
    """

    def led(address: str) -> str:
        address = address.strip()
        try:
            return unwrapped(urljoin(base, address) if base else address)
        except ValueError:
            return ""

    def lead(address: str) -> str | None:
        url = "" if address.strip().startswith("#") else led(address)
        return url if site(url) and not is_furniture(url) and not leads_to_picture(url) else None

    return lead, led


def main_part(page: LexborHTMLParser) -> LexborNode | None:
    """The part of a page that its text is in: the first that is known and holds something."""
    for selector in _PARTS:
        found = page.css(selector)
        sizes = [len(node.text(deep=True)) for node in found]
        if not found or max(sizes) < _LEAST_TEXT:
            continue
        # Several articles of about one size are a list of articles, and their page is what was meant.
        if selector == "article" and len(found) > 1 and max(sizes) < sum(sizes) / 2:
            continue
        return found[sizes.index(max(sizes))]
    return page.body


def _title(part: LexborNode, title: str | None) -> set[int]:
    """The heading that is the page's own title, as that is known already."""
    for heading in part.css("h1, h2")[:_MOST_HEADINGS]:
        if title and _key(heading.text(deep=True)) == _key(title):
            return {heading.mem_id}
    return set()


def _key(text: str) -> str:
    return _NOT_A_LETTER.sub("", text).casefold()


def fields(facts: Facts) -> str:
    """What is known of an issue, as the fields that a text in Markdown may begin with."""
    named = {
        "title": one_line(facts.title or "")[:300],
        "date": facts.dated.isoformat() if facts.dated and facts.article else "",
        "url": facts.url or "",
    }
    lines = [f"{name}: {value}" for name, value in named.items() if value]
    return "\n".join(["---", *lines, "---", "", ""]) if lines else ""
