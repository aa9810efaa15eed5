"""Posts as HTML: every string is escaped, links go to http(s) alone, and text of any direction stays in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.core.plain import moment
from bot.core.post import (
    Block,
    Bullets,
    Card,
    Code,
    Divider,
    Emphasis,
    Heading,
    Inline,
    Line,
    Link,
    Moment,
    Paragraph,
    Picture,
    Post,
    Quote,
    Small,
    Strong,
)
from bot.core.text import clean, without_tail

_FIGURE = re.compile(r"/figures/[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_URL = re.compile(r"https?://[^\s<>\"'`\\^{|}]{1,2000}", re.IGNORECASE)
_SPACE = re.compile(r"\s")

_HEADINGS = {
    1: Markup('<h3 dir="auto">{}</h3>'),
    2: Markup('<h4 dir="auto">{}</h4>'),
    3: Markup('<h5 dir="auto">{}</h5>'),
}
"""A post's own heading is an h3, since the page has an h1 and an h2."""

_PARAGRAPH = Markup('<p dir="auto">{}</p>')
_SMALL = Markup('<p class="small" dir="auto">{}</p>')
_BULLETS = Markup("<ul>{}</ul>")
_NUMBERED = Markup("<ol>{}</ol>")
_ITEM = Markup('<li dir="auto">{}</li>')
_IMAGE = Markup('<img class="picture" src="{}" alt="{}" loading="lazy">')


def render(post: Post) -> Markup:
    """The post's blocks as HTML."""
    return _join(map(_block, post.blocks))


def said(text: str) -> Markup:
    """What a person typed, as HTML: links can be followed, the rest stands as it is."""
    pieces: list[Markup] = []
    end = 0
    for match in _URL.finditer(text):
        url = without_tail(match[0])
        pieces += [_text(text[end : match.start()]), _inline(Link(url, url))]
        end = match.start() + len(url)
    return Markup('<p class="said" dir="auto">{}</p>').format(_join([*pieces, _text(text[end:])]))


def safe_url(url: str) -> str | None:
    """The address if it is one that a reader may be sent to: http(s), with a host and no white space."""
    url = clean(url).strip()
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and not _SPACE.search(url)
    except ValueError:
        return None
    return url if fine else None


def _join(pieces: Iterable[Markup]) -> Markup:
    return Markup().join(pieces)


def _text(text: str) -> Markup:
    return Markup.escape(clean(text))


def _line(line: Line) -> Markup:
    # A lone string takes its block's direction; beside others each is kept apart, so that none turns its neighbours.
    if len(line) == 1:
        return _inline(line[0])
    return _join(Markup("<bdi>{}</bdi>").format(_text(n)) if isinstance(n, str) else _inline(n) for n in line)


def _inline(node: Inline) -> Markup:
    match node:
        case str():
            return _text(node)
        case Strong(text):
            return Markup('<strong dir="auto">{}</strong>').format(_text(text))
        case Emphasis(text):
            return Markup('<em dir="auto">{}</em>').format(_text(text))
        case Link(label, url):
            return _link(label, url)
        case Moment():
            return _moment(node)


def _link(label: str, url: str) -> Markup:
    address = safe_url(url)
    if address is None:
        return Markup('<span dir="auto">{}</span>').format(_text(label))
    return Markup(
        '<a href="{}" rel="noopener noreferrer nofollow" target="_blank" dir="auto">{}</a>'
    ).format(address, _text(label) if label.strip() else address)  # fmt: skip


def _moment(node: Moment) -> Markup:
    at = node.at.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" data-moment="{}">{}</time>').format(at, node.style.value, moment(node))


def _block(block: Block) -> Markup:
    match block:
        case Heading(line, level):
            return _HEADINGS[min(max(level, 1), 3)].format(_line(line))
        case Paragraph(line):
            return _PARAGRAPH.format(_line(line))
        case Small(line):
            return _SMALL.format(_line(line))
        case Bullets(lines, numbered):
            items = _join(_ITEM.format(_line(each)) for each in lines)
            return (_NUMBERED if numbered else _BULLETS).format(items)
        case Picture():
            return _picture(block)
        case Card():
            return _card(block)
        case _:
            return _verbatim(block)


def _verbatim(block: Quote | Code | Divider) -> Markup:
    match block:
        case Quote(text):
            return Markup('<blockquote dir="auto">{}</blockquote>').format(_text(text))
        case Code(text):
            return Markup('<pre tabindex="0"><code>{}</code></pre>').format(_text(text))
        case Divider():
            return Markup("<hr>")


def _picture(picture: Picture) -> Markup:
    # The page's content security policy loads nothing from elsewhere, so a picture there is a link.
    if _FIGURE.fullmatch(picture.url):
        return _IMAGE.format(picture.url, clean(picture.alt))
    return Markup('<p class="picture-link">{}</p>').format(_link(picture.alt, picture.url))


def _card(card: Card) -> Markup:
    mark = Markup('<span class="mark">{}</span> ').format(_text(card.mark)) if card.mark else Markup()
    title = Markup('<p class="card-title" dir="auto">{}{}</p>').format(mark, _line(card.title))
    body = _join(_PARAGRAPH.format(_line(each)) for each in card.body)
    small = _SMALL.format(_line(card.small)) if card.small else Markup()
    picture = _picture(card.picture) if card.picture else Markup()
    words = Markup('<div class="card-words">{}{}{}</div>').format(title, body, small)
    return Markup('<div class="card">{}{}</div>').format(words, picture)
