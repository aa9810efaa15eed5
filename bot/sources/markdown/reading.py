"""A newsletter's text read into its issues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue
from bot.core.urls import canonical, site
from bot.sources.markdown.blocks import Block, Card, Listing, Row, Text, entry_links, links, wording
from bot.sources.markdown.issues import read_issues
from bot.sources.markdown.mending import CutCard, mend
from bot.sources.markdown.parsing import first_blocks, parse, to_blocks
from bot.sources.markdown.spans import resolver
from bot.sources.markdown.vocabulary import announces_source, is_host

MOST_LINES = 50_000
MOST_MARKS = 100_000
"""How many lines and how many marks and addresses a text may have; reading as many takes some seconds."""

_MARK = re.compile(r"[\[\]*_`<!&\\|~]|://")
_SOURCE_FIELDS = ("source", "source_url", "canonical", "canonical_url", "url", "link", "permalink", "original")
_BLOCKS_BEFORE = 12
_LONGEST_LABEL = 24


def read_newsletter(text: str) -> tuple[ParsedIssue, ...]:
    """Read the issues in a newsletter's Markdown: one, or several where dated headings part them.

    Raises NotANewsletter, with a clause that says what the text is instead.
    """
    _check(text)
    mended = mend(text)
    tokens = parse(mended.text)
    source = _source(mended.fields, first_blocks(tokens, mended.cards, resolver(None), _BLOCKS_BEFORE))
    base = source or _base(mended.cards)
    blocks = to_blocks(tokens, mended.cards, resolver(base))
    issues = read_issues(blocks, mended.fields, source)
    if not issues:
        linked = any(map(_has_link, blocks))
        raise NotANewsletter(
            "it has links, but no items under titles, in lists or in tables" if linked else "it has no links"
        )
    return issues


def _check(text: str) -> None:
    if not text.strip():
        raise NotANewsletter("it is empty")
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise NotANewsletter(f"it has more than {MOST_LINES:,} lines")
    if sum(1 for _ in islice(_MARK.finditer(text), MOST_MARKS + 1)) > MOST_MARKS:
        raise NotANewsletter(f"it has more than {MOST_MARKS:,} marks of Markdown")


def _source(fields: dict[str, str], blocks: Sequence[Block]) -> str | None:
    """The newsletter's own address: a field, or a line near the top that says so or quotes nothing else."""
    for name in _SOURCE_FIELDS:
        if site(url := canonical(fields.get(name, ""))):
            return url
    for block in blocks:
        if isinstance(block, Listing | Row | Card):
            break
        found = links(block.lines) if isinstance(block, Text) else ()
        if isinstance(block, Text) and len(found) == 1:
            said = wording(block.lines)
            aside = "".join(span.text for line in block.lines for span in line if not span.url).strip()
            if len(aside) <= _LONGEST_LABEL and (announces_source(said) or block.quoted):
                return found[0]
    return None


def _base(cards: Sequence[CutCard]) -> str | None:
    """The site that relative links are on, from a preview that has one and shows its host."""
    hosts = (card.host for card in cards if card.url.startswith("/") and is_host(card.host))
    return next((f"https://{host}/" for host in hosts), None)


def _has_link(block: Block) -> bool:
    match block:
        case Text():
            return bool(links(block.lines))
        case Listing():
            return any(map(entry_links, block.entries))
        case Row():
            return bool(links(block.cells))
        case Card():
            return block.url is not None
    return any(span.url for span in getattr(block, "line", ()))
