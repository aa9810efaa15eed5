"""The command table as Slack's slash commands: one for each first word, the rest is typed behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.commands import Command
from bot.core.post import Block, Bullets, Card, Heading, Inline, Line, Paragraph, Post, Small, Strong


def slash(commands: Sequence[Command], prefix: str = "") -> Mapping[str, tuple[Command, ...]]:
    """Slack's commands by name, with their slash and the prefix, and the commands of the table behind each.

    prefix: what comes before each name in workspaces where the plain names are taken.
    """
    found: dict[str, tuple[Command, ...]] = {}
    for command in commands:
        name = f"/{prefix}{command.name.split()[0]}"
        found[name] = (*found.get(name, ()), command)
    return found


def line(name: str, text: str, prefix: str = "") -> str:
    """What was typed, as the front reads it: Slack's command without the prefix, and the text behind it."""
    return f"/{name.removeprefix('/').casefold().removeprefix(prefix)} {text}".rstrip()


class Prefixed:
    """Puts the prefix before the commands that a post speaks of, so that they can be typed as they stand there."""

    def __init__(self, commands: Sequence[Command], prefix: str) -> None:
        words = "|".join(sorted({re.escape(each.name.split()[0]) for each in commands}))
        self._known = re.compile(rf"(?<![^\s(“])/(?=(?:{words})\b)")
        self._prefix = prefix

    def __call__(self, post: Post) -> Post:
        """The post with the prefix; titles of links, quotes and code stay as they are."""
        if not self._prefix:
            return post
        return replace(post, title=self.text(post.title), blocks=tuple(self._block(each) for each in post.blocks))

    def text(self, text: str) -> str:
        """The text with the prefix."""
        return self._known.sub(f"/{self._prefix}", text)

    def _block(self, block: Block) -> Block:
        match block:
            case Heading() | Paragraph() | Small():
                return replace(block, line=self._line(block.line))
            case Bullets():
                return replace(block, lines=tuple(self._line(each) for each in block.lines))
            case Card():
                return replace(
                    block, body=tuple(self._line(each) for each in block.body), small=self._line(block.small)
                )
            case _:
                return block

    def _line(self, line: Line) -> Line:
        return tuple(self._inline(each) for each in line)

    def _inline(self, inline: Inline) -> Inline:
        match inline:
            case str():
                return self.text(inline)
            case Strong():
                return Strong(self.text(inline.text))
            case _:
                return inline
