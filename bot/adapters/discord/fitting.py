"""A Post as as many Posts as Discord needs messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.adapters.discord.blocks import shown
from bot.adapters.discord.costs import MOST_BUTTONS, Cost, cost, room, usable
from bot.adapters.discord.cutting import cut_line, cut_lines
from bot.adapters.discord.limits import BLOCK
from bot.adapters.discord.shortening import shortened
from bot.core.post import Block, Bullets, Card, Code, Divider, Heading, Line, Paragraph, Picture, Post, Quote, Small


def fit(post: Post) -> tuple[Post, ...]:
    """The post as posts of one message each: nothing is lost, and what is below it goes with the last.

    The first one calls the role and is passed on. A post with reactions is a ballot's, whose message has to stay one:
    it is shortened if it must be.
    """
    if post.reactions:
        return (shortened(post),)
    buttons = usable(post.buttons)
    rows = [buttons[start : start + MOST_BUTTONS] for start in range(0, len(buttons), MOST_BUTTONS)] or [()]
    pieces = [piece for block in post.blocks for piece in split(block)]
    pages = list(_pages(pieces, room(replace(post, buttons=rows[0]))))
    first = [replace(post, blocks=page, buttons=()) for page in pages[:-1]]
    messages = [*first, replace(post, blocks=pages[-1], buttons=rows[0])]
    messages += [replace(post, blocks=(), buttons=more) for more in rows[1:]]
    return (messages[0], *(replace(each, mention="", crosspost=False) for each in messages[1:]))


def _pages(blocks: Sequence[Block], has: Cost) -> Iterator[tuple[Block, ...]]:
    page: list[Block] = []
    components, text = has.components, has.text
    for block in blocks:
        size = cost(block)
        if page and (size.components > components or size.text > text):
            yield tuple(page)
            page, components, text = [], has.components, has.text
        page.append(block)
        components -= size.components
        text -= size.text
    yield tuple(page)


def split(block: Block) -> Sequence[Block]:
    """The block as blocks of which each fits into a message."""
    if cost(block).text <= BLOCK:
        return (block,)
    match block:
        case Heading(words):
            first, *more = cut_line(words)
            return (replace(block, line=first), *map(Paragraph, more))
        case Paragraph(words) | Small(words):
            return [replace(block, line=each) for each in cut_line(words)]
        case Bullets():
            return list(_bullets(block))
        case Card():
            return list(_card(block))
        case _:
            return _verbatim(block)


def _verbatim(block: Quote | Code | Picture | Divider) -> Sequence[Block]:
    match block:
        case Quote(text) | Code(text):
            return [replace(block, text=each) for each in cut_lines(text)]
        case Picture(_, alt):
            return split(Small((alt,)))
        case Divider():
            return (block,)


def _bullets(block: Bullets) -> Iterator[Block]:
    if block.numbered:
        # A list's later part would be numbered from 1 again.
        for number, words in enumerate(block.lines, 1):
            yield from split(Paragraph((f"{number}. ", *words)))
        return
    lines: list[Line] = []
    for piece in (piece for words in block.lines for piece in cut_line(words)):
        if lines and cost(Bullets((*lines, piece))).text > BLOCK:
            yield Bullets(tuple(lines))
            lines = []
        lines.append(piece)
    yield Bullets(tuple(lines))


def _card(card: Card) -> Iterator[Block]:
    """The card with as much of its body as goes, and the rest of it below."""
    if not shown(card.picture) and card.picture:
        card = replace(card, picture=None, small=(*card.small, " ", card.picture.alt))
    title, *more = cut_line((f"{card.mark} ", *card.title) if card.mark else card.title) or [()]
    head = Card(title, picture=card.picture)
    rest = [*more, *(piece for words in card.body for piece in cut_line(words))]
    while rest and cost(replace(head, body=(*head.body, rest[0]))).text <= BLOCK:
        head = replace(head, body=(*head.body, rest.pop(0)))
    yield head
    yield from map(Paragraph, rest)
    yield from split(Small(card.small))
