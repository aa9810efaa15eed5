"""One address for one thing: canonical URLs, and the site that a URL names."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from bot.core.references import ReferenceKind, reference

_SCHEMES = {"http": 80, "https": 443}

_TRACKING = frozenset(
    [
        "amp",
        "cmpid",
        "cvid",
        "dclid",
        "fbclid",
        "ga",
        "gclid",
        "gclsrc",
        "gi",
        "guccounter",
        "igshid",
        "msclkid",
        "mkt_tok",
        "ncid",
        "ref",
        "ref_src",
        "ref_url",
        "s",
        "sh",
        "share",
        "si",
        "source",
        "spm",
        "sr_share",
        "trk",
        "trkcampaign",
        "twclid",
        "utm",
        "wbraid",
        "gbraid",
        "yclid",
        "_ga",
        "_gl",
        "__s",
    ]
)
_TRACKING_PREFIXES = ("utm_", "mc_", "_hs", "hsa_", "pk_", "mtm_", "piwik_", "matomo_", "vero_", "guce_", "oly_")
_TRACKING_ON = {
    "twitter.com": frozenset({"t", "cn"}),
    "x.com": frozenset({"t", "cn"}),
    "youtube.com": frozenset({"feature", "ab_channel", "pp"}),
    "youtu.be": frozenset({"feature", "ab_channel", "pp"}),
}

_ARXIV_HOST = re.compile(
    r"(?:[a-z0-9-]+\.){0,3}arxiv\.org|xxx\.lanl\.gov|xxx\.itp\.ac\.cn|(?:www\.)?ar5iv\.org"
    r"|(?:www\.)?arxiv-vanity\.com|(?:www\.)?alphaxiv\.org"
)
_ARXIV_PAGE = re.compile(
    r"/(?:abs|pdf|html|src|e-print|format|ps|papers|overview|ftp/arxiv/papers/[0-9]{4})/(?P<id>[^?#]{1,60})",
    re.IGNORECASE,
)
_ARXIV_DOI = re.compile(r"/10\.48550/arxiv\.(?P<id>[^?#]{1,60})", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,60}|[0-9a-f:.]*:[0-9a-f:.]*")


def canonical(url: str, base: str | None = None) -> str:
    """The one address of what a URL leads to, or the text itself when it is no http(s) URL.

    Tracking parameters, a name and password, and the fragment are gone, unless the fragment is a path of its own as
    in pages made by a script (`#/posts/1`); other parameters stay, in their order. A page, file, version
    or mirror of an arXiv paper becomes `https://arxiv.org/abs/…`. With `base`, a relative address is made absolute.
    Applying it twice gives the same, and no text makes it raise.
    """
    try:
        parts = urlsplit(safe_url_string(_absolute(url.strip(), base)))
        scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
        if scheme not in _SCHEMES or not _HOST.fullmatch(host):
            return url
        if paper := _arxiv(host, parts.path):
            return paper
        query = _without_tracking(parts.query, host.removeprefix("www."))
        return urlunsplit((scheme, _authority(parts, host), parts.path, query, _route(parts.fragment)))
    except ValueError:
        return url


def site(url: str) -> str:
    """The host that an http(s) URL names, in lower case, or an empty string."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme.lower() in _SCHEMES else ""
    except ValueError:
        return ""


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


def _without_tracking(query: str, host: str) -> str:
    dropped = _TRACKING | _TRACKING_ON.get(host.removeprefix("m."), frozenset())

    def matters(parameter: str) -> bool:
        name = unquote_plus(parameter.partition("=")[0]).lower()
        return bool(parameter) and name not in dropped and not name.startswith(_TRACKING_PREFIXES)

    return "&".join(filter(matters, query.split("&")))


def _arxiv(host: str, path: str) -> str | None:
    if _ARXIV_HOST.fullmatch(host):
        page = _ARXIV_PAGE.match(path)
    elif host in ("doi.org", "dx.doi.org", "www.doi.org"):
        page = _ARXIV_DOI.match(path)
    else:
        return None
    found = reference(f"https://arxiv.org/abs/{page['id']}") if page else None
    return found.url if found and found.kind is ReferenceKind.ARXIV else None
