"""What a Post takes of a message, added up block by block.

The sums are never below what the rendered message comes to, as blocks that share a text display or a gallery save
components.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.discord.blocks import markup, shown
from bot.adapters.discord.buttons import custom_id
from bot.adapters.discord.limits import BUTTONS, COMPONENTS, TEXT, weight
from bot.core.post import Block, Button, Card, Divider, Picture, Post

_ROLE = re.compile(r"[0-9]{1,20}")

JOINTS = 2
"""Characters between two blocks of one text display, at most."""

MOST_BUTTONS = 25
"""Buttons below one message."""

FRAME = 2
"""Components that a message may have besides its blocks and buttons: the container, and a separator for the key."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a block takes of a message: components, and characters of text."""

    components: int
    text: int


def cost(block: Block) -> Cost:
    """What the block takes, at most."""
    text = weight(markup(block)) + JOINTS
    match block:
        case Card(picture=picture) if shown(picture):
            return Cost(3, text)
        case Picture() if shown(block):
            return Cost(1, 0)
        case Divider():
            return Cost(1, 0)
        case _:
            return Cost(1, text)


def room(post: Post) -> Cost:
    """What a message of this post has for blocks, apart from its frame, its buttons and the role it calls."""
    frame = FRAME + buttons_cost(post.buttons) + bool(call(post))
    return Cost(COMPONENTS - frame, TEXT - weight(call(post)))


def call(post: Post) -> str:
    """The role that the post calls, as Discord writes it; nothing for a role of another platform."""
    return f"<@&{post.mention}>" if _ROLE.fullmatch(post.mention) else ""


def buttons_cost(buttons: Sequence[Button]) -> int:
    """The components that these buttons take, with their rows."""
    return len(buttons) + -(-len(buttons) // BUTTONS)


def usable(buttons: Sequence[Button]) -> tuple[Button, ...]:
    """The buttons that Discord can show."""
    return tuple(each for each in buttons if custom_id(each) is not None)


def fits(post: Post) -> bool:
    """Whether the post is one message as it is."""
    has, costs = room(post), [cost(block) for block in post.blocks]
    return sum(each.components for each in costs) <= has.components and sum(each.text for each in costs) <= has.text
