"""Links through a counter or a gate, led back to the page that they stand for, where the link itself names it."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlsplit

from bot.core.urls import site
from bot.sources.html_tree import tags

_MOST_HOPS = 5
_LONGEST = 8_000
"""Characters of an address that are looked at, and bytes that a packed one may unpack to."""

_SHORTEST_PACKED = 12
_PACKED = re.compile(r"[A-Za-z0-9_+-]+={0,2}")
_ADDRESS = re.compile(r"https?://[^\s/.]+\.[^\s]+", re.IGNORECASE)

_COUNTERS = tags(
    "click clicks track tracking trk link links email mail go goto redirect redir out away exit url urldefense l lm t r"
)
"""How hosts that count clicks call themselves, by their first label; a path that counts has such a part too."""

_GATES = {
    "google.com": "/url",
    "facebook.com": "/l.php",
    "youtube.com": "/redirect",
    "medium.com": "/r/",
    "vk.com": "/away.php",
    "duckduckgo.com": "/l/",
    "linkedin.com": "/redir/",
    "steamcommunity.com": "/linkfilter/",
    "safelinks.protection.outlook.com": "/",
    "link.zhihu.com": "/",
    "link.juejin.cn": "/",
    "slack-redir.net": "/",
}
_NAMES = (
    "url",
    "u",
    "q",
    "target",
    "to",
    "dest",
    "destination",
    "redirect",
    "redirect_url",
    "link",
    "z",
    "uddg",
    "e",
    "l",
)
"""What the parameter or field that holds the page's own address is called."""

_SUBSTACK = re.compile(r"/pub/(?P<name>[a-z0-9-]{1,63})/p/(?P<slug>[^/]{1,200})/?")
_GUARDED = re.compile(r"/v3/__(?P<url>https?:/{1,2}.+?)__;", re.IGNORECASE)
_POSTMARK = re.compile(r"/[23]s?/(?P<url>[^/]+)/")


def unwrapped(url: str) -> str:
    """The page that a link leads to: the target in a redirect, else the link as it is.

    Nothing is asked of the network: a redirect that names its target only to its own host stays.
    """
    for _ in range(_MOST_HOPS):
        target = _target(url)
        if target is None or target == url:
            break
        url = target
    return url


def is_counted(url: str) -> bool:
    """Whether a link leads through something that counts clicks or warns of leaving."""
    try:
        parts = urlsplit(url)
        return _counts(parts, (parts.hostname or "").removeprefix("www."))
    except ValueError:
        return False


def _target(url: str) -> str | None:
    if len(url) > _LONGEST:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if host == "open.substack.com" and (post := _SUBSTACK.fullmatch(parts.path)):
        return f"https://{post['name']}.substack.com/p/{post['slug']}"
    if host.startswith("urldefense.") and (guarded := _GUARDED.match(parts.path + _query(parts))):
        return _address(guarded["url"])
    if host == "click.pstmrk.it" and (counted := _POSTMARK.match(parts.path)):
        return _address(f"https://{unquote(counted['url'])}")
    return next(_named(parts, host), None)


def _query(parts: SplitResult) -> str:
    return f"?{parts.query}" if parts.query else ""


def _named(parts: SplitResult, host: str) -> Iterator[str]:
    counts = _counts(parts, host)
    if counts:
        fields = dict(parse_qsl(parts.query, max_num_fields=100)) if parts.query.count("&") < 100 else {}  # noqa: PLR2004
        yield from _in_fields(fields)
        yield from filter(None, (_packed(each) for each in fields.values()))
    for part in parts.path.split("/"):
        if counts and (address := _address(unquote(part))):
            yield address
        if len(part) >= _SHORTEST_PACKED and (address := _packed(part)):
            yield address


def _counts(parts: SplitResult, host: str) -> bool:
    for name, path in _GATES.items():
        if (host == name or host.endswith(f".{name}")) and parts.path.startswith(path):
            return True
    words = {*re.split(r"[/._-]", parts.path.lower()[:200]), host.partition(".")[0]}
    return not _COUNTERS.isdisjoint(words) or "/CL0/" in parts.path


def _in_fields(fields: Mapping[str, object]) -> Iterator[str]:
    for name in _NAMES:
        value = fields.get(name)
        if isinstance(value, str) and (address := _address(value)):
            yield address


def _packed(text: str) -> str | None:
    """The address in a text in Base64, which may be packed and may hold fields, as those of mailing services do."""
    for part in text.split(".")[:2]:
        content = _decoded(part)
        if content.startswith(b"x"):
            content = _inflated(content)
        said = content.decode("utf-8", "replace").strip()
        if address := _address(said):
            return address
        if said.startswith("{"):
            return next(_in_fields(_fields(said)), None)
        if "=http" in said:
            queried = {name: values[0] for name, values in parse_qs(said, max_num_fields=100).items()}
            return next(_in_fields(queried), None)
    return None


def _decoded(text: str) -> bytes:
    if len(text) < _SHORTEST_PACKED or not _PACKED.fullmatch(text):
        return b""
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, _LONGEST)
    except zlib.error:
        return b""


def _fields(said: str) -> Mapping[str, object]:
    try:
        fields = json.loads(said)
        if isinstance(fields, dict) and isinstance(fields.get("p"), str) and fields["p"].startswith("{"):
            fields = json.loads(fields["p"])
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _address(text: str) -> str | None:
    """The text, if it is an address with a host that has a dot."""
    text = text.strip()
    return text if _ADDRESS.fullmatch(text) and "." in site(text) else None
