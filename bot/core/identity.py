"""When two addresses lead to the same thing, though they are not the same address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from bot.core.references import ReferenceKind, reference
from bot.core.urls import canonical, site

_VIDEO = r"(?P<id>[A-Za-z0-9_-]{11})"
_VIDEO_PATH = re.compile(rf"/(?:shorts|live|embed|v|e)/{_VIDEO}(?:[/?&].*)?")
_VIDEO_QUERY = re.compile(rf"(?:.*&)?v={_VIDEO}(?:&.*)?")
_VIDEO_HOSTS = frozenset({"youtube.com", "youtube-nocookie.com", "music.youtube.com"})
_SHORT_VIDEO = re.compile(rf"/{_VIDEO}/?")

_TWITTER = ("twitter.com", "x.com")
_STATUS = re.compile(r"/(?:i/web|[^/]{1,50})/status(?:es)?/(?P<id>[0-9]{1,25})(?:/.*)?")
_DOI_HOSTS = ("doi.org", "dx.doi.org")
_COMMENTS = re.compile(r"/(?:r/[^/]+/)?comments/(?P<id>[a-z0-9]{1,12})(?:/[^/]*)?/?", re.IGNORECASE)
_REDDIT_HOSTS = frozenset({"reddit.com", "old.reddit.com", "np.reddit.com", "new.reddit.com"})

_REPOSITORY = re.compile(r"/(?P<owner>[A-Za-z0-9-]{1,39})/(?P<name>[A-Za-z0-9._-]{1,100}?)(?:\.git)?/?")
_NO_OWNERS = """
    about account apps codespaces collections contact copilot customer-stories dashboard enterprise events explore
    features gist issues join login logout marketplace new notifications orgs organizations pricing pulls readme
    search security sessions settings signup site solutions sponsors stars team topics trending users
"""
_NO_OWNER = frozenset(_NO_OWNERS.split())

_FORMS = ("www.", "m.", "mobile.", "amp.")
_INDEX = re.compile(r"(?<=/)(?:index\.(?:html?|php)|default\.aspx?)$", re.IGNORECASE)
_KEYS = frozenset({"gift", "giftcopy", "sk", "unlocked_article_code"})
"""Parameters that open a page to whoever has not paid for it; it is the same page."""

_SAFE = "/:@!$&'()*+,;=~-._"


def identity(url: str) -> str:
    """A text that two addresses share if they lead to the same thing: nothing to show, and nothing to open.

    http and https, `www.`, a slash at the end, the order of parameters and the case of escapes make no difference, nor
    do the several addresses of a video, a repository, a DOI or a post. No text makes it raise.
    """
    url = canonical(url)
    try:
        parts = urlsplit(url)
        return _known(url, parts) or (_general(parts) if site(url) else url)
    except ValueError:
        return url


def same(one: str, other: str) -> bool:
    """Whether two addresses lead to the same thing."""
    return identity(one) == identity(other)


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are on the same site, whichever dress it wears."""
    return _bare(site(one)) == _bare(site(other)) != ""


def spellings(url: str) -> tuple[str, ...]:
    """The canonical addresses by which the same thing may be kept, the address itself first.

    They are what a store can be asked for; each has the `identity` of the address.
    """
    url = canonical(url)
    try:
        parts = urlsplit(url)
        found = (url, *_spelled(url, parts)) if site(url) else (url,)
    except ValueError:
        return (url,)
    return tuple(dict.fromkeys(each for each in found if canonical(each) == each))


def video(url: str) -> str:
    """The id of the video on YouTube that an address leads to, or an empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = _bare(site(url))
    if host == "youtu.be":
        found = _SHORT_VIDEO.fullmatch(parts.path)
    elif host in _VIDEO_HOSTS:
        watched = parts.path.rstrip("/") == "/watch"
        found = _VIDEO_QUERY.fullmatch(parts.query) if watched else _VIDEO_PATH.fullmatch(parts.path)
    else:
        return ""
    return found["id"] if found else ""


def repository(url: str) -> str:
    """The repository on GitHub whose front page an address is, as `owner/name`, or an empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    found = _REPOSITORY.fullmatch(parts.path) if _bare(site(url)) == "github.com" else None
    if not found or found["owner"].lower() in _NO_OWNER or found["name"] in (".", ".."):
        return ""
    return f"{found['owner']}/{found['name']}"


def _bare(host: str) -> str:
    """A host without what only says which dress the site wears."""
    while host.startswith(_FORMS) and host.count(".") > 1:
        host = host.partition(".")[2]
    return host


def _known(url: str, parts: SplitResult) -> str:
    """The identity of what has a number or name of its own, whatever its address."""
    host = _bare(site(url))
    if found := video(url):
        return f"youtube.com/watch?v={found}"
    if named := repository(url):
        return f"github.com/{named.lower()}"
    if host in _DOI_HOSTS and (paper := reference(url)) and paper.kind is ReferenceKind.DOI:
        # DOIs are the same whatever their case (DOI Handbook, 2.4).
        return replace(paper, id=paper.id.lower()).url
    if host in _TWITTER and (status := _STATUS.fullmatch(parts.path)):
        return f"twitter.com/status/{status['id']}"
    if host in _REDDIT_HOSTS and (comments := _COMMENTS.fullmatch(parts.path)):
        return f"reddit.com/comments/{comments['id'].lower()}"
    return ""


def _general(parts: SplitResult) -> str:
    host = _bare((parts.hostname or "").lower())
    port = f":{parts.port}" if parts.port else ""
    path = _INDEX.sub("", _escaped(parts.path)).rstrip("/")
    query = "&".join(sorted(_escaped(each) for each in parts.query.split("&") if each and _matters(each)))
    host = _TWITTER[0] if host in _TWITTER else host
    return f"{host}{port}{path}{'?' if query else ''}{query}{'#' if parts.fragment else ''}{parts.fragment}"


def _matters(parameter: str) -> bool:
    return parameter.partition("=")[0].lower() not in _KEYS


def _escaped(part: str) -> str:
    """A part with only those characters escaped that must be."""
    return re.sub(r"%[0-9a-fA-F]{2}", _escape, part)


def _escape(match: re.Match[str]) -> str:
    plain = unquote(match[0], "latin-1")
    return plain if plain.isascii() and (plain.isalnum() or plain in "-._~") else match[0].upper()


def _spelled(url: str, parts: SplitResult) -> Iterator[str]:
    found = video(url)
    if found:
        for path in ("www.youtube.com/watch?v=", "youtu.be/", "youtube.com/watch?v=", "www.youtube.com/shorts/"):
            yield f"https://{path}{found}"
    host = parts.hostname or ""
    bare = host.removeprefix("www.")
    hosts = _TWITTER if bare in _TWITTER else _DOI_HOSTS if bare in _DOI_HOSTS else (bare,)
    paper = reference(url) if bare in _DOI_HOSTS else None
    paths = {parts.path: None, parts.path.rstrip("/"): None, f"{parts.path.rstrip('/')}/": None}
    if paper and paper.kind is ReferenceKind.DOI:
        paths[quote(f"/{paper.id.lower()}", safe=_SAFE)] = None
    for scheme in ("https", "http"):
        for name in hosts:
            for form in (name, f"www.{name}"):
                for path in paths:
                    yield urlunsplit((scheme, _with_port(form, parts), path, parts.query, parts.fragment))


def _with_port(host: str, parts: SplitResult) -> str:
    return f"{f'[{host}]' if ':' in host else host}{f':{parts.port}' if parts.port else ''}"
