"""Lines that give a paper's id and title: `【2103.06255】…`, `[2103.06255] …`, whatever follows them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.references import ReferenceKind, reference
from bot.sources.markdown.blocks import Line, wording, words
from bot.sources.markdown.vocabulary import is_id

_ID_FIRST = re.compile(
    r"^[\s*]*[【\[［〔「(（]\s*(?P<id>[^【】\[\]［］〔〕「」()（）]{4,60})\s*[】\]］〕」)）]+\s*[:：]?\s*(?P<rest>.*)$",
    re.DOTALL,
)
_IN_BRACKETS = re.compile(r"^\s*(?:【[^【】]*】|\[[^\[\]]*\]|［[^［］]*］)\s*$")
_SENTENCE_END = re.compile(r"[。.！!]$")
_GAP_IN_WIDE = re.compile(r"(?<=[\u3040-\u9fff？！」』])[ \u3000](?=[\u3040-\u9fff])")
_OPENING = re.compile(
    r"\s(?=(?:他们|作者|本文|本研究|这是|这项|该|一[项种个篇]|研究|提出|我们|他們|這是|これは|この|本研究|本論文|著者|彼ら"
    r"|They\s|The\sauthors?\s|This\s|We\s|In\sthis\s))"
)
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class IdLine:
    """The paper that a line names, the title beside its id, and what the same paragraph says after that."""

    paper: str
    title: str | None
    rest: str


def read_id_line(lines: tuple[Line, ...], *, alone: bool) -> IdLine | None:
    """A paragraph that begins with a paper's id in brackets, or None.

    alone: no other paragraph follows that could be the summary, so that one line may hold title and summary.
    """
    match = _ID_FIRST.match(words(lines[0])) if lines else None
    if not match or not is_id(match["id"]):
        return None
    found = reference(match["id"])
    if not found or found.kind is not ReferenceKind.ARXIV:
        return None
    title, rest = match["rest"].strip(" *"), wording(lines[1:])
    if alone and not rest:
        title, rest = _part(title)
    if len(title) > _LONGEST_TITLE:
        title, rest = "", f"{title} {rest}".strip()
    return IdLine(found.id, title or None, rest)


def stands_in_brackets(line: Line) -> bool:
    """Whether a whole line stands in square brackets of any script, as the title of a linked page does."""
    return _IN_BRACKETS.match(words(line)) is not None


def _part(text: str) -> tuple[str, str]:
    """Title and summary out of one line: parted where a script that uses no blanks has one."""
    if not _SENTENCE_END.search(text):
        return text, ""
    gap = _GAP_IN_WIDE.search(text) or _OPENING.search(text)
    return (text[: gap.start()], text[gap.end() :]) if gap else ("", text)
