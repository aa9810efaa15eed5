"""The years of issues whose own headings name none: that of the heading they stand under, or of the list of issues."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence

from bot.sources.markdown.blocks import Block, Heading, Listing, wording, words
from bot.sources.markdown.dates import is_dated, read_marks


def years_of(blocks: Sequence[Block], starts: Sequence[int]) -> Mapping[int, int]:
    """The years of the issues that begin at these headings and name none, by index, where they can be told.

    A year stands over the same name in a list of issues, or in a higher heading before the issue; an issue that
    the list left out has that of the one after it, else before it.
    """
    listed, above = _listed_years(blocks), _years_above(blocks)
    undated = [at for at in starts if _year(blocks[at]) is None]
    years = {at: listed.get(_name(blocks[at])) or above.get(at) for at in undated}
    known = [at for at in undated if years[at]]
    found = {}
    for at in undated:
        near = years[at] or (years[known[min(bisect(known, at), len(known) - 1)]] if known else None)
        if near:
            found[at] = near
    return found


def _listed_years(blocks: Sequence[Block]) -> dict[str, int]:
    """The years that stand over the entries of lists, by what the entries say."""
    years: dict[str, int] = {}
    year = None
    for block in blocks:
        if isinstance(block, Heading):
            year = None if is_dated(words(block.line)) else _year(block)
        elif isinstance(block, Listing) and year:
            for entry in block.entries:
                years.setdefault(wording(entry.lines), year)
    return years


def _years_above(blocks: Sequence[Block]) -> dict[int, int]:
    """The years that the nearest higher headings name, by the index of the heading below them."""
    years: dict[int, int] = {}
    open_headings: list[tuple[int, int | None]] = []
    for at, block in enumerate(blocks):
        if isinstance(block, Heading):
            while open_headings and open_headings[-1][0] >= block.level:
                open_headings.pop()
            year = next((year for _, year in reversed(open_headings) if year), None)
            if year:
                years[at] = year
            open_headings.append((block.level, _year(block)))
    return years


def _year(block: Block) -> int | None:
    return read_marks(_name(block)).year


def _name(block: Block) -> str:
    return words(block.line) if isinstance(block, Heading) else ""
