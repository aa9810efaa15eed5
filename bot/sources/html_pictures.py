"""Images of pages: which are pictures, which are signs, and where they come from."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

_SMALL = re.compile(r"\s*[0-9]{1,2}(?:px)?\s*")
_SMALLEST = 48
"""Pictures this wide or narrower, in pixels, are signs."""

_LONGEST_SIGN = 8
_PICTURE_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)(?:\?.*)?$", re.IGNORECASE)


def is_picture(node: LexborNode) -> bool:
    """Whether an image is a picture worth showing, and no sign, smiley or counter of readers."""
    said = node.attributes
    sizes = [
        int(re.sub(r"\D", "", value)) for name in ("width", "height") if _SMALL.fullmatch(value := said.get(name) or "")
    ]
    names = f"{said.get('class') or ''} {said.get('role') or ''}".lower()
    return (
        bool(source_of(node))
        and not any(size <= _SMALLEST for size in sizes)
        and not re.search(r"emoji|icon|avatar|pixel|logo", names)
    )


def leads_to_picture(url: str) -> bool:
    """Whether an address is that of a picture's file, as of a picture that opens itself larger."""
    return _PICTURE_FILE.search(url) is not None


def source_of(node: LexborNode) -> str:
    """The address of an image, empty where it has none on the web."""
    said = node.attributes
    return next(
        (value for name in ("src", "data-src") if (value := (said.get(name) or "").strip()).startswith("http")), ""
    )


def address_of(url: str) -> str:
    """An address as it stands in Markdown's parentheses."""
    return re.sub(r"[\s()<>\\]", lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), url)


def is_sign(alt: str) -> bool:
    """Whether a small image's words are a smiley, which the text means to have."""
    return 0 < len(alt) <= _LONGEST_SIGN and not any(map(str.isalnum, alt))
