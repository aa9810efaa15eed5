"""An item while it is being read: what each line adds to it, and the record that it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.core.parsed import ParsedItem
from bot.core.references import ReferenceKind, reference
from bot.core.urls import site

_READING_TIME = re.compile(
    r"\s{0,9}[(（\[]\s?[0-9]{1,3}[\s-]{0,2}min(?:ute)?s?\.?(?:\s(?:read|video|listen|watch))?\s?[)）\]]$", re.IGNORECASE
)


@dataclass(slots=True)
class Draft:
    """What is known of an item so far; `section` is its place among the sections, -1 before the first."""

    section: int
    title: str | None
    url: str | None = None
    paper: str | None = None
    paper_title: str | None = None
    image: str | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def arxiv_id(self) -> str | None:
        """The paper that the item's address names, else the one that its id line names."""
        return paper_of(self.url) or self.paper

    def item(self, section: int | None) -> ParsedItem | None:
        """The item in the section of that number, or None if the text gave no address for it."""
        url = self.url or (f"https://arxiv.org/abs/{self.paper}" if self.paper else None)
        if not url:
            return None
        summary = "\n".join(self.texts)
        title = _READING_TIME.sub("", self.title) if self.title else None
        return ParsedItem(section, title or None, url, self.arxiv_id, self.paper_title, self.image, site(url), summary)


def paper_of(url: str | None) -> str | None:
    """The arXiv id that an address names, or None."""
    found = reference(url) if url else None
    return found.id if found and found.kind is ReferenceKind.ARXIV else None
