"""Posts as Discord's messages: components of the second version, within its limits, and no text from people active."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

import discord

from bot.adapters.discord.blocks import joint, markup, shown
from bot.adapters.discord.buttons import custom_id, pressed, rows
from bot.adapters.discord.costs import call
from bot.adapters.discord.fitting import fit
from bot.adapters.discord.limits import ALT, GALLERY, weight
from bot.adapters.discord.marks import MARKS, mark, nonce, walk
from bot.adapters.discord.markup import address, flat, line
from bot.adapters.discord.shortening import shortened
from bot.core.post import Block, Card, Divider, Paragraph, Picture, Post
from bot.core.text import clip

__all__ = ["custom_id", "fit", "mentions", "pressed", "shortened", "to_json", "view"]

ACCENT = 0x2F5D8A
"""The colour of the edge that shows what belongs to one message."""

_SEEN = re.compile(r"[^\s\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff]")
"""Anything in a text that a reader would see: Discord finds a message without it empty."""

Item = discord.ui.Item[discord.ui.LayoutView]


def view(post: Post) -> discord.ui.LayoutView:
    """The post as discord.py's layout; it has to be one of those that `fit` gave.

    Buttons are known by their custom_id (`pressed`), so nobody need listen to the layout or remember it.
    """
    layout = discord.ui.LayoutView(timeout=None)
    items = list(_items([block for block in post.blocks if _worth(block)]))
    if call(post):
        layout.add_item(discord.ui.TextDisplay(call(post)))
    bars = list(rows(post.buttons))
    if not items and not bars:
        items.append(discord.ui.TextDisplay(line((post.title,)) or "…"))
    if items and any(not isinstance(block, Paragraph) for block in post.blocks):
        layout.add_item(discord.ui.Container(*items, accent_colour=ACCENT))
    else:
        _add(layout, items)
    _add(layout, bars)
    return layout


def _add(layout: discord.ui.LayoutView, items: Sequence[Item]) -> None:
    for item in items:
        layout.add_item(item)


def to_json(post: Post, key: str | None = None) -> dict[str, Any]:
    """The message as Discord gets it, with a delivery's key in it where there is one."""
    components: list[dict[str, Any]] = view(post).to_components()  # type: ignore[no-untyped-call]  # discord.py's own
    payload: dict[str, Any] = {
        "flags": discord.MessageFlags(components_v2=True, suppress_embeds=True).value,
        "allowed_mentions": mentions(post).to_dict(),
        "components": components,
    }
    if key is not None:
        if sum(1 for _ in walk(components)) < MARKS:
            components.append({"type": discord.ComponentType.separator.value, "divider": False, "spacing": 1})
        mark(components, key)
        payload |= {"nonce": nonce(key), "enforce_nonce": True}
    return payload


def mentions(post: Post) -> discord.AllowedMentions:
    """Whom the message may wake: nobody but the role that the post calls, whatever is written in it."""
    roles = [discord.Object(post.mention)] if call(post) else False
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)


def _worth(block: Block) -> bool:
    return isinstance(block, Divider) or shown_picture(block) is not None or bool(_SEEN.search(markup(block)))


def shown_picture(block: Block) -> Picture | None:
    """The block's picture, if it has one that Discord can show."""
    picture = block.picture if isinstance(block, Card) else block if isinstance(block, Picture) else None
    return picture if picture is not None and shown(picture) else None


def _sort(block: Block) -> str:
    if isinstance(block, Card | Divider):
        return type(block).__name__
    return "text" if shown_picture(block) is None else "pictures"


def _items(blocks: Sequence[Block]) -> Iterator[Item]:
    for sort, group in groupby(blocks, key=_sort):
        match sort:
            case "text":
                yield discord.ui.TextDisplay(_joined(list(group)))
            case "pictures":
                yield from _galleries([block for block in group if isinstance(block, Picture)])
            case "Card":
                yield from map(_card, group)
            case _:
                yield from (discord.ui.Separator() for _ in group)


def _joined(blocks: Sequence[Block]) -> str:
    text = markup(blocks[0])
    for before, after in pairwise(blocks):
        text += joint(before, after) + markup(after)
    return text


def _galleries(pictures: Sequence[Picture]) -> Iterator[Item]:
    for start in range(0, len(pictures), GALLERY):
        items = (
            discord.MediaGalleryItem(address(each.url) or each.url, description=_alt(each))
            for each in pictures[start : start + GALLERY]
        )
        yield discord.ui.MediaGallery(*items)


def _card(card: Block) -> Item:
    text: Item = discord.ui.TextDisplay(markup(card) or "…")
    picture = shown_picture(card)
    if picture is None:
        return text
    thumbnail: Item = discord.ui.Thumbnail(address(picture.url) or picture.url, description=_alt(picture))
    return discord.ui.Section(text, accessory=thumbnail)


def _alt(picture: Picture) -> str | None:
    alt = flat(picture.alt).strip()
    length = ALT
    while weight(alt) > ALT:
        length -= 1
        alt = clip(alt, length)
    return alt or None
