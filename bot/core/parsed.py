"""What was read in a newsletter that was written elsewhere, before it becomes an issue here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class ParsedHighlight:
    """One highlight as its issue words it: `group` is the heading above it, `urls` are canonical, in order."""

    group: str | None
    text: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """A section by the number that its heading gives, or by its place among the sections where it gives none."""

    number: int | None
    name: str


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """One item of an issue.

    section: the number of its section, None where the issue has no sections. title: None where the text lost it.
    url: canonical. paper_title: the title beside the arXiv id. image: its address as the text gives it.
    site: the host of `url`.
    """

    section: int | None
    title: str | None
    url: str
    arxiv_id: str | None
    paper_title: str | None
    image: str | None
    site: str
    summary: str


@dataclass(frozen=True, slots=True)
class ParsedIssue:
    """One issue: what it says of itself, its highlights, its sections and their items.

    number, year, week, month: None where the text does not name them; a month is that of a monthly edition.
    dated: the day that the text names, the first of several. past_issues: links to earlier issues.
    """

    title: str | None
    number: int | None
    year: int | None
    week: int | None
    month: int | None
    source_url: str | None
    highlights: tuple[ParsedHighlight, ...]
    sections: tuple[ParsedSection, ...]
    items: tuple[ParsedItem, ...]
    past_issues: tuple[str, ...]
    dated: date | None = None


def to_json(issue: ParsedIssue) -> dict[str, Any]:
    """The issue as a JSON object: its text, number and date, highlights, sections, items, past issues."""
    fields = asdict(issue)
    del fields["dated"]
    return fields
