"""Items in tables: a row each, with its title in one column and its links in others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sources.markdown.blocks import Line, Row, Span, whole_links, words
from bot.sources.markdown.drafts import Draft
from bot.sources.markdown.lines import begins_with_link, read_line, read_title_and_text
from bot.sources.markdown.naming import names_page
from bot.sources.markdown.vocabulary import is_paper_label

_FIGURES_ONLY = re.compile(r"[\W\d_]*")
_BETWEEN_LINKS = re.compile(r"[\W_]*+(?:and|和|と)?+[\W_]*+")
_TITLE_COLUMN = re.compile(
    r"\W*(?:title|name|paper|article|project|post|item|story|topic|标题|題名|名称|论文|論文|文章|タイトル|記事)s?\W*",
    re.IGNORECASE,
)
_BETWEEN_CELLS = Span(" | ")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell that says something, and the heading of its column."""

    line: Line
    column: str

    @property
    def linked(self) -> bool:
        return any(span.url for span in self.line)

    @property
    def only_links(self) -> bool:
        """Whether nothing but links and what parts them stands in the cell."""
        between = "".join(span.text for span in self.line if not span.url)
        return self.linked and _BETWEEN_LINKS.fullmatch(between) is not None

    @property
    def names_page(self) -> bool:
        """Whether the cell is one link, and that is a title."""
        links = [span for span in self.line if span.url]
        return self.only_links and len(links) == 1 and names_page(links[0])


def read_row(row: Row, section: int) -> Draft | None:
    """The item of a table's row, or None if it has no link.

    Where the title's cell does not begin with a link, the item's address is the paper's, else the first,
    among the cells that hold nothing but links, whatever these are called.
    """
    cells = _cells(row)
    if not any(cell.linked for cell in cells):
        return None
    titled = next((cell for cell in cells if _TITLE_COLUMN.fullmatch(cell.column)), cells[0])
    if titled.names_page:
        return read_line(_joined(cells), section)
    texts = [cell for cell in cells if not cell.only_links]
    asides = [cell for cell in cells if cell.only_links]
    title = titled if titled in texts else next(iter(texts), None)
    if title is None or not asides or begins_with_link(title.line):
        return read_line(_joined(cells), section)
    rest = [cell for cell in texts if cell is not title]
    name, summary = read_title_and_text(_joined([title, *rest]))
    return Draft(section, name or None, _address(asides), texts=[summary] if summary else [])


def _cells(row: Row) -> list[_Cell]:
    columns = (*row.columns, *("" for _ in row.cells[len(row.columns) :]))
    cells = (_Cell(whole_links(line), column) for line, column in zip(row.cells, columns, strict=False))
    return [cell for cell in cells if cell.linked or not _FIGURES_ONLY.fullmatch(words(cell.line))]


def _address(asides: Sequence[_Cell]) -> str | None:
    links = [(span, cell.column) for cell in asides for span in cell.line if span.url]
    papers = (span for span, column in links if is_paper_label(span.text) or is_paper_label(column))
    return next(papers, links[0][0]).url


def _joined(cells: Sequence[_Cell]) -> Line:
    return tuple(span for at, cell in enumerate(cells) for span in ((_BETWEEN_CELLS, *cell.line) if at else cell.line))
