"""Post: a message before any platform shapes it.

Text from people is plain `str` here; only a renderer writes markup, and it escapes every string.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args


@dataclass(frozen=True, slots=True)
class Strong:
    """Bold text."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Italic text."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link; a renderer shows the label alone where the URL is not http(s)."""

    label: str
    url: str


class MomentStyle(StrEnum):
    """How a moment is shown: the day, the day and the hour, or how far off it is."""

    DATE = "date"
    FULL = "full"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, shown in each reader's zone where the platform can, else in `zone`."""

    at: datetime
    style: MomentStyle = MomentStyle.FULL
    zone: str = "UTC"


Inline = str | Strong | Emphasis | Link | Moment
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the message's own) to 3."""

    line: Line
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True, slots=True)
class Small:
    """A line of lesser weight: sources, counts, dates."""

    line: Line


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, numbered or not."""

    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, of any length."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text to copy, letter by letter."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the text that stands in for it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """An item: its title, the lines below it, a picture beside it, a mark (an emoji) before it."""

    title: Line
    body: tuple[Line, ...] = ()
    small: Line = ()
    picture: Picture | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Divider:
    """A rule between what does not belong together."""


Block = Heading | Paragraph | Small | Bullets | Quote | Code | Picture | Card | Divider


@dataclass(frozen=True, slots=True)
class Button:
    """A button that runs a command, as if its presser had typed it."""

    label: str
    command: str
    options: tuple[tuple[str, str], ...] = ()
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A message: its blocks, the buttons below them, the reactions that the bot seeds.

    title: one plain line for notifications, screen readers and the name of a thread.
    private: only the asker sees it. refused: it says why what was asked was not done.
    mention: the id of the one role that the message may call. crosspost: pass it on to channels that follow.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    reactions: tuple[str, ...] = ()
    private: bool = False
    refused: bool = False
    mention: str = ""
    crosspost: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: an option of the form's command, with the value filled in so far."""

    option: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A question back to the asker: the fields that, filled in, run `command`."""

    title: str
    command: str
    fields: tuple[Field, ...] = field(default=())


Answer = Post | Form


def sentence(text: str, *, refused: bool = False) -> Post:
    """A private post of one sentence."""
    return Post(text, (Paragraph((text,)),), private=True, refused=refused)


_NODES = {node.__name__: node for node in (*get_args(Inline), *get_args(Block), Button, Post) if node is not str}


def dump(post: Post) -> str:
    """The post as JSON, for the outbox; `load` reads it back."""
    return json.dumps(_encode(post), ensure_ascii=False)


def load(text: str) -> Post:
    """The post that `dump` wrote."""
    post = _decode(json.loads(text))
    assert isinstance(post, Post)
    return post


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"node": "datetime", "at": value.isoformat()}
    if isinstance(value, tuple):
        return [_encode(each) for each in value]
    if type(value).__name__ in _NODES:
        return {"node": type(value).__name__} | {
            each.name: _encode(getattr(value, each.name)) for each in fields(value)
        }
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decode(each) for each in value)
    if not isinstance(value, dict):
        return value
    name = value.pop("node")
    if name == "datetime":
        return datetime.fromisoformat(value["at"])
    arguments = {key: _decode(each) for key, each in value.items()}
    if name == "Moment":
        arguments["style"] = MomentStyle(arguments["style"])
    return _NODES[name](**arguments)
