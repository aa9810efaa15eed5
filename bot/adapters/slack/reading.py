"""What a message says, in plain words: its text, and the links in its blocks, attachments and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.slack.escapes import undone

LONGEST = 40_000
"""So many characters of a message are read: the most that Slack takes in one."""

DEEPEST = 12

_WRITTEN = ("pretext", "title", "text", "fallback", "value")
_LINKS = ("title_link", "from_url", "original_url", "url", "external_url", "url_private", "permalink")


def words(message: Mapping[str, Any]) -> str:
    """The message's words and links, a line for each part; links to Slack's own copies of files are no links."""
    return "\n".join(_parts(message))[:LONGEST]


def _parts(message: Mapping[str, Any]) -> Iterator[str]:
    text = message.get("text")
    if isinstance(text, str):
        yield undone(text[:LONGEST])
    yield from _found(message.get("blocks"), 0)
    for attachment in _records(message.get("attachments")):
        yield from (undone(attachment[name]) for name in _LINKS if isinstance(attachment.get(name), str))
        yield from (undone(attachment[name]) for name in _WRITTEN if isinstance(attachment.get(name), str))
        yield from _found([attachment.get("blocks"), attachment.get("message_blocks"), attachment.get("fields")], 0)
    for file in _records(message.get("files")):
        if file.get("is_external") and isinstance(file.get("url_private"), str):
            yield file["url_private"]


def _records(value: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in (value if isinstance(value, list) else ()) if isinstance(each, Mapping))


def _found(value: object, depth: int) -> Iterator[str]:
    """The texts and links of blocks and of what they hold."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _found(each, depth + 1)
    elif isinstance(value, Mapping):
        yield from (undone(value[name]) for name in (*_LINKS, *_WRITTEN) if isinstance(value.get(name), str))
        for name, each in value.items():
            if name != "image_url" and isinstance(each, list | Mapping):
                yield from _found(each, depth + 1)
