"""Titles as arXiv's API is asked for them, and its hits in the order in which they are likely meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.core.model import Paper

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 300
_MOST_WORDS = 30
_TELLING = 4
"""Letters of a word that is looked for wherever it stands; what is shorter is in half of all titles."""


def title_query(title: str) -> str:
    """The query for papers with such a title, or an empty string where it has no words.

    Either the words stand in the title side by side, or the longer ones somewhere in it.
    https://info.arxiv.org/help/api/user-manual.html#query_details
    """
    words = _words(title[:_LONGEST])[:_MOST_WORDS]
    if not words:
        return ""
    telling = [each for each in words if len(each) >= _TELLING or not each.isascii()]
    side_by_side = f'ti:"{" ".join(words)}"'
    if len(telling) < 2:  # noqa: PLR2004 # one word alone would find far too much
        return side_by_side
    return f"{side_by_side} OR ({' AND '.join(f'ti:{each}' for each in telling)})"


def by_likeness(title: str, papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers, those first whose title is just this one, then those that begin with it, else as they came."""
    wanted = _words(title)

    def unlike(paper: Paper) -> int:
        words = _words(paper.title)
        return 0 if words == wanted else 1 if words[: len(wanted)] == wanted else 2

    return tuple(sorted(papers, key=unlike))


def _words(title: str) -> list[str]:
    return _WORD.findall(title.lower())
