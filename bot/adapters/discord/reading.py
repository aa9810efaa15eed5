"""What a message says, in plain words: its text, what was forwarded with it, its embeds and components."""

from __future__ import annotations

from collections.abc import Iterator

import discord

LONGEST = 20_000
"""So many characters of a message are read; Discord lets people write 4,000."""


def words(message: discord.Message) -> str:
    """The message's words and links, a line for each part."""
    return "\n".join(_parts(message))[:LONGEST]


def _parts(message: discord.Message) -> Iterator[str]:
    yield message.content
    for snapshot in message.message_snapshots:
        yield snapshot.content
        yield from _embedded(snapshot.embeds)
        yield from _built(snapshot.components)
    yield from _embedded(message.embeds)
    yield from _built(message.components)


def _embedded(embeds: list[discord.Embed]) -> Iterator[str]:
    for embed in embeds:
        yield from filter(None, (embed.url, embed.title, embed.description))
        yield from (field.value for field in embed.fields if field.value)


def _built(components: object) -> Iterator[str]:
    """The texts of components and of what they hold, and where their buttons lead."""
    for component in components if isinstance(components, list) else ():
        for name in ("content", "url"):
            value = getattr(component, name, None)
            if isinstance(value, str):
                yield value
        yield from _built(getattr(component, "children", None))
        if accessory := getattr(component, "accessory", None):
            yield from _built([accessory])
