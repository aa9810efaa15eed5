"""A Post as as many messages as it takes, each within Slack's limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.adapters.slack.buttons import usable
from bot.adapters.slack.costs import NOTHING, WHOLE, bar, cost, fits, holds, rows, sized
from bot.adapters.slack.cutting import cut_line, cut_lines
from bot.adapters.slack.shortening import shortened
from bot.adapters.slack.text import shown
from bot.core.post import Block, Bullets, Card, Code, Divider, Heading, Line, Paragraph, Picture, Post, Quote, Small


def fit(post: Post) -> tuple[Post, ...]:
    """The post as posts of one message each: nothing is lost, and what is below it goes with the last.

    The first one calls the user group. A post with reactions is a ballot's, whose message has to stay one: it is
    shortened if it must be.
    """
    post = replace(post, buttons=usable(post.buttons))
    if post.reactions:
        return (shortened(post),)
    if fits(post):
        return (post,)
    pages = list(_pages([piece for block in post.blocks for piece in split(block)]))
    below = rows(post.buttons)
    messages = [replace(post, blocks=page, buttons=()) for page in pages]
    last = sum(map(cost, pages[-1]), NOTHING)
    if below and last + sized(bar(below[0])) <= WHOLE:
        messages[-1] = replace(messages[-1], buttons=below.pop(0))
    messages += [replace(post, blocks=(), buttons=row) for row in below]
    return (messages[0], *(replace(each, mention="", crosspost=False) for each in messages[1:]))


def _pages(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    page: list[Block] = []
    taken = NOTHING
    for block in blocks:
        more = taken + cost(block)
        if page and not more <= WHOLE:
            yield tuple(page)
            page, more = [], cost(block)
        page.append(block)
        taken = more
    yield tuple(page)


def split(block: Block) -> Sequence[Block]:
    """The block as blocks of which each fits into a message."""
    if holds(block):
        return (block,)
    match block:
        case Heading(words):
            first, *more = cut_line(words)
            return (replace(block, line=first), *map(Paragraph, more))
        case Paragraph(words):
            return [replace(block, line=each) for each in cut_line(words)]
        case Small(words):
            # What is too long for one text of mrkdwn, as an address of nothing but escapes, goes into rich text.
            pieces = map(Small, cut_line(words))
            return [each if holds(each) else Paragraph(each.line) for each in pieces]
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
    room = 0
    for piece in (piece for words in block.lines for piece in cut_line(words)):
        taken = cost(Bullets((piece,))).size
        if lines and taken > room:
            yield Bullets(tuple(lines))
            lines = []
        room = (room if lines else WHOLE.size) - taken
        lines.append(piece)
    yield Bullets(tuple(lines))


def _card(card: Card) -> Iterator[Block]:
    """The card with as much of its body as goes, and the rest of it below."""
    if card.picture and not shown(card.picture):
        card = replace(card, picture=None, small=(*card.small, " ", card.picture.alt))
    title, *more = cut_line(card.title) or [()]
    head = Card(title, picture=card.picture, mark=card.mark)
    if not holds(head):
        head = replace(head, picture=None)
    rest = [*more, *(piece for words in card.body for piece in cut_line(words))]
    while rest and holds(longer := replace(head, body=(*head.body, rest[0]))):
        head = longer
        rest.pop(0)
    yield head
    yield from map(Paragraph, rest)
    if card.picture and not head.picture:
        yield from split(card.picture)
    yield from split(Small(card.small))
