"""How a newsletter is laid out: its title, what comes before the items, which headings open sections."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sources.markdown.blocks import (
    Block,
    Card,
    Entry,
    Figure,
    Heading,
    Listing,
    Row,
    Rule,
    Text,
    entry_links,
    wording,
    words,
)
from bot.sources.markdown.dates import is_dated
from bot.sources.markdown.sections import leads_to_list, linked_sections
from bot.sources.markdown.titles import is_whole_title, read_title
from bot.sources.markdown.vocabulary import Topic, topic_of

_NUMBERED = re.compile(
    r"^\W{0,4}?(?P<number>[0-9]{1,2})\s*(?:[.．。、)）:：](?![0-9])|\ufe0f?\u20e3)\s*(?P<name>\S.*)$", re.DOTALL
)
_NUMBERED_WIDE = re.compile(r"^\W{0,4}?(?P<number>[一二三四五六七八九十])\s*[、．.]\s*(?P<name>\S.*)$", re.DOTALL)
_WIDE_NUMBERS = "一二三四五六七八九十"
_NOT_A_LETTER = re.compile(r"[\W_]+")
_MOST_CONTENTS = 60


@dataclass(frozen=True, slots=True)
class Named:
    """A heading as a section: the number in front of its name, if there is one."""

    number: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How one issue is laid out.

    title: the index of its heading, or None. contents: that of its table of contents. body: the index where items
    may begin. sections: headings that are sections for certain, by index. level: the level of numbered headings,
    or None where sections have no numbers. listed: most items are entries of lists or rows of tables, so that a
    paragraph is none. linked: headings with a link that open sections, by index.
    """

    title: int | None
    contents: int | None
    body: int
    sections: dict[int, Named]
    level: int | None
    listed: bool
    linked: frozenset[int]


def make_plan(blocks: Sequence[Block], *, titled: bool) -> Plan:
    """Lay out an issue; `titled` says that its title is known, so that no heading is."""
    numbered = _numbered_headings(blocks)
    contents = _contents(blocks, numbered)
    named = _named_in_contents(blocks, contents, numbered)
    title = None if titled else _title(blocks, numbered, contents)
    start = contents + 1 if contents is not None else min(numbered, default=None)
    if start is None:
        start = 0 if title is None else title + 1
    levels = Counter(_level(blocks[at]) for at in numbered)
    listed = _is_listed(blocks[start:])
    return Plan(
        title=title,
        contents=contents,
        body=start,
        sections={at: name for at, name in (numbered | named).items() if at >= start},
        level=levels.most_common(1)[0][0] if levels else None,
        listed=listed,
        linked=linked_sections(blocks, listed=listed),
    )


def heading_name(line: str) -> Named:
    """A heading's number and name: `3. Papers`, `2️⃣ Tools`, `四、论文`."""
    if found := _NUMBERED.match(line):
        return Named(int(found["number"]), found["name"].strip())
    if found := _NUMBERED_WIDE.match(line):
        return Named(_WIDE_NUMBERS.index(found["number"]) + 1, found["name"].strip())
    return Named(None, line)


def _numbered_headings(blocks: Sequence[Block]) -> dict[int, Named]:
    found: dict[int, Named] = {}
    for at, block in enumerate(blocks):
        if isinstance(block, Heading) and not any(span.url for span in block.line):
            named = heading_name(words(block.line))
            if named.number is not None:
                found[at] = named
    return found


def _contents(blocks: Sequence[Block], numbered: dict[int, Named]) -> int | None:
    """The index of the table of contents: a list without links whose entries come again as headings."""
    headings = {_key(words(block.line)) for block in blocks if isinstance(block, Heading)}
    numbers = {named.number for named in numbered.values()}
    for at, block in enumerate(blocks):
        if isinstance(block, Listing) and 1 < len(block.entries) <= _MOST_CONTENTS:
            if any(map(entry_links, block.entries)):
                continue
            again = sum(
                _key(_name(entry)) in headings or (block.ordered and number in numbers)
                for number, entry in enumerate(block.entries, 1)
            )
            if again * 2 >= len(block.entries):
                return at
        elif isinstance(block, Row) or at in numbered:
            break
    return None


def _named_in_contents(blocks: Sequence[Block], contents: int | None, numbered: dict[int, Named]) -> dict[int, Named]:
    """Headings after the contents that are named there, though they lost their number, by index."""
    listing = None if contents is None else blocks[contents]
    if contents is None or not isinstance(listing, Listing):
        return {}
    names = {_key(_name(entry)): number for number, entry in enumerate(listing.entries, 1)}
    found: dict[int, Named] = {}
    for at, block in enumerate(blocks):
        if at > contents and at not in numbered and isinstance(block, Heading):
            name = words(block.line)
            if _key(name) in names:
                found[at] = Named(names[_key(name)] if listing.ordered else None, name)
    return found


def _title(blocks: Sequence[Block], numbered: dict[int, Named], contents: int | None) -> int | None:
    """The index of the newsletter's own title: a heading before everything else, without items of its own."""
    at = next((at for at, block in enumerate(blocks) if not isinstance(block, Text | Rule | Figure)), None)
    if at is None or at in numbered:
        return None
    heading = blocks[at]
    if not isinstance(heading, Heading) or topic_of(words(heading.line)):
        return None
    others = [block for block in blocks[at + 1 :] if isinstance(block, Heading)]
    alone = all(other.level != heading.level for other in others)
    if any(span.url for span in heading.line):
        return at if alone and all(other.level > heading.level for other in others) else None
    before = numbered or contents is not None or is_dated(words(heading.line))
    return at if alone or before or not _has_items_first(blocks, at) else None


def _has_items_first(blocks: Sequence[Block], at: int) -> bool:
    """Whether something that could be an item comes before the next heading."""
    for block in blocks[at + 1 :]:
        if isinstance(block, Heading):
            return False
        if isinstance(block, Listing | Row | Card | Figure):
            return True
        title = read_title(block.lines[0]) if isinstance(block, Text) else None
        if title and is_whole_title(title):
            return True
    return True


def _is_listed(blocks: Sequence[Block]) -> bool:
    """Whether lists and tables hold more items than paragraphs and headings do."""
    listed = titled = 0
    skipped = False
    for at, block in enumerate(blocks):
        match block:
            case Heading():
                skipped = topic_of(words(block.line)) in {Topic.PAST, Topic.ABOUT, Topic.ELSEWHERE, Topic.CONTENTS}
                titled += any(span.url for span in block.line) and not leads_to_list(blocks, at)
            case Listing() if not skipped:
                listed += sum(bool(entry_links(entry)) for entry in block.entries)
            case Row():
                listed += any(span.url for cell in block.cells for span in cell)
            case Text():
                title = read_title(block.lines[0])
                titled += title is not None and is_whole_title(title)
    return listed > titled


def _level(block: Block) -> int:
    return block.level if isinstance(block, Heading) else 0


def _name(entry: Entry) -> str:
    return heading_name(wording(entry.lines)).name


def _key(name: str) -> str:
    """A name as it is compared: without number, blanks, punctuation and case."""
    return _NOT_A_LETTER.sub("", heading_name(name).name).casefold()
