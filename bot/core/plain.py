"""A post as plain text: for a shell, for notifications, for whoever reads a message's words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.post import (
    Block,
    Bullets,
    Card,
    Code,
    Divider,
    Emphasis,
    Heading,
    Line,
    Link,
    Moment,
    MomentStyle,
    Paragraph,
    Picture,
    Post,
    Quote,
    Small,
    Strong,
)
from bot.core.text import day


def plain(post: Post) -> str:
    """The post's text, links written out, blocks parted by empty lines."""
    return "\n\n".join(text for block in post.blocks if (text := _block(block)))


def words(line: Line) -> str:
    """A line's text, links written out."""
    return "".join(_inline(node) for node in line)


def moment(node: Moment) -> str:
    """A moment as people write it, in its own zone."""
    local = node.at.astimezone(ZoneInfo(node.zone))
    return day(local) if node.style is MomentStyle.DATE else f"{local:%a} {day(local)}, {_hour(local)}"


def _hour(local: datetime) -> str:
    return f"{local:%H:%M} {local.tzname()}"


def _inline(node: str | Strong | Emphasis | Link | Moment) -> str:
    match node:
        case str():
            return node
        case Strong(text) | Emphasis(text):
            return text
        case Link(label, url):
            return url if label == url else f"{label} <{url}>"
        case Moment():
            return moment(node)


def _block(block: Block) -> str:
    match block:
        case Heading(line) | Paragraph(line) | Small(line):
            return words(line)
        case Bullets(lines, numbered):
            marks = (f"{n}." if numbered else "•" for n in range(1, len(lines) + 1))
            return "\n".join(f"{mark} {words(line)}" for mark, line in zip(marks, lines, strict=True))
        case Quote(text):
            return "\n".join(f"> {line}" for line in text.splitlines())
        case Code(text):
            return text
        case Picture(url, alt):
            return f"[{alt}] {url}"
        case Card():
            head = " ".join(part for part in (block.mark, words(block.title)) if part)
            picture = _block(block.picture) if block.picture else ""
            return "\n".join(text for text in (head, *map(words, block.body), words(block.small), picture) if text)
        case Divider():
            return "—" * 20
