"""Papers as people name them: by an id or an address in a text, and by a short name in a button."""

from __future__ import annotations

import re
from hashlib import sha256

from bot.core.proceedings import page_of_doi, paper_page
from bot.core.references import Reference, ReferenceKind, reference
from bot.core.text import without_tail
from bot.core.urls import canonical

SHORT = 60
"""Letters of a paper's name in a button."""

_DIGEST = re.compile(r"page:[0-9a-f]{16}")
_ADDRESS = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)


def short_name(paper: Reference) -> str:
    """The paper by a name that fits a button, which holds few letters on Discord: a digest where its own is long."""
    name = str(paper)
    return name if len(name) <= SHORT else f"page:{sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}"


def is_short_name(text: str) -> bool:
    """Whether the text is a digest that `short_name` made."""
    return bool(_DIGEST.fullmatch(text))


def named(text: str) -> Reference | None:
    """The paper that a person means by a whole argument: an id or a link, to a page of proceedings too.

    A DOI is given in small letters, as its case means nothing (DOI Handbook, 2.4); one of the Anthology is its page.
    """
    found = reference(text)
    if found is None:
        return next((page for each in _addresses(text) if (page := paper_page(each))), None)
    if found.kind is not ReferenceKind.DOI:
        return found
    return page_of_doi(found.id) or Reference(ReferenceKind.DOI, found.id.lower())


def any_page(text: str) -> Reference | None:
    """The page, of any site, that a text which is one http(s) address leads to, or None."""
    address = _ADDRESS.fullmatch(text.strip())
    return Reference(ReferenceKind.PAGE, canonical(without_tail(address[1]))) if address else None


def _addresses(text: str) -> list[str]:
    """The addresses in a text, those without a scheme too."""
    found = []
    for word in text.replace("<", " ").replace(">", " ").split():
        match = re.search(r"https?://", word)
        if match or ("." in word and "/" in word):
            found.append(without_tail(word[match.start() :] if match else f"https://{word}"))
    return found
