"""The page, its messages and its forms, from templates that escape whatever they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.adapters.web.records import BOT, Person, RoomMessage
from bot.adapters.web.render import render, said
from bot.adapters.web.room import Room
from bot.core.commands import Audience, Command, Option, OptionKind
from bot.core.post import Form, Post
from bot.core.text import clip, count, one_line

HERE = Path(__file__).parent

PALETTE = ("📰", "👍", "❤️", "🎉", "👀", "🤔")
"""The reactions that the page offers on every message; 📰 nominates the message's link."""

TINTS = 6

_ROBOT = Person(BOT, "Broadsheet")

_COMPLETED = {
    OptionKind.REFERENCE,
    OptionKind.SECTION,
    OptionKind.ZONE,
    OptionKind.ISSUE,
    OptionKind.NOMINATION,
    OptionKind.MEMBERS,
}
_NUMBERS = {OptionKind.WHOLE, OptionKind.ISSUE, OptionKind.NOMINATION}


@dataclass(frozen=True, slots=True)
class Face:
    """How somebody looks on the page: initials on a tint."""

    id: str
    name: str
    initials: str
    tint: str
    role: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction as one viewer sees it; the bot's seeding is not counted."""

    emoji: str
    number: int
    names: str
    mine: bool
    label: str


class Pages:
    """Renders what the page shows."""

    def __init__(self, room: Room, commands: Sequence[Command]) -> None:
        self._room = room
        self._commands = commands
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self) -> str:
        """The whole page, without its messages: the stream of events brings them."""
        faces = [self._face(each) for each in self._room.people]
        known = {
            "commands": [_command(each) for each in self._commands],
            "people": [{"id": each.id, "initials": each.initials, "tint": each.tint} for each in faces],
        }
        template = self._environment.get_template("page.html")
        return template.render(faces=faces, channels=self._room.channels, known=known)

    def message(self, message: RoomMessage, viewer: str) -> dict[str, Any]:
        """A message as an event carries it to one viewer."""
        where = {"id": message.id, "channel": message.channel, "thread": message.thread, "gone": message.gone}
        if message.gone:
            return where
        title = message.content.title if isinstance(message.content, Post) else message.content
        author = self._face(self._person(message.author))
        html = self._environment.get_template("message.html").render(
            message=message,
            author=author,
            bot=message.author == BOT,
            title=clip(one_line(title), 100),
            content=render(message.content) if isinstance(message.content, Post) else said(message.content),
            buttons=message.content.buttons if isinstance(message.content, Post) else (),
            reactions=[self._reaction(emoji, who, viewer) for emoji, who in message.reactions.items()],
            palette=[each for each in PALETTE if each not in message.reactions],
            replies=count(message.replies, "reply", "replies") if message.replies else "",
        )
        said_by = {"author": message.author, "summary": f"{author.name}: {clip(one_line(title), 200)}"}
        return where | said_by | {"html": html}

    def form(self, form: Form) -> str:
        """A form as the content of the page's dialog."""
        command = next((each for each in self._commands if each.name == form.command), None)
        options = {each.name: each for each in command.options} if command else {}
        fields = [
            {"field": each, "option": option, "widget": _widget(option)}
            for each in form.fields
            for option in [options.get(each.option, Option(each.option, ""))]
        ]
        return self._environment.get_template("form.html").render(form=form, fields=fields)

    def _person(self, person_id: str) -> Person:
        return _ROBOT if person_id == BOT else self._room.person(person_id) or Person(person_id, person_id)

    def _face(self, person: Person) -> Face:
        words = person.name.split() or [person.id or "?"]
        initials = "".join(word[0] for word in words[:2]).upper()
        place = next((n for n, each in enumerate(self._room.people) if each.id == person.id), 0)
        tint = "tint-bot" if person.id == BOT else f"tint-{place % TINTS}"
        return Face(person.id, person.name, initials, tint, "editor" if person.editor else "member")

    def _reaction(self, emoji: str, people: Sequence[str], viewer: str) -> Reaction:
        names = [self._person(each).name for each in people if each != BOT]
        listed = ", ".join(names)
        label = f"{emoji}, {count(len(names), 'person', 'people')}" + (f": {listed}" if names else "")
        return Reaction(emoji, len(names), listed, viewer in people, label)


def _command(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "description": command.description,
        "usage": command.usage,
        "editors": command.audience is Audience.EDITOR,
        "options": [
            {"name": each.name, "description": each.description, "required": each.required}
            for each in command.options
            if each.kind is not OptionKind.FILE
        ],
    }


def _widget(option: Option) -> str:
    """The widget for an option: by its kind, a select wherever the choices are few and known."""
    if option.kind is OptionKind.FLAG:
        return "flag"
    if option.choices:
        return "select"
    if option.kind in _NUMBERS:
        return "completed number" if option.kind in _COMPLETED else "number"
    if option.kind in _COMPLETED:
        return "completed"
    known = {OptionKind.TIME: "time", OptionKind.FILE: "file", OptionKind.LINK: "link"}
    return known.get(option.kind, "text")
