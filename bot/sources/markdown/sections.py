"""Headings that are links: those of items, and those of sections whose lists stand below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.sources.markdown.blocks import Block, Heading, Listing, Row, Text, entry_links, wording, words
from bot.sources.markdown.entries import is_link_only
from bot.sources.markdown.notices import says_none

_LONGEST_NAME = 5


def linked_sections(blocks: Sequence[Block], *, listed: bool) -> frozenset[int]:
    """The indices of headings with a link that open a section rather than an item.

    listed: most items are entries of lists. Then headings with a link that follow each other are all sections if
    more than half of them are, as the ones between them that stay empty this time say no more than their names.
    """
    found: set[int] = set()
    for group in _groups(blocks):
        opening = {at for at, end in group if leads_to_list(blocks, at) or (listed and _opens_list(blocks, at, end))}
        found |= opening if 2 * len(opening) <= len(group) else {at for at, _ in group}
    return frozenset(found)


def leads_to_list(blocks: Sequence[Block], at: int) -> bool:
    """Whether a list of links or a table comes right after a block."""
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    return isinstance(following, Row) or (isinstance(following, Listing) and any(map(entry_links, following.entries)))


def _groups(blocks: Sequence[Block]) -> Iterator[list[tuple[int, int]]]:
    """Headings with a link that follow each other on one level, each by its index and that of the next heading."""
    headings = [(at, block) for at, block in enumerate(blocks) if isinstance(block, Heading)]
    ends = [at for at, _ in headings[1:]] + [len(blocks)] * bool(headings)
    group: list[tuple[int, int]] = []
    level = 0
    for (at, heading), end in zip(headings, ends, strict=True):
        linked = any(span.url for span in heading.line)
        if group and not (linked and heading.level == level):
            yield group
            group = []
        if linked:
            group.append((at, end))
            level = heading.level
    if group:
        yield group


def _opens_list(blocks: Sequence[Block], at: int, end: int) -> bool:
    """Whether a heading names the list below it, or has nothing below it that an item could be told by."""
    if at + 1 == end:
        return True
    for index in range(at + 1, end):
        block = blocks[index]
        if isinstance(block, Listing):
            return _is_named(blocks, at, index) and not all(map(is_link_only, block.entries))
        if not isinstance(block, Text):
            return isinstance(block, Row)
        if says_none(wording(block.lines)):
            return True
    return False


def _is_named(blocks: Sequence[Block], at: int, index: int) -> bool:
    """Whether a list belongs to the heading above: by a colon before it, a short name, or entries that say `none`."""
    heading, before, listing = blocks[at], blocks[index - 1], blocks[index]
    if isinstance(listing, Listing) and any(says_none(wording(entry.lines)) for entry in listing.entries):
        return True
    if not isinstance(listing, Listing) or not any(map(entry_links, listing.entries)):
        return False
    announced = isinstance(before, Text) and wording(before.lines).endswith((":", "："))
    return announced or (isinstance(heading, Heading) and len(words(heading.line).split()) <= _LONGEST_NAME)
