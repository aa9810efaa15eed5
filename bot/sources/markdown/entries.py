"""Items in lists: an entry each, or those of the entries below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.sources.markdown.blocks import Entry, Line, Span, entry_links, joined, whole_links, wording, words
from bot.sources.markdown.drafts import Draft
from bot.sources.markdown.lines import begins_with_link, read_line
from bot.sources.markdown.naming import names_page, names_person
from bot.sources.markdown.notices import is_own_notice, says_none
from bot.sources.markdown.vocabulary import is_label

_DATE_FIRST = re.compile(
    r"\W*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:\d{1,2}\s)?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s\d|\d{1,2}\s?月\s?\d{1,2}\s?日)",
    re.IGNORECASE,
)
_BETWEEN_LINKS = Span(" | ")
_LONGEST_SCENE = 300


def read_entry(entry: Entry, section: int) -> Iterator[Draft]:
    """The items of a list's entry: one if it has a link, and those of the entries below it that begin with one.

    An entry that begins with a date only says when and where what is linked below it takes place.
    """
    own = joined(entry.lines)
    below = tuple(child for child in entry.children if entry_links(child))
    if says_none(words(own)) and not begins_with_link(own):
        return
    if any(span.url for span in own):
        yield from _linked_entry(entry, own, section)
    elif below and words(own) and all(map(is_link_only, below)):
        linked = (span for child in below for line in child.lines for span in line if span.url)
        yield read_line((*own, *(part for span in linked for part in (_BETWEEN_LINKS, span))), section)
    else:
        for child in below:
            yield from read_entry(child, section)


def _linked_entry(entry: Entry, own: Line, section: int) -> Iterator[Draft]:
    titles = [child for child in entry.children if _is_title(child)]
    said = words(own)
    if titles and len(said) <= _LONGEST_SCENE and _DATE_FIRST.match(said):
        for child in titles:
            for draft in read_entry(child, section):
                draft.texts.append(said)
                yield draft
        return
    if not _is_own_notice(own):
        draft = read_line(own, section)
        draft.texts += filter(None, (wording(child.lines) for child in entry.children if _is_comment(child)))
        yield draft
    for child in titles:
        yield from read_entry(child, section)


def begins_with_bold_title(lines: tuple[Line, ...]) -> bool:
    """Whether a paragraph begins with bold words and has a link, as an item in one paragraph does."""
    first = next((span for span in lines[0] if span.text.strip()), None)
    return first is not None and first.strong and any(span.url for line in lines for span in line)


def begins_with_bold_link(line: Line) -> bool:
    """Whether a paragraph's first line begins with a link in bold that names a page."""
    spans = whole_links(line)
    first = next((span for span in spans if span.text.strip()), None)
    return (
        first is not None and bool(first.url) and first.strong and names_page(first) and not is_own_notice(first.text)
    )


def is_link_only(entry: Entry) -> bool:
    """Whether an entry is but a link for the one above it: `Paper: https://…`."""
    linked = [span for line in entry.lines for span in line if span.url]
    rest = "".join(span.text for line in entry.lines for span in line if not span.url)
    return bool(linked) and all(is_label(span.text) for span in linked) and is_label(rest.strip().rstrip(":："))


def _is_title(entry: Entry) -> bool:
    """Whether an entry begins with a link that names a page of its own."""
    spans = whole_links(entry.lines[0]) if entry.lines else ()
    first = next((span for span in spans if span.url), None)
    return first is not None and names_page(first) and begins_with_link(spans)


def _is_comment(entry: Entry) -> bool:
    return not _is_title(entry) and not is_link_only(entry)


def _is_own_notice(own: Line) -> bool:
    """Whether a line is but one link, which leads to where the newsletter or a person is followed."""
    linked = [span for span in whole_links(own) if span.url]
    if len(linked) != 1 or words(own).strip(" .!") != linked[0].text.strip(" .!"):
        return False
    return is_own_notice(linked[0].text) or (is_label(linked[0].text) and names_person(linked[0]))
