"""A part of a page as Markdown: its headings, paragraphs, lists, tables, links and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from selectolax.lexbor import LexborNode

from bot.sources.html_inline import BREAK, Piece, paragraphs, plain, tidied, written
from bot.sources.html_pictures import address_of, is_picture, is_sign, source_of
from bot.sources.html_tree import tags

Lead: TypeAlias = Callable[[str], str | None]
"""Where the address in a link leads; None where it leads nowhere outside the page."""

DEEPEST = 200
"""Below so many elements only the text is taken."""

_BLOCKS = tags(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th "
    "thead tr ul"
)
_HEADINGS = tags("h1 h2 h3 h4 h5 h6")
_LEFT_OUT = tags(
    "script style noscript template svg math iframe object embed video audio canvas map head title link meta "
    "input textarea select button pre del s strike figcaption"
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|bolder|[6-9]00)", re.IGNORECASE)
_NUMBER_OR_MARK = re.compile(r"[\W\d]*")
_FEWEST_WORDS = 4
_HEADING = re.compile(r"(#{1,6}) ")
_LONE_LINK = re.compile(r"\[\*\*([^\n]*)\*\*\]\((\S*)\)")


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a piece of text: bold, a link."""

    strong: bool = False
    url: str | None = None
    link: int = 0


class MarkdownWriter:
    """Writes one part of a page; left_out: the elements that are left out of it, by their ids."""

    def __init__(self, part: LexborNode, lead: Lead, left_out: Collection[int] = frozenset()) -> None:
        self._part = part
        self._lead = lead
        self._out = left_out
        self._links = 0
        self._level = 2
        self._holders = _holders_of_blocks(part)

    def write(self) -> str:
        """The whole part."""
        blocks = self._inside(self._part, 0)
        return "\n\n".join(_with_titles_below_pictures(blocks)) + "\n"

    def _inside(self, node: LexborNode, depth: int) -> list[str]:
        """The blocks inside an element; what stands between two of them is a paragraph."""
        made: list[str] = []
        run: list[Piece] = []
        child = node.child
        while child is not None:
            if self._is_block(child) and depth < DEEPEST:
                made += _written_apart(run)
                run = []
                made += self._block(child, depth + 1)
            else:
                run += self._pieces(child, _Around(), depth + 1)
            child = child.next
        return made + _written_apart(run)

    def _is_out(self, node: LexborNode) -> bool:
        return node.tag in _LEFT_OUT or node.mem_id in self._out

    def _is_block(self, node: LexborNode) -> bool:
        return node.tag in _BLOCKS or node.mem_id in self._holders or (node.tag == "img" and is_picture(node))

    def _block(self, node: LexborNode, depth: int) -> list[str]:
        tag = node.tag or ""
        match tag:
            case _ if self._is_out(node):
                return []
            case _ if tag in _HEADINGS:
                return self._heading(node, depth)
            case "a":
                return self._linked(node, depth)
            case "ul" | "ol":
                return self._list(node, depth)
            case "table" if rows := _rows_of_data(node):
                return self._table(rows, depth)
            case "hr" | "img" | "dt":
                return list(filter(None, [self._line(node, depth)]))
        inside = self._inside(node, depth)
        quoted = tag == "blockquote"
        return ["\n".join(f"> {line}" for line in block.split("\n")) for block in inside] if quoted else inside

    def _line(self, node: LexborNode, depth: int) -> str:
        """A rule, a picture, or a term as a bold line."""
        match node.tag:
            case "hr":
                return "* * *"
            case "img":
                return f"![]({address_of(source_of(node))})"
        return written([Piece(each.text, True, each.url, each.link) for each in self._pieces(node, _Around(), depth)])

    def _heading(self, node: LexborNode, depth: int) -> list[str]:
        pictures = [block for each in node.css("img") if is_picture(each) for block in self._block(each, depth)]
        pieces = self._on_one_line(node, depth)
        said = written([replace(each, strong=False) for each in pieces])
        level = int((node.tag or "h1")[1])
        if not any(each.url for each in pieces):
            self._level = level
        return [f"{'#' * level} {said}", *pictures] if said else pictures

    def _list(self, node: LexborNode, depth: int) -> list[str]:
        entries: list[str] = []
        child = node.child
        while child is not None:
            if child.tag in ("ul", "ol") and entries:
                entries[-1] += "\n" + _indented("\n".join(self._list(child, depth + 1)), "    ")
            elif child.is_element_node and not self._is_out(child):
                deep = depth >= DEEPEST
                blocks = [written(self._on_one_line(child, depth))] if deep else self._inside(child, depth + 1)
                mark = f"{len(entries) % 999 + 1}. " if node.tag == "ol" else "- "
                blocks = [block.removeprefix("- ") if at == 0 else block for at, block in enumerate(blocks)]
                if blocks:
                    entries.append(mark + _indented("\n\n".join(blocks), " " * len(mark)).lstrip())
            child = child.next
        return ["\n".join(entries)] if entries else []

    def _table(self, rows: list[list[LexborNode]], depth: int) -> list[str]:
        width = max(map(len, rows))
        lines = [[self._cell(cell, depth) for cell in row] + [""] * (width - len(row)) for row in rows]
        head = lines.pop(0) if any(cell.tag == "th" for cell in rows[0]) else [""] * width
        return ["\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * width, *lines))]

    def _cell(self, node: LexborNode, depth: int) -> str:
        """A cell of a table, whose lines are parted as Markdown parts them there."""
        return written(self._flat(node, depth), apart=True).replace("\n", "<br>")

    def _on_one_line(self, node: LexborNode, depth: int) -> list[Piece]:
        return [replace(each, text=each.text.replace(BREAK, " ")) for each in self._flat(node, depth)]

    def _linked(self, node: LexborNode, depth: int) -> list[str]:
        """A link around whole blocks, as previews of pages have: its title as a heading, its picture, its description.

        It stands one level below the heading before it.
        """
        url = self._lead(node.attributes.get("href") or "")
        if url is None:
            return self._inside(node, depth)
        blocks = [each for each in self._leaves(node, depth) if each[1]]
        pictures = [made for each in node.css("img") if is_picture(each) for made in self._block(each, depth)]
        if not blocks:
            return pictures
        heading, title = next((each for each in blocks if each[0]), blocks[0])
        level = heading if heading and len(blocks) == 1 else min(self._level + 1, 6)
        self._links += 1
        rest = [said for _, said in blocks if said != title and len(said.split()) >= _FEWEST_WORDS]
        description = [written([Piece(said)]) for said in sorted(rest, key=len)[-1:]]
        return [f"{'#' * level} {written([Piece(title, False, url, self._links)])}", *pictures, *description]

    def _leaves(self, node: LexborNode, depth: int) -> Iterator[tuple[int, str]]:
        """The texts of the innermost blocks of an element, each with the level of its heading, or 0."""
        child = node.child
        run: list[Piece] = []
        while child is not None:
            if self._is_block(child) and not self._is_out(child) and depth < DEEPEST:
                yield 0, plain(run)
                run = []
                if child.tag in _HEADINGS:
                    yield int((child.tag or "h1")[1]), plain(self._flat(child, depth + 1))
                elif child.tag != "img":
                    yield from self._leaves(child, depth + 1)
            else:
                run += self._pieces(child, _Around(), depth + 1)
            child = child.next
        yield 0, plain(run)

    def _flat(self, node: LexborNode, depth: int) -> list[Piece]:
        """All the text of an element, with a blank where one block ends and another begins."""
        pieces: list[Piece] = []
        child = node.child
        while child is not None:
            if self._is_block(child) and child.tag not in ("a", "img") and not self._is_out(child) and depth < DEEPEST:
                pieces += [Piece(" "), *self._flat(child, depth + 1), Piece(" ")]
            else:
                pieces += self._pieces(child, _Around(), depth + 1)
            child = child.next
        return pieces

    def _pieces(self, node: LexborNode, around: _Around, depth: int) -> list[Piece]:
        """The text of an inline element."""
        if node.is_text_node:
            text = tidied(node.text_content or "")
            return [Piece(text, around.strong, around.url, around.link)] if text else []
        tag = node.tag or ""
        if not node.is_element_node or self._is_out(node):
            return []
        if tag == "br":
            return [Piece(BREAK, around.strong, around.url, around.link)]
        if tag == "img":
            sign = tidied(node.attributes.get("alt") or "").strip() if not is_picture(node) else ""
            return [Piece(sign, around.strong, around.url, around.link)] if is_sign(sign) else []
        if depth > DEEPEST:
            text = tidied(node.text(deep=True))
            return [Piece(text, around.strong, around.url, around.link)]
        around = self._within(node, tag, around)
        pieces: list[Piece] = []
        child = node.child
        while child is not None:
            pieces += self._pieces(child, around, depth + 1)
            child = child.next
        return [] if tag == "a" and around.url is None and _is_anchor(node, plain(pieces)) else pieces

    def _within(self, node: LexborNode, tag: str, around: _Around) -> _Around:
        strong = around.strong or tag in ("b", "strong") or bool(_BOLD_STYLE.search(node.attributes.get("style") or ""))
        if tag != "a":
            return _Around(strong, around.url, around.link)
        self._links += 1
        return _Around(strong, self._lead(node.attributes.get("href") or ""), self._links)


def _is_anchor(node: LexborNode, said: str) -> bool:
    """Whether a link is one within the page that only a mark stands in: to a heading, or to a footnote."""
    return (node.attributes.get("href") or "").startswith("#") and _NUMBER_OR_MARK.fullmatch(said) is not None


def _holders_of_blocks(part: LexborNode) -> set[int]:
    """The elements that hold a block or a picture somewhere inside, by their ids."""
    holders: set[int] = set()
    for node in part.traverse():
        if node.tag in _BLOCKS or (node.tag == "img" and is_picture(node)):
            above = node.parent
            while above is not None and above.mem_id not in holders and above.mem_id != part.mem_id:
                holders.add(above.mem_id)
                above = above.parent
    return holders


def _rows_of_data(table: LexborNode) -> list[list[LexborNode]]:
    """The rows of a table that holds data; nothing for one that only lays a page or a mail out."""
    if table.attributes.get("role") in ("presentation", "none") or table.css_first("table table, h1, h2, h3, hr"):
        return []
    rows = [[cell for cell in row.iter() if cell.tag in ("td", "th")] for row in table.css("tr")]
    rows = [row for row in rows if row]
    width = max(map(len, rows), default=0)
    headed = any(cell.tag == "th" for row in rows for cell in row)
    even = len(rows) > 2 and all(len(row) == width for row in rows) and table.attributes.get("width") is None  # noqa: PLR2004
    return rows if width > 1 and (headed or even) else []


def _written_apart(run: list[Piece]) -> list[str]:
    return list(filter(None, map(written, paragraphs(run)))) if run else []


def _with_titles_below_pictures(blocks: list[str]) -> Iterator[str]:
    """The blocks; a bold link alone below a picture becomes a heading, as it would be taken for a caption."""
    level, pictured = 2, False
    for block in blocks:
        heading = _HEADING.match(block)
        if heading and "](" not in block:
            level = len(heading[1])
        lone = _LONE_LINK.fullmatch(block) if pictured else None
        yield f"{'#' * min(level + 1, 6)} [{lone[1]}]({lone[2]})" if lone else block
        pictured = block.startswith("![](")


def _indented(text: str, blanks: str) -> str:
    return "\n".join(blanks + line if line else line for line in text.split("\n"))
