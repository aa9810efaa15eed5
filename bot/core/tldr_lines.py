"""Abstracts in, sentences out, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.core.errors import Refused
from bot.core.tldr import tldr


def tldr_lines(lines: Iterable[str]) -> Iterator[str]:
    """For each line `{"title", "abstract"}` the line `{"tldr"}`; a title may be left out, empty lines are passed over.

    Raises `Refused`, with the number of the line, for one that is no such thing; what came before it has been given.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            title, abstract = _paper(line, number)
            yield json.dumps({"tldr": tldr(abstract, title)})


def _paper(line: str, number: int) -> tuple[str | None, str]:
    try:
        facts: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused(f'Line {number} is not JSON. Write one {{"title": …, "abstract": …}} a line.') from None
    if not isinstance(facts, dict):
        raise Refused(f'Line {number} is no JSON object. Write one {{"title": …, "abstract": …}} a line.')
    abstract, title = facts.get("abstract"), facts.get("title")
    if not isinstance(abstract, str):
        raise Refused(f'Line {number} has no "abstract" that is a text.')
    if not isinstance(title, str | None):
        raise Refused(f'Line {number} has a "title" that is no text; leave it out where there is none.')
    return title, abstract
