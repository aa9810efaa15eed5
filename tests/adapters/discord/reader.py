"""Discord's markup as its clients read it, in miniature: what a reader sees, and what in it is more than text.

Written from what is known of the clients (rules of simple-markdown, Discord's issue tracker), not from the renderer, so
that the two can disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any


@dataclass
class Reading:
    """What a reader sees of a text: the words, what is active in them, and where the links lead."""

    text: str = ""
    active: Counter[str] = field(default_factory=Counter)
    links: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Reading) -> None:
        """Read on."""
        self.text += other.text
        self.active += other.active
        self.links += other.links


_BLOCKS = (
    ("heading", re.compile(r" *(?P<mark>#{1,3})\s+(?=\S)")),
    ("subtext", re.compile(r" *-#\s+(?=\S)")),
    ("quote", re.compile(r" *>(?:>>)? ")),
    ("item", re.compile(r" *(?:[*+-]|[0-9]+\.) +(?=\S)")),
)

_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"](?:[\s\S]*?)['\"])?\s*\)"
)

_INLINE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("autolink", re.compile(r"<(https?://[^ >]+)>")),
    ("time", re.compile(r"<t:-?[0-9]+(?::[tTdDfFR])?>")),
    ("mention", re.compile(r"<(?:@[!&]?|#)[0-9]+>|<id:\w+>|</[^<>:]+:[0-9]+>|@everyone|@here")),
    ("emoji", re.compile(r"<a?:\w+:[0-9]+>|:[^\s:]+?:")),
    ("link", _LINK),
    ("url", re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")),
    ("code", re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("strike", re.compile(r"~~([\s\S]+?)~~(?!_)")),
    ("em", re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")),
    ("em", re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)")),
)
_IN_LABEL = tuple(rule for rule in _INLINE if rule[0] not in {"escape", "link", "url", "autolink", "time"})
_FENCE = re.compile(r"```(?:[a-z0-9_+-]+?\n)?\n*([^\n][\s\S]*?)\n*```")


def read(text: str) -> Reading:
    """What a text display shows."""
    whole = Reading()
    while text:
        fence = _FENCE.search(text)
        before = text[: fence.start()] if fence else text
        for block, lines in groupby(before.split("\n"), key=_begins_block):
            for part in lines if block else ["\n".join(lines)]:
                whole.add(_line(part))
                whole.text += "\n"
        if fence is None:
            return whole
        whole.add(Reading(fence[1], Counter(["fence"])))
        text = text[fence.end() :]
    return whole


def _begins_block(line: str) -> bool:
    return any(rule.match(line) for _, rule in _BLOCKS)


def _line(line: str) -> Reading:
    for kind, rule in _BLOCKS:
        match = rule.match(line)
        if match:
            inner = _line(line[match.end() :])
            inner.active[kind] += 1
            return inner
    return _inline(line, _INLINE)


def _inline(text: str, rules: Iterable[tuple[str, re.Pattern[str]]]) -> Reading:
    found = Reading()
    place = 0
    while place < len(text):
        for kind, rule in rules:
            match = rule.match(text, place)
            if match and (kind != "link" or _may_link(match)):
                found.add(_READ.get(kind, _marked)(kind, match))
                place = match.end()
                break
        else:
            found.text += text[place]
            place += 1
    return found


def _may_link(match: re.Match[str]) -> bool:
    return re.match(r"https?://", match[2]) is not None and not re.search(r"https?://\w\w", match[1])


def _escaped(_: str, match: re.Match[str]) -> Reading:
    return Reading(match[1])


def _address(kind: str, match: re.Match[str]) -> Reading:
    url = match[1] if kind == "autolink" else match[0]
    return Reading(url, Counter([kind]), [("", url)])


def _masked(kind: str, match: re.Match[str]) -> Reading:
    inner = _inline(match[1], _IN_LABEL)
    inner.active[kind] += 1
    inner.links.append((inner.text, match[2]))
    return inner


def _as_it_is(kind: str, match: re.Match[str]) -> Reading:
    return Reading(match[0] if kind != "time" else "", Counter([kind]))


def _marked(kind: str, match: re.Match[str]) -> Reading:
    if kind == "code":
        return Reading(match[2], Counter([kind]))
    inner = _inline(match[1], _INLINE)
    inner.active[kind] += 1
    return inner


_READ: Mapping[str, Callable[[str, re.Match[str]], Reading]] = {
    "escape": _escaped,
    "autolink": _address,
    "url": _address,
    "link": _masked,
    "time": _as_it_is,
    "mention": _as_it_is,
    "emoji": _as_it_is,
}


def texts(payload: Mapping[str, Any]) -> list[str]:
    """The text displays of a message, in order."""
    found: list[str] = []
    for each in payload["components"]:
        found += [each["content"]] if each["type"] == 10 else []
        found += texts(each) if "components" in each else []
    return found


def media(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pictures of a message, with their descriptions."""
    found: list[tuple[str, str]] = []
    for each in payload["components"]:
        shown = [*each.get("items", []), *([each["accessory"]] if "accessory" in each else [])]
        found += [(item["media"]["url"], item.get("description") or "") for item in shown]
        found += media(each) if "components" in each else []
    return found


def bare(text: str) -> str:
    """A text with nothing but what is seen of it: no blanks, no marks without a width, wide letters made plain."""
    kept = (
        each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) not in {"Cc", "Cf", "Cs"}
    )
    return "".join("".join(kept).split())
