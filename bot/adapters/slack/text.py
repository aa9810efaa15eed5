"""People's text and addresses, made ready for Slack: nothing unseen in them, and no address but of the web."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from bot.adapters.slack.limits import URL, units
from bot.core.post import Picture
from bot.core.text import clean, clip

_NEWLINE = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_UNSEEN = re.compile(r"[\u0080-\u009f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_SEEN = re.compile(r"[^\s\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff]")

_KEPT = "%:/?#[]@!$&'()*+,;=~-._"
_HOST = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)
_UNKNOWN_FORMAT = re.compile(r"\.(?:webp|avif|svg)(?=[?#&@!/]|\Z)", re.IGNORECASE)


def tidy(text: str) -> str:
    """The text without what no reader sees: control characters, and marks that turn the direction of what follows."""
    return _UNSEEN.sub("", _NEWLINE.sub("\n", clean(text)))


def flat(text: str) -> str:
    """The text on one line; blanks at its ends stay, as they part it from its neighbours."""
    return re.sub(r"\s+", " ", tidy(text))


def seen(text: str) -> bool:
    """Whether there is anything in the text that a reader sees."""
    return _SEEN.search(text) is not None


def apart(text: str) -> str:
    """The text, kept from turning its neighbours where it runs from right to left."""
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def within(text: str, length: int) -> str:
    """As much of the text as so many UTF-16 code units take."""
    most = length
    while units(text) > length:
        text = clip(text, most)
        most -= 1
    return text


def address(url: str) -> str | None:
    """The address as it stands in a link, or None where readers are not sent: http(s) with a host, not too long."""
    url = clean(url).strip()
    if len(url) > URL:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        _ = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or re.search(r"\s", url):
        return None
    if not parts.netloc.isascii():
        url = parts._replace(netloc=host if parts.port is None else f"{host}:{parts.port}").geturl()
    safe = quote(url, safe=_KEPT)
    return safe if len(safe) <= URL else None


def shown(picture: Picture | None) -> bool:
    """Whether Slack can show the picture: from the web, and in a format that it knows."""
    if picture is None or address(picture.url) is None:
        return False
    return not _UNKNOWN_FORMAT.search(unquote(unquote(picture.url[: 2 * URL])))
