"""Pages of papers in proceedings: which addresses are one, and the one address of each.

The Anthology of ACL, the proceedings of CVF, PMLR and NeurIPS, and JMLR: whatever file of a paper a link leads to, the
paper is known by the address of its page.
"""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import urlsplit

from bot.core.references import Reference, ReferenceKind, reference
from bot.core.text import without_tail
from bot.core.urls import canonical

_ANTHOLOGY_ID = r"(?P<id>[A-Z][0-9]{2}-[0-9]{4,5}|[0-9]{4}\.[a-z0-9_]+-[a-z0-9]+\.[0-9]+)"
_ANTHOLOGY_FILE = r"(?:v[0-9]{1,2})?(?:\.(?:pdf|bib|xml|endf))?/?"
_ANTHOLOGY_DOI = re.compile(rf"10\.(?:18653|3115)/v1/{_ANTHOLOGY_ID}", re.IGNORECASE)

SHORT = 60
"""Letters of a paper's name in a button."""

_DIGEST = re.compile(r"page:[0-9a-f]{16}")
_ADDRESS = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)

_PAGES: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = tuple(
    (re.compile(hosts), re.compile(path), address)
    for hosts, path, address in (
        (
            r"(?:www\.)?aclanthology\.(?:org|info)|(?:www\.)?aclweb\.org",
            rf"/(?:anthology/)?(?:papers/)?(?:[A-Z]/[A-Z][0-9]{{2}}/)?{_ANTHOLOGY_ID}{_ANTHOLOGY_FILE}",
            "https://aclanthology.org/{id}/",
        ),
        (
            r"openaccess\.thecvf\.com",
            r"/(?P<volume>content[^/]*(?:/[^/]+){0,2})/(?:html|papers)/(?P<id>[^/]+)\.(?:html|pdf)",
            "https://openaccess.thecvf.com/{volume}/html/{id}.html",
        ),
        (
            r"proceedings\.mlr\.press",
            r"/(?P<volume>[vr][0-9]{1,4})/(?P<id>[a-z0-9_-]+)(?:\.html|/(?P=id)(?:-supp)?\.pdf)",
            "https://proceedings.mlr.press/{volume}/{id}.html",
        ),
        (
            r"raw\.githubusercontent\.com",
            r"/mlresearch/(?P<volume>[vr][0-9]{1,4})/main/assets/(?P<id>[a-z0-9_-]+)/(?P=id)\.pdf",
            "https://proceedings.mlr.press/{volume}/{id}.html",
        ),
        (
            r"papers\.n(?:eur)?ips\.cc|proceedings\.neurips\.cc",
            r"/paper(?:_files/paper)?/(?P<volume>[0-9]{4})/(?:hash|file)/(?P<id>[0-9a-f]{32})-[A-Za-z]+(?P<track>-\w+)?\.\w+",
            "https://proceedings.neurips.cc/paper_files/paper/{volume}/hash/{id}-Abstract{track}.html",
        ),
        (
            r"papers\.n(?:eur)?ips\.cc|proceedings\.neurips\.cc",
            r"/paper/(?P<id>[0-9]{1,5}-[a-z0-9-]+)(?:\.pdf)?",
            "https://papers.nips.cc/paper/{id}",
        ),
        (
            r"(?:www\.)?jmlr\.org",
            r"/papers/v(?:olume)?(?P<volume>[0-9]{1,3})/(?P<id>[a-z0-9-]+)(?:\.html|/(?P=id)\.pdf)",
            "https://jmlr.org/papers/v{volume}/{id}.html",
        ),
    )
)


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
    if anthology := _ANTHOLOGY_DOI.fullmatch(found.id):
        name = anthology["id"].lower()
        return Reference(ReferenceKind.PAGE, f"https://aclanthology.org/{name if name[0].isdigit() else name.upper()}/")
    return Reference(ReferenceKind.DOI, found.id.lower())


def paper_page(url: str) -> Reference | None:
    """The paper whose page, or file, is at this address of proceedings, or None."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    for hosts, path, address in _PAGES:
        if hosts.fullmatch(host) and (found := path.fullmatch(parts.path)):
            values = {name: value or "" for name, value in found.groupdict().items()}
            return Reference(ReferenceKind.PAGE, address.format(**values))
    return None


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
