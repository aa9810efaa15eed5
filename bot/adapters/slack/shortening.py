"""A Post that has to be one message, shortened as little as will do.

A ballot's message is what its reactions belong to and cannot become two. Every item stays; the ends of notes go first,
then pictures, then the addresses that are longest, then the ends of whatever is long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from bot.adapters.slack.buttons import usable
from bot.adapters.slack.costs import fits, rows
from bot.adapters.slack.markup import words
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
ADDRESSES = (1000, 500, 200, 100, 0)
TEXTS = (1500, 800, 400, 200, 100, 50, 20)

CUT_SHORT = "There is more to this than one message holds."

Change = Callable[[Inline], Inline]


def shortened(post: Post) -> Post:
    """The post as one message: as it is where it fits."""
    post = replace(post, buttons=(rows(usable(post.buttons)) or [()])[0])
    for attempt in _attempts(post):
        if fits(attempt):
            return attempt
    return _begun(attempt)


def _attempts(post: Post) -> Iterator[Post]:
    yield post
    for length in BODIES[:3]:
        post = _mapped(post, _body(length))
        yield post
    post = without_pictures(post)
    yield post
    for length in BODIES[3:]:
        post = _mapped(post, _body(length))
        yield post
    for change in (*map(_unlinked, ADDRESSES), *map(_clipped, TEXTS)):
        post = _mapped(post, partial(_changed, change=change))
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
    """Cards with so much of their body, over all its lines."""

    def change(block: Block) -> Block:
        if not isinstance(block, Card):
            return block
        left = length
        lines: list[Line] = []
        for line in block.body:
            kept: list[Inline] = []
            for node in line:
                if left > 1:
                    kept.append(_clipped(left)(node))
                left -= len(words(node))
            lines += [tuple(kept)] if kept else []
        return replace(block, body=tuple(lines))

    return change


def _changed(block: Block, change: Change) -> Block:
    """The block with each of its nodes changed."""
    match block:
        case Heading(nodes) | Paragraph(nodes) | Small(nodes):
            return replace(block, line=_line(nodes, change))
        case Bullets(lines):
            return replace(block, lines=tuple(_line(each, change) for each in lines))
        case Card():
            return _card(block, change)
        case Quote(text) | Code(text):
            return replace(block, text=words(change(text)))
        case Picture(_, alt):
            return replace(block, alt=words(change(alt)))
        case Divider():
            return block


def _card(card: Card, change: Change) -> Card:
    picture = card.picture and replace(card.picture, alt=words(change(card.picture.alt)))
    body = tuple(_line(each, change) for each in card.body)
    title, small = _line(card.title, change), _line(card.small, change)
    return replace(card, title=title, body=body, small=small, picture=picture)


def _line(nodes: Line, change: Change) -> Line:
    return tuple(map(change, nodes))


def _clipped(length: int) -> Change:
    def change(node: Inline) -> Inline:
        match node:
            case str():
                return clip(node, length)
            case Strong(text) | Emphasis(text):
                return replace(node, text=clip(text, length))
            case Link(label):
                return replace(node, label=clip(label, length))
            case Moment():
                return node

    return change


def _unlinked(length: int) -> Change:
    def change(node: Inline) -> Inline:
        return node.label if isinstance(node, Link) and len(node.url) > length else node

    return change
