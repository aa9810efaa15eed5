"""One address for one thing: canonical URLs, and the site that a URL names."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from bot.core.folding import folded_host, folded_path, unwrapped
from bot.core.proceedings import page_of_doi, paper_page
from bot.core.references import ReferenceKind, reference
from bot.core.tracking import without_tracking

_SCHEMES = {"http": 80, "https": 443}
_LONGEST = 10_000
"""Characters of an address; servers take about 8,000, and what is longer is left as it is."""

_MOST_STEPS = 6
"""So often an address may stand for another one, as a cache's address does for a page's."""

_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,60}|[0-9a-f:.]*:[0-9a-f:.]*")
_ARXIV_HOST = re.compile(
    r"(?:[a-z0-9-]+\.){0,3}arxiv\.org|xxx\.lanl\.gov|xxx\.itp\.ac\.cn|(?:www\.)?ar5iv\.org"
    r"|(?:www\.)?arxiv-vanity\.com|(?:www\.)?alphaxiv\.org"
)
_ARXIV_PAGE = re.compile(
    r"/(?:abs|pdf|html|src|e-print|format|ps|papers|overview|ftp/arxiv/papers/[0-9]{4})/(?P<id>[^?#]{1,60})",
    re.IGNORECASE,
)
_MIRROR_HOST = re.compile(
    r"(?:www\.)?(?:huggingface\.co|hf\.co|semanticscholar\.org|scirate\.com|papers\.cool|emergentmind\.com|catalyzex\.com)"
)
_MIRROR_PAGE = re.compile(r"/(?:arxiv|papers?)/(?:arxiv:)?(?P<id>[^?#]{1,60})", re.IGNORECASE)
_DOI_HOST = re.compile(r"(?:www\.|dx\.)?doi\.org")
_ARXIV_DOI = re.compile(r"/10\.48550/arxiv\.(?P<id>[^?#]{1,60})", re.IGNORECASE)
_PLACES = (_ARXIV_HOST, _ARXIV_PAGE), (_MIRROR_HOST, _MIRROR_PAGE), (_DOI_HOST, _ARXIV_DOI)
_FORUM = re.compile(r"/(?:forum|pdf)/?")


def canonical(url: str, base: str | None = None) -> str:
    """The one address of what a URL leads to, or the text itself when it is no http(s) URL.

    Tracking parameters, a name and password, and the fragment are gone, unless the fragment is a path of its own as
    in pages made by a script (`#/posts/1`); other parameters stay, in their order. Mobile and AMP forms become the
    page's own address; a page, file, version or mirror of a paper on arXiv, on OpenReview or in proceedings that
    `proceedings` knows becomes the paper's page. With `base`, a
    relative address is made absolute. Applying it twice gives the same, and no text makes it raise.
    What may or may not be the same thing (http and https, with and without `www.`) stays apart here: see `identity`.
    """
    try:
        found = _absolute(url.strip(), base) if len(url) <= _LONGEST else ""
        for _ in range(_MOST_STEPS):
            if (step := _step(found)) in (None, found):
                return url if step is None else found
            found = step or url
    except ValueError:
        return url
    return url


def site(url: str) -> str:
    """The host that an http(s) URL names, in lower case, or an empty string."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme.lower() in _SCHEMES else ""
    except ValueError:
        return ""


def _step(url: str) -> str | None:
    """The address with all that is known of it applied once; None where it is no http(s) URL."""
    parts = urlsplit(safe_url_string(url))
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    if scheme not in _SCHEMES or not _HOST.fullmatch(host):
        return None
    if found := _paper(host, parts) or unwrapped(host, parts.path, parts.query):
        return found
    host, path = folded_host(host, parts.path)
    path = folded_path(host, path)
    query = without_tracking(parts.query, host.removeprefix("www."), path)
    return urlunsplit((scheme, _authority(parts, host), path, query, _route(parts.fragment)))


def _absolute(url: str, base: str | None) -> str:
    if not base or urlsplit(url).scheme or any(map(str.isspace, url)):
        return url
    return urljoin(base, url)


def _route(fragment: str) -> str:
    return fragment if fragment.startswith(("/", "!/")) else ""


def _authority(parts: SplitResult, host: str) -> str:
    name = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _SCHEMES[parts.scheme.lower()]) else f":{parts.port}"
    return f"{name}{port}"


def _paper(host: str, parts: SplitResult) -> str | None:
    """The address of the paper that an address is a page, file, version or mirror of."""
    if page := paper_page(urlunsplit(parts)):
        return page.url
    if host.removeprefix("www.") == "openreview.net" and _FORUM.fullmatch(parts.path):
        found = reference(f"https://openreview.net{parts.path}?{parts.query}")
        return found.url if found and found.kind is ReferenceKind.OPENREVIEW else None
    if _DOI_HOST.fullmatch(host) and (page := page_of_doi(unquote(parts.path[1:]))):
        return page.url
    mirror = next((pages.match(parts.path) for hosts, pages in _PLACES if hosts.fullmatch(host)), None)
    found = reference(f"https://arxiv.org/abs/{mirror['id']}") if mirror else None
    return found.url if found and found.kind is ReferenceKind.ARXIV else None
