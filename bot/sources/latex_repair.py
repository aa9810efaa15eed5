"""LaTeX made sound before it is converted: what would swallow or mean nothing is set aside as it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_ASIDE = 0xF0000
"""Where the characters begin that stand for what is set aside: a private plane, which no text uses."""

_TOKENS = re.compile(
    r"""
    (?P<url> https?://[^\s{}\\$<>"]+ )
    | (?P<optional> \\[A-Za-z]+\*? \[ [^\[\]{}\\$%&#~]{0,60} \] )
    | (?P<accent> \\["'`] (?P<letter> [A-Za-z] | (?![\s]*[A-Za-z{\\]) ) )
    | (?P<symbol> \\[^A-Za-z] )
    | (?P<macro> \\[A-Za-z]+ )
    | (?P<brace> [{}] )
    | (?P<dollar> \$ )
    | (?P<tie> (?<=[\w.)\]}])~(?=[\w\\$({\[]) )
    | (?P<sign> [%&#~\[\]\\] )
    """,
    re.VERBOSE,
)

_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s?\{[A-Za-z]{1,30}\*?\}(?:\{[lcr|]{1,20}\})?")
_DISPLAYS = (
    re.compile(r"\$\$([^$]{1,2000})\$\$"),
    re.compile(r"(?<!\\)\\\(([^$]{1,400}?)\\\)"),
    re.compile(r"(?<!\\)\\\[([^$]{1,400}?)\\\]"),
)
_COMBINING = {'"': "\u0308", "'": "\u0301", "`": "\u0300"}
_TEX = re.compile(r"[\\^_{}=<>]")


@dataclass(frozen=True, slots=True)
class Repaired:
    """Sound LaTeX, and what stands again where a character stands for it."""

    text: str
    restored: Mapping[int, str]


class _Aside:
    """Hands out a character for each thing set aside."""

    def __init__(self) -> None:
        self.characters: dict[str, str] = {}

    def put(self, thing: str) -> str:
        return self.characters.setdefault(thing, chr(_ASIDE + len(self.characters)))


def repair(text: str, deepest: int) -> Repaired | None:
    """Make the text sound: braces and dollars in pairs, no comments, no environments, no stray brackets.

    deepest: groups within groups that are allowed. Returns None where there are more, or where the text
    itself has characters of the private plane.
    """
    if any(ord(character) >= _ASIDE for character in text):
        return None
    text = _ENVIRONMENT.sub(" ", text)
    for display in _DISPLAYS:
        text = display.sub(r"$\1$", text)
    aside = _Aside()
    parts = _parts(text, aside)
    if not _pair_braces(parts, aside, deepest):
        return None
    _pair_dollars(parts, aside)
    return Repaired("".join(parts), {ord(sign): thing for thing, sign in aside.characters.items()})


def _parts(text: str, aside: _Aside) -> list[str]:
    """The text in parts: braces and dollars by themselves, signs without a meaning set aside."""
    parts: list[str] = []
    end = 0
    for match in _TOKENS.finditer(text):
        parts += [text[end : match.start()], _part(match, aside)]
        end = match.end()
    return [*parts, text[end:]]


def _part(match: re.Match[str], aside: _Aside) -> str:
    token = match[0]
    match match.lastgroup:
        case "url" | "sign":
            return aside.put(token)
        case "accent" | "letter" if not _composes(token):
            return aside.put(token[1]) + token[2:]
        case "symbol" if token[1] in "()[]{}$%&#":
            return aside.put(token[1:])
        case "symbol" if token[1].isspace():
            return " "
        case "tie":
            return " "
        case _:
            return token


def _composes(accent: str) -> bool:
    r"""Whether there is a letter like this, as `\'e`; `\"Q` is a quotation mark with a backslash too many."""
    return len(unicodedata.normalize("NFC", accent[2:] + _COMBINING[accent[1]])) == 1 < len(accent) - 1


def _pair_braces(parts: list[str], aside: _Aside, deepest: int) -> bool:
    """Set aside every brace without its other half; False where groups nest too deeply."""
    open_at: list[int] = []
    for at, part in enumerate(parts):
        if part == "{":
            open_at.append(at)
        elif part == "}" and open_at:
            open_at.pop()
        elif part == "}":
            parts[at] = aside.put(part)
    for at in open_at:
        parts[at] = aside.put("{")
    depth = most = 0
    for part in parts:
        depth += (part == "{") - (part == "}")
        most = max(most, depth)
    return most <= deepest


def _pair_dollars(parts: list[str], aside: _Aside) -> None:
    """Leave the dollars that enclose a formula; set aside those of prices and those without another."""
    at = 0
    while at < len(parts):
        if parts[at] == "$":
            end = _formula_end(parts, at)
            if end is None:
                parts[at] = aside.put("$")
            else:
                at = end
        at += 1


def _formula_end(parts: list[str], start: int) -> int | None:
    depth = 0
    for at in range(start + 1, len(parts)):
        depth += (parts[at] == "{") - (parts[at] == "}")
        if depth < 0:
            return None
        if parts[at] == "$":
            inside = "".join(parts[start + 1 : at])
            after = "".join(parts[at + 1 : at + 3])[:1]
            return at if depth == 0 and inside and not _is_price(inside, after) else None
    return None


def _is_price(inside: str, after: str) -> bool:
    """Whether `$…$` is two prices, as in `from $5 to $10`, and no formula."""
    spaced = inside[-1:].isspace() or after.isdigit()
    return inside[:1].isdigit() and spaced and not _TEX.search(inside)
