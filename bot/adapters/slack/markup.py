"""People's text as Slack's mrkdwn, where rich text cannot stand: it comes out as it went in, and nothing takes effect.

Slack has escapes for `&`, `<` and `>` alone (docs.slack.dev, Formatting message text). A mark that would take effect
gives way to a letter that looks like it, and one that does nothing stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.adapters.slack.emojis import name
from bot.adapters.slack.text import address, apart, flat, seen, tidy
from bot.core.plain import moment
from bot.core.post import Emphasis, Inline, Line, Link, Moment, MomentStyle, Strong

JOINER = "\u200b"
"""A zero-width space: it parts what would otherwise be read as one."""

FORMATS = {MomentStyle.DATE: "{date}", MomentStyle.FULL: "{date_long} at {time}", MomentStyle.RELATIVE: "{ago}"}

_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_TWINS = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}
_MARKS = {
    "*": re.compile(r"\*"),
    # Inside a word an underscore is a letter like any other.
    "_": re.compile(r"(?<![^\W_])_|_(?![^\W_])"),
    "~": re.compile(r"~"),
    "`": re.compile(r"`"),
}
_PAIR = 2
_COLON = re.compile(r":(?=[\w+'-]*(?::|\Z))")
_QUOTED = re.compile(r"^(?=[^\S\n]*&gt;)", re.MULTILINE)
_SCHEME = re.compile(r"[a-z]:/{1,2}\S", re.IGNORECASE)


def words(node: Inline) -> str:
    """The people's text in a node."""
    match node:
        case str():
            return node
        case Strong(text) | Emphasis(text):
            return text
        case Link(label):
            return label
        case Moment():
            return ""


def live(texts: Iterable[str], used: Iterable[str] = ()) -> frozenset[str]:
    """The marks that could take effect among these texts: those that come in pairs, and those `used` besides."""
    joined = list(texts)
    paired = (mark for mark, rule in _MARKS.items() if sum(len(rule.findall(each)) for each in joined) >= _PAIR)
    return frozenset((*paired, *used))


ALL = frozenset(_MARKS)


def escape(text: str, marks: Iterable[str] = ALL) -> str:
    """The text with everything disarmed that Slack would act on; `marks` are those that would take effect."""
    text = text.translate(_ENTITIES)
    for mark in marks:
        text = _MARKS[mark].sub(_TWINS[mark], text)
    # Last, as a mark's twin is a letter that may stand between two colons.
    return _COLON.sub(f":{JOINER}", text)


def mrkdwn(lines: Sequence[Line], title: Line = (), mark: str = "") -> str:
    """The lines as mrkdwn, below a bold title after an emoji where there are such."""
    everything = [node for line in (title, *lines) for node in line]
    bold = any(isinstance(node, Strong) for node in everything) or bool(title)
    slanted = any(isinstance(node, Emphasis) for node in everything)
    used = [*("*" if bold else ""), *("_" if slanted else "")]
    marks = live((words(node) for node in everything), used)
    head = "".join(_inline(node, marks, len(title), plain=True) for node in title).strip()
    emoji = f":{name(mark)}: " if name(mark) else escape(f"{mark} ", marks) if mark else ""
    text = [emoji + (f"*{head}*" if seen(head) else "")] if title or emoji else []
    text += [body for line in lines if seen(body := _joined(line, marks))]
    return guard("\n".join(text)).strip()


def guard(text: str) -> str:
    """Markup whose lines do not begin as a quote would."""
    return _QUOTED.sub(JOINER, text)


def _joined(line: Line, marks: frozenset[str]) -> str:
    pieces = [_inline(node, marks, len(line)) for node in line]
    return "".join(pieces).strip()


def _inline(node: Inline, marks: frozenset[str], beside: int, *, plain: bool = False) -> str:
    """The node as mrkdwn, one of so many of its line; `plain` without marks of its own."""
    match node:
        case str():
            return escape(_apart(tidy(node) if not plain else flat(node), beside), marks)
        case Strong(text):
            return _marked(_apart(flat(text), beside), "" if plain else "*", marks)
        case Emphasis(text):
            return _marked(_apart(flat(text), beside), "" if plain else "_", marks)
        case Link(label, url):
            return _link(_apart(flat(label), beside), url, marks)
        case Moment(at, style):
            return f"<!date^{int(at.timestamp())}^{FORMATS[style]}|{moment(node)}>"


def _apart(text: str, beside: int) -> str:
    return apart(text) if beside > 1 else text


def _marked(text: str, mark: str, marks: frozenset[str]) -> str:
    core = text.strip()
    if not core or not mark:
        return escape(text, marks)
    lead = text[: len(text) - len(text.lstrip())] or JOINER
    trail = text[len(text.rstrip()) :] or JOINER
    return f"{lead}{mark}{escape(core, marks)}{mark}{trail}"


def _link(label: str, url: str, marks: frozenset[str]) -> str:
    target = address(url)
    if target is None:
        return escape(label, marks)
    target = target.translate(_ENTITIES)
    if not seen(label):
        return f"<{target}>"
    if misleading(label, url):
        return f"{escape(label, marks)} <{target}>"
    return f"<{target}|{escape(label, marks)}>"


def misleading(label: str, url: str) -> bool:
    """Whether a link's label reads as an address other than its own."""
    return bool(_SCHEME.search(label)) and label.strip() != url.strip()
