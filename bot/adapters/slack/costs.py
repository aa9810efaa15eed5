"""What a Post takes of a message, added up block by block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.slack import rich
from bot.adapters.slack.blocks import rendered
from bot.adapters.slack.buttons import element
from bot.adapters.slack.limits import BLOCKS, BUTTONS, SIZE, TEXT, size, units
from bot.core.post import Block, Button, Post

KEY = 300
"""Characters for a delivery's key in the first block."""

MOST_OF_ROW = 6000
"""Characters that the buttons of one message may take."""

_GROUP = re.compile(r"S[A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Cost:
    """What something takes of a message: blocks, and characters of their JSON."""

    blocks: int
    size: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.blocks + other.blocks, self.size + other.size)

    def __le__(self, other: Cost) -> bool:
        return self.blocks <= other.blocks and self.size <= other.size


NOTHING = Cost(0, 0)


def cost(block: Block) -> Cost:
    """What the block takes."""
    return sized(rendered(block))


def sized(made: Sequence[Mapping[str, Any]]) -> Cost:
    """What Slack's blocks take."""
    return Cost(len(made), sum(map(size, made)))


def holds(block: Block) -> bool:
    """Whether a message by itself holds the block, each text of it within its limit."""
    made = rendered(block)
    return sized(made) <= WHOLE and all(units(each) <= TEXT for each in _texts(made))


def _texts(made: Any) -> Iterator[str]:
    for each in made if isinstance(made, list) else made.values():
        if isinstance(each, str):
            yield each
        elif isinstance(each, list | dict):
            yield from _texts(each)


def call(post: Post) -> list[dict[str, Any]]:
    """The user group that the post calls, as a block; none for a role of another platform."""
    if not _GROUP.fullmatch(post.mention):
        return []
    return [rich.block(rich.section([{"type": "usergroup", "usergroup_id": post.mention}]))]


def bar(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """The buttons, as a block."""
    made = [element(each, number) for number, each in enumerate(buttons)]
    return [{"type": "actions", "elements": made}] if made else []


WHOLE = Cost(BLOCKS - 1, SIZE - KEY - 200)
"""What a message has for blocks, with the group that it may call above them."""


def rows(buttons: Iterable[Button]) -> list[tuple[Button, ...]]:
    """The buttons, parted into as many as one message takes each."""
    made: list[tuple[Button, ...]] = []
    room = Cost(0, 0)
    for button in buttons:
        taken = Cost(1, size(element(button, BUTTONS)))
        if not made or not taken <= room:
            made.append(())
            room = Cost(BUTTONS, MOST_OF_ROW)
        made[-1] = (*made[-1], button)
        room = Cost(room.blocks - taken.blocks, room.size - taken.size)
    return made


def fits(post: Post) -> bool:
    """Whether the post is one message as it is."""
    if len(rows(post.buttons)) > 1 or not all(map(holds, post.blocks)):
        return False
    return sum(map(cost, post.blocks), sized(bar(post.buttons))) <= WHOLE
