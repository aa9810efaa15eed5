"""People's text as Discord's markup: it comes out as it went in, and nothing in it takes effect."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from bot.adapters.discord.limits import URL
from bot.core.post import Emphasis, Inline, Line, Link, Moment, MomentStyle, Strong
from bot.core.text import clean

JOINER = "\u200b"
"""A zero-width space: it parts what would otherwise be read as one."""

_NEWLINE = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_UNSEEN = re.compile(r"[\u0080-\u009f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ISOLATE = "\u2068{}\u2069"

_ACTIVE = re.compile(r"@(?=everyone|here|\Z)|[\\*_~`|>#\[\]<]|:(?!\s)|\A\(|(?<=\])\(", re.IGNORECASE)
_CALL = re.compile(r"@(?:everyone|here)", re.IGNORECASE)
_HANDLE = re.compile(r"@[a-z]{1,7}\Z", re.IGNORECASE)
_START = re.compile(r"^([^\S\n]*)([-+]|[0-9]{1,18}(?=[.)]))", re.MULTILINE)

_ADDRESS = re.compile(r"https?://[\w.~:/?#@!$&'()*+,;=%-]+", re.IGNORECASE | re.ASCII)
_KEPT = "%:/?#@!$&+,;=~-._"
_SCHEME = re.compile(r"[a-z]:/{1,2}\S", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)

_LETTERS = {MomentStyle.DATE: "D", MomentStyle.FULL: "f", MomentStyle.RELATIVE: "R"}


def tidy(text: str) -> str:
    """The text without what no reader sees: control characters, and marks that turn the direction of what follows."""
    return _UNSEEN.sub("", _NEWLINE.sub("\n", clean(text)))


def flat(text: str) -> str:
    """The text on one line; blanks at its ends stay, as they part it from its neighbours."""
    return re.sub(r"\s+", " ", tidy(text))


def escape(text: str, *, links: bool = False) -> str:
    r"""The text with everything escaped that Discord would act on.

    A backslash does for all but `@everyone` and `@here`, which the server looks for in the raw text. links: addresses
    in the text may be followed; each stands in `<…>`, whole, so that nothing in it is read as anything else.
    """
    if not links:
        return _ACTIVE.sub(_escaped, text)
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        ends = not _goes_on(text[match.end() : match.end() + 1])
        if ends and len(match[0]) <= URL and not _CALL.search(match[0]):
            url = _without_tail(match[0])
            pieces += [_ACTIVE.sub(_escaped, text[end : match.start()]), f"<{url}>"]
            end = match.start() + len(url)
    return "".join((*pieces, _ACTIVE.sub(_escaped, text[end:])))


def _escaped(match: re.Match[str]) -> str:
    return match[0] + JOINER if match[0] == "@" else "\\" + match[0]


def _without_tail(url: str) -> str:
    end = len(url)
    while url[end - 1] in ".,;:!?'*_~" or (url[end - 1] == ")" and url.count("(", 0, end) < url.count(")", 0, end)):
        end -= 1
    return url[:end]


def _goes_on(following: str) -> bool:
    """Whether an address may not end here: a letter of an alphabet or a bracket follows."""
    return following != "" and (following in "[]{}|\\^`" or unicodedata.category(following) in {"Ll", "Lu", "Mn"})


def guard(text: str) -> str:
    """Markup whose lines do not begin as a list would."""
    return _START.sub(lambda match: match[1] + _numbered(match[2]), text)


def _numbered(start: str) -> str:
    # A backslash before a digit would be seen, so it goes between the number and its dot.
    return f"{start}\\" if start[0].isdigit() else f"\\{start}"


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
    safe = re.sub("@(?=everyone|here)", "%40", quote(url, safe=_KEPT))
    return safe if len(safe) <= URL else None


def link(label: str, url: str) -> str:
    """A link that reads `label`; the label alone where the address is none, with the address where it reads as one."""
    target = address(url)
    words = flat(label)
    if target is None:
        return escape(words)
    if not words.strip(f" {JOINER}") or words.strip() in {url.strip(), target}:
        return f"<{target}>"
    if _SCHEME.search(words):
        # Discord shows a link whose label holds another address as its bare markup.
        return f"{escape(words)} <{target}>"
    lead, core, trail = _parted(words)
    return f"{lead}[{_label(core)}](<{target}>){trail}"


def _parted(text: str) -> tuple[str, str, str]:
    core = text.strip()
    lead = text[: len(text) - len(text.lstrip())]
    return lead, core, text[len(lead) + len(core) :]


def _twins(characters: str) -> Callable[[str], str]:
    table = {ord(each): chr(ord(each) + 0xFEE0) for each in characters}
    return lambda text: text.translate(table)


_LABEL_RULES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), _twins(characters))
    for pattern, characters in (
        (r"\\[^0-9a-z\s]", "\\"),
        (r"\*[^*]*\*", "*"),
        (r"__|_[^_]*_(?![0-9a-z])", "_"),
        (r"~~", "~"),
        (r"\|\|", "|"),
        (r"`[^`]*`", "`"),
        (r"<[^<>]*>", "<"),
        (r":[^\s:]+:", ":"),
        (r"@(?:everyone|here)", "@"),
        (r"\]\(", "[]"),
        (r"\A(?:#{1,3}|-#|[-+*]|>{1,3})\s", "#-+*>"),
        (r"\A[0-9]+\.\s", "."),
    )
)
"""What would take effect inside a link's label, and which characters to disarm then.

Escapes do not work there: their backslashes would be seen (discord-api-docs, issue 6185). So an active character
gives way to its full-width twin, and one that does nothing stays.
"""


def _label(text: str) -> str:
    for pattern, twin in _LABEL_RULES:
        text = pattern.sub(_replacing(twin), text)
    return text if _balanced(text) else _twins("[]")(text)


def _replacing(twin: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda match: twin(match[0])


def _balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if not 0 <= depth <= 1:
            return False
    return depth == 0


def line(nodes: Line, *, newlines: bool = False) -> str:
    """The nodes as markup, on one line unless `newlines` may stay.

    Beside others, a string that runs from right to left is kept apart, so that it does not turn its neighbours.
    """
    markup = ""
    for node in nodes:
        piece = _inline(node, newlines=newlines)
        if len(nodes) > 1 and not isinstance(node, Moment) and _RIGHT_TO_LEFT.search(piece):
            piece = _ISOLATE.format(piece)
        markup += JOINER + piece if _would_join(markup, piece) else piece
    return guard(markup.strip())


def _would_join(before: str, after: str) -> bool:
    """Whether two pieces would be read as one: marks side by side, or `@every` and `one`."""
    return (before.endswith("*") and after.startswith("*")) or (after[:1].isalpha() and bool(_HANDLE.search(before)))


def _inline(node: Inline, *, newlines: bool) -> str:
    match node:
        case str():
            return escape(tidy(node) if newlines else flat(node), links=True)
        case Strong(text):
            return _marked(text, "**")
        case Emphasis(text):
            return _marked(text, "*")
        case Link(label, url):
            return link(label, url)
        case Moment(at, style):
            return f"<t:{int(at.timestamp())}:{_LETTERS[style]}>"


def _marked(text: str, mark: str) -> str:
    lead, core, trail = _parted(flat(text))
    return f"{lead}{mark}{escape(core)}{mark}{trail}" if core else lead + trail
