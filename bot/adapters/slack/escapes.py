"""Text as Slack delivers it, made plain again: links, mentions and the three letters that it escapes.

https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` come as entities, and whatever Slack has
made of the text itself stands between `<` and `>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECE = re.compile(r"<([^<>]*)>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_LETTERS = {"amp": "&", "lt": "<", "gt": ">"}

_USER = re.compile(r"@([A-Z0-9]+)(?:\|(.*))?", re.DOTALL)


def undone(text: str, *, keep: tuple[str, ...] = (), bare: bool = False) -> str:
    """The text as it was typed, each escape undone once.

    A link becomes its address, a mention `@name`, a channel `#name`. keep: what begins with one of these stays as Slack
    writes it: `@` for mentions of members, `!subteam^` for those of user groups. bare: what was typed without `http://`
    stays without, as Slack takes any name with a point in it for a link.
    """
    parts: list[str] = []
    end = 0
    for match in _PIECE.finditer(text):
        parts += (_letters(text[end : match.start()]), _piece(match[1], keep=keep, bare=bare))
        end = match.end()
    return "".join((*parts, _letters(text[end:])))


def mentioned(text: str) -> Iterator[str]:
    """The ids of the members that a text mentions, as Slack writes it."""
    for match in _PIECE.finditer(text):
        if user := _USER.fullmatch(match[1]):
            yield user[1]


def _letters(text: str) -> str:
    return _ENTITY.sub(lambda match: _LETTERS[match[1]], text)


def _piece(inner: str, *, keep: tuple[str, ...], bare: bool) -> str:
    if inner.startswith(keep):
        return f"<{inner}>"
    target, _, label = inner.partition("|")
    label = _letters(label)
    if target.startswith(("@", "!subteam^")):
        known = target.removeprefix("!subteam^").removeprefix("@")
        return f"@{(label or known).removeprefix('@')}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    if target.startswith("mailto:"):
        return label or _letters(target.removeprefix("mailto:"))
    address = _letters(target)
    return label if bare and label and address.rstrip("/") == f"http://{label}".rstrip("/") else address
