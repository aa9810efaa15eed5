"""Mobile and AMP forms of addresses, which show the same page in another dress, folded into the page's own address."""

from __future__ import annotations

import re

_MOBILE = {
    "amp.reddit.com": "www.reddit.com",
    "amp.theguardian.com": "www.theguardian.com",
    "i.reddit.com": "www.reddit.com",
    "m.bbc.co.uk": "www.bbc.co.uk",
    "m.bbc.com": "www.bbc.com",
    "m.bilibili.com": "www.bilibili.com",
    "m.facebook.com": "www.facebook.com",
    "m.huffpost.com": "www.huffpost.com",
    "m.imdb.com": "www.imdb.com",
    "m.phys.org": "phys.org",
    "m.reddit.com": "www.reddit.com",
    "m.slashdot.org": "slashdot.org",
    "m.tiktok.com": "www.tiktok.com",
    "m.twitter.com": "twitter.com",
    "m.youtube.com": "www.youtube.com",
    "mbasic.facebook.com": "www.facebook.com",
    "mobile.facebook.com": "www.facebook.com",
    "mobile.nytimes.com": "www.nytimes.com",
    "mobile.twitter.com": "twitter.com",
    "mobile.x.com": "x.com",
    "touch.facebook.com": "www.facebook.com",
}
_MOBILE_WIKI = re.compile(
    r"(?P<language>[a-z-]{2,20})\.m\."
    r"(?P<wiki>wik(?:ipedia|tionary|ibooks|inews|iquote|isource|iversity|ivoyage|imedia))\.org"
)
_FEWEST_LABELS = 3
_CNN = "amp.cnn.com"

# Google's, Cloudflare's and Bing's copies of AMP pages: the page's own address follows, `s/` first where it is https.
_CACHE_HOST = re.compile(
    r"(?:www\.)?google\.[a-z.]{2,6}|(?:[a-z0-9-]{1,63}\.){0,2}(?:ampproject\.(?:org|net)|bing-amp\.com)"
)
_CACHED = re.compile(r"/(?:amp|[cv]|wp)/(?P<secure>s/)?(?P<page>[a-z0-9.-]+\.[a-z]{2,24}(?:/.*)?)", re.IGNORECASE)

_AMP_ENDING = re.compile(r"/amp/?$|\.amp(?=(?:\.html)?$)")
_AMP_BEGINNING = {"cnbc.com": "/amp/", "bbc.co.uk": "/news/amp/", "bbc.com": "/news/amp/"}
# Where the last part of a path is the name of a thing, which may well be `amp`.
_NAMING_HOSTS = re.compile(
    r"(?:.+\.)?(?:github|gitlab|bitbucket|npmjs|huggingface|docker|reddit|youtube|twitter|x|wikipedia|medium)\.(?:com|org|co)"
    r"|codeberg\.org|pypi\.org|crates\.io|docs\.rs|lib\.rs|pkg\.go\.dev|rubygems\.org|packagist\.org|hexdocs\.pm"
)
_NAMING_PARTS = """
    categories category crate crates dictionary glossary label labels package packages product products project projects
    tag tags topic topics wiki
"""
_NAMING = frozenset(_NAMING_PARTS.split())


def folded_host(host: str, path: str) -> tuple[str, str]:
    """The host that a mobile or AMP host stands in for, where that is known, and the path there."""
    if wiki := _MOBILE_WIKI.fullmatch(host):
        return f"{wiki['language']}.{wiki['wiki']}.org", path
    if host == _CNN:
        return "www.cnn.com", path.removeprefix("/cnn")
    while host.startswith("amp.") and host not in _MOBILE and host.count(".") >= _FEWEST_LABELS - 1:
        host = host.removeprefix("amp.")
    return _MOBILE.get(host, host), path


def folded_path(host: str, path: str) -> str:
    """The path without what makes it the AMP form of a page."""
    bare = host.removeprefix("www.")
    beginning = _AMP_BEGINNING.get(bare, "")
    if beginning and path.startswith(beginning):
        return path.replace("amp/", "", 1)
    ending = _AMP_ENDING.search(path)
    if not ending or _NAMING_HOSTS.fullmatch(bare):
        return path
    before = path[: ending.start()]
    if before.rpartition("/")[2] in ("", *_NAMING):
        return path
    return before + path[ending.end() :]


def unwrapped(host: str, path: str, query: str) -> str | None:
    """The address of the page that a cache's address has a copy of."""
    if not _CACHE_HOST.fullmatch(host) or not (cached := _CACHED.fullmatch(path)):
        return None
    return f"{'https' if cached['secure'] else 'http'}://{cached['page']}{'?' if query else ''}{query}"
