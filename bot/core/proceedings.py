"""Papers in proceedings: which addresses are a paper's page or file, and the one address of each.

The Anthology of ACL, the proceedings of CVF, PMLR and NeurIPS, and JMLR: whatever file of a paper a link leads to, the
paper is known by the address of its page.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.core.references import Reference, ReferenceKind

_ANTHOLOGY_ID = r"(?P<id>[A-Z][0-9]{2}-[0-9]{4,5}|[0-9]{4}\.[a-z0-9_]+-[a-z0-9]+\.[0-9]+)"
_ANTHOLOGY_FILE = r"(?:v[0-9]{1,2})?(?:\.(?:pdf|bib|xml|endf))?/?"
_ANTHOLOGY_DOI = re.compile(rf"10\.(?:18653|3115)/v1/{_ANTHOLOGY_ID}", re.IGNORECASE)

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


def page_of_doi(doi: str) -> Reference | None:
    """The paper's page where the DOI is one of the Anthology's, or None."""
    anthology = _ANTHOLOGY_DOI.fullmatch(doi)
    if not anthology:
        return None
    name = anthology["id"].lower()
    return Reference(ReferenceKind.PAGE, f"https://aclanthology.org/{name if name[0].isdigit() else name.upper()}/")
