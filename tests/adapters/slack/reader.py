"""Slack's messages as its clients read them, in miniature: what a reader sees, and what in it is more than text.

Written from Slack's documentation of mrkdwn and rich text, not from the renderer, so that the two can disagree.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Json = dict[str, Any]


@dataclass
class Reading:
    """What a reader sees of a message: the words, what is active in them, where links lead, the pictures."""

    text: str = ""
    active: Counter[str] = field(default_factory=Counter)
    links: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Reading) -> None:
        """Read on."""
        self.text += other.text
        self.active += other.active
        self.links += other.links
        self.pictures += other.pictures


_ANGLES = re.compile(r"<([^<>]*)>")
_EMOJI = re.compile(r":[\w+'-]+:")
_STYLES = (
    ("code", re.compile(r"`[^`\n]+`")),
    ("bold", re.compile(r"(?<![^\W_])\*(?=\S)[^*\n]*(?<=\S)\*(?![^\W_])")),
    ("italic", re.compile(r"(?<![^\W_])_(?=\S)[^_\n]*(?<=\S)_(?![^\W_])")),
    ("strike", re.compile(r"(?<![^\W_])~(?=\S)[^~\n]*(?<=\S)~(?![^\W_])")),
)
_MARKS = {"bold": "*", "italic": "_", "strike": "~", "code": "`"}
_URL = re.compile(r"https?://\S+|\b[\w-]+\.example\b")


def read(blocks: list[Json]) -> Reading:
    """What a message of these blocks shows."""
    whole = Reading()
    for block in blocks:
        whole.add(_READ[block["type"]](block))
        whole.text += "\n"
    return whole


def _header(block: Json) -> Reading:
    return _text_object(block["text"], "header")


def _section(block: Json) -> Reading:
    found = _text_object(block["text"])
    if "accessory" in block:
        found.add(_image(block["accessory"]))
    return found


def _context(block: Json) -> Reading:
    found = Reading()
    for each in block["elements"]:
        found.add(_text_object(each))
    return found


def _image(block: Json) -> Reading:
    return Reading(pictures=[(block["image_url"], block["alt_text"])])


def _nothing(_: Json) -> Reading:
    return Reading()


def _rich_text(block: Json) -> Reading:
    found = Reading()
    for part in block["elements"]:
        kind = part["type"].removeprefix("rich_text_")
        found.active[kind] += kind != "section"
        for line in part["elements"] if kind == "list" else [part]:
            for each in line["elements"]:
                found.add(_element(each))
            found.text += "\n"
    return found


def _element(element: Json) -> Reading:
    active = Counter(element.get("style", {}).keys())
    match element["type"]:
        case "text":
            return Reading(element["text"], active)
        case "link":
            label = element.get("text", "")
            return Reading(label or element["url"], active + Counter(["link"]), [(label, element["url"])])
        case "emoji":
            return Reading(f":{element['name']}:", Counter(["emoji"]))
        case kind:
            return Reading("", Counter([kind]))


def _text_object(found: Json, *active: str) -> Reading:
    if found["type"] == "plain_text":
        return Reading(found["text"], Counter([*active, *(["emoji"] * bool(found.get("emoji", True)))]))
    return mrkdwn(found["text"], verbatim=found.get("verbatim", False))


def mrkdwn(text: str, *, verbatim: bool = True) -> Reading:
    """What a text with Slack's markup shows."""
    found = Reading()
    pieces = _ANGLES.split(text)
    words = [_inside(each, found) if n % 2 else each for n, each in enumerate(pieces)]
    found.active["emoji"] += len(_EMOJI.findall("".join(pieces[::2])))
    found.active["quote"] += len(re.findall(r"^\s*(?:>|&gt;)", "".join(words), re.MULTILINE))
    bare = "".join("" if n % 2 else each for n, each in enumerate(pieces))
    found.active["bare link"] += 0 if verbatim else len(_URL.findall(bare))
    shown = "".join(words)
    for kind, rule in _STYLES:
        found.active[kind] += len(rule.findall(shown))
        shown = rule.sub(partial(_unmarked, _MARKS[kind]), shown)
    found.text = html.unescape(shown)
    return found


def _unmarked(mark: str, match: re.Match[str]) -> str:
    return match[0].strip(mark)


def _inside(inner: str, found: Reading) -> str:
    target, _, label = inner.partition("|")
    if target.startswith("!date^"):
        found.active["date"] += 1
        return ""
    if target.startswith(("!", "@", "#")):
        found.active["mention"] += 1
        return target
    found.active["link"] += 1
    found.links.append((html.unescape(label), html.unescape(target)))
    return label or target


_READ = {
    "header": _header,
    "section": _section,
    "context": _context,
    "image": _image,
    "divider": _nothing,
    "actions": _nothing,
    "rich_text": _rich_text,
}


_TWINS = str.maketrans({"\u2217": "*", "\uff3f": "_", "\u223c": "~", "\u02cb": "`"})


def bare(text: str) -> str:
    """A text with nothing but what is seen of it: no blanks, no marks without a width, twins made plain."""
    plain = unicodedata.normalize("NFKC", text.translate(_TWINS)).translate(_TWINS)
    kept = (each for each in plain if unicodedata.category(each) not in {"Cc", "Cf", "Cs"})
    return "".join("".join(kept).split())


def strings(found: Any) -> Iterator[str]:
    """Every string in a payload."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from strings(each)
