"""Rows of tables that a stray bar cut into more cells than the table has columns, made whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

_BAR = re.compile(r"(?<!\\)\|")
_BELOW_HEADER = re.compile(r"[\s|:-]+")
_LINK = "]("


def with_whole_rows(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with bars escaped in rows that have too many; what a parser would drop is a row's last cells."""
    columns = 0
    before = ""
    for line in lines:
        whole = line
        if "|" not in line:
            columns = 0
        elif "|" in before and "-" in line and _BELOW_HEADER.fullmatch(line):
            columns = len(_cells(line))
        elif columns > 1 and len(cells := _cells(line)) > columns:
            whole = f"|{'|'.join(_joined(cells, columns))}|"
        before = line
        yield whole


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return _BAR.split(line)


def _joined(cells: list[str], columns: int) -> list[str]:
    """As many cells as there are columns: those that follow each other with the fewest links and most text are one."""
    width = len(cells) - columns + 1
    linked = [0, *accumulate(cell.count(_LINK) for cell in cells)]
    length = [0, *accumulate(map(len, cells))]
    at = min(range(columns), key=lambda at: (linked[at + width] - linked[at], length[at] - length[at + width]))
    return [*cells[:at], "\\|".join(cells[at : at + width]), *cells[at + width :]]
