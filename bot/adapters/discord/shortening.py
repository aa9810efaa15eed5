"""A Post that has to be one message, shortened as little as will do.

Ten nominations with long notes and longer addresses can be more than a message holds, but a ballot's message is what
its reactions belong to and cannot become two. Every item stays; pictures go where there are too many components, then
the ends of notes, then long addresses, then the ends of whatever is long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from bot.adapters.discord.costs import MOST_BUTTONS, cost, fits, room, usable
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
from bot.core.publishing import without_pictures
from bot.core.text import clip

BODIES = (400, 300, 200, 150, 100, 50, 0)
ADDRESSES = (500, 200, 100, 0)
TEXTS = (1500, 800, 400, 200, 100, 50, 20)

CUT_SHORT = "There is more to this than one message holds."


def shortened(post: Post) -> Post:
    """The post as one message: as it is where it fits."""
    post = replace(post, buttons=usable(post.buttons)[:MOST_BUTTONS])
    for attempt in _attempts(post):
        if fits(attempt):
            return attempt
    return _begun(attempt)


def _attempts(post: Post) -> Iterator[Post]:
    yield post
    if sum(cost(each).components for each in post.blocks) > room(post).components:
        post = without_pictures(post)
        yield post
    for length in BODIES:
        post = _mapped(post, _body(length))
        yield post
    for length in ADDRESSES:
        post = _mapped(post, partial(_lines, change=partial(_unlinked, length=length)))
        yield post
    for length in TEXTS:
        post = _mapped(post, partial(_lines, change=partial(_clipped, length=length)))
        yield post


def _begun(post: Post) -> Post:
    """As many of the blocks as fit, and a line that says so."""
    blocks: list[Block] = []
    last = Small((CUT_SHORT,))
    for block in post.blocks:
        if fits(replace(post, blocks=(*blocks, block, last))):
            blocks.append(block)
    return replace(post, blocks=(*blocks, last))


def _mapped(post: Post, change: Callable[[Block], Block]) -> Post:
    return replace(post, blocks=tuple(map(change, post.blocks)))


def _body(length: int) -> Callable[[Block], Block]:
    """A card with so much of its body, over all its lines."""

    def change(block: Block) -> Block:
        if not isinstance(block, Card):
            return block
        lines: list[Line] = []
        left = length
        for line in block.body:
            kept: list[Inline] = []
            for node in line:
                size = len(_text(node))
                if size > left:
                    kept += [_clipped(node, left)] if left > 1 else []
                    left = 0
                    break
                kept.append(node)
                left -= size
            lines += [tuple(kept)] if kept else []
        return replace(block, body=tuple(lines))

    return change


def _lines(block: Block, change: Callable[[Inline], Inline]) -> Block:
    def changed(line: Line) -> Line:
        return tuple(map(change, line))

    match block:
        case Heading(line) | Paragraph(line) | Small(line):
            return replace(block, line=changed(line))
        case Bullets(lines):
            return replace(block, lines=tuple(map(changed, lines)))
        case Card():
            picture = _lines(block.picture, change) if block.picture else None
            assert picture is None or isinstance(picture, Picture)
            body = tuple(map(changed, block.body))
            return replace(block, title=changed(block.title), body=body, small=changed(block.small), picture=picture)
        case Quote(text) | Code(text):
            return replace(block, text=_text(change(text)))
        case Picture(_, alt):
            return replace(block, alt=_text(change(alt)))
        case Divider():
            return block


def _text(node: Inline) -> str:
    match node:
        case str():
            return node
        case Strong(text) | Emphasis(text):
            return text
        case Link(label):
            return label
        case Moment():
            return ""


def _clipped(node: Inline, length: int) -> Inline:
    match node:
        case str():
            return clip(node, length)
        case Strong(text) | Emphasis(text):
            return replace(node, text=clip(text, length))
        case Link(label):
            return replace(node, label=clip(label, length))
        case Moment():
            return node


def _unlinked(node: Inline, length: int) -> Inline:
    return node.label if isinstance(node, Link) and len(node.url) > length else node
