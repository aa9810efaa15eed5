"""What a command is, how a typed line or a filled form becomes a request, and how a request is run.

The table itself stands in `table.py`; platforms are projections of it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from bot.core.errors import Refused
from bot.core.model import Channel, Member, Newsletter
from bot.core.post import Answer
from bot.core.text import clean, clip

if TYPE_CHECKING:
    from bot.core.desk import Desk

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Audience(StrEnum):
    """Who may use a command."""

    MEMBER = "member"
    EDITOR = "editor"


class OptionKind(StrEnum):
    """What an option takes; platforms choose their widget and completion by it."""

    TEXT = "text"
    WHOLE = "whole number"
    FLAG = "yes or no"
    CHOICE = "choice"
    REFERENCE = "paper"
    LINK = "link"
    SECTION = "section"
    WEEKDAY = "weekday"
    TIME = "time"
    ZONE = "time zone"
    ISSUE = "issue number"
    NOMINATION = "item on the ballot"
    MEMBERS = "members"
    ROLE = "role"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what is shown, and the value it stands for."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command; minimum and maximum hold for whole numbers, both included."""

    name: str
    description: str
    kind: OptionKind = OptionKind.TEXT
    required: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: int = 0
    maximum: int = 1_000_000


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody attached."""

    name: str
    content: bytes


Value = str | int | bool | time | File
"""What an option holds once it has been read."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and where.

    admin: the platform says that this member runs the community.
    forms: the platform can open a form for what the member left out.
    """

    member: Member
    channel: Channel
    admin: bool = False
    locale: str = "en"
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A command with its options read, and the newsletter it is about, if there is one."""

    caller: Caller
    command: Command
    options: Mapping[str, Value] = field(default_factory=dict)
    newsletter: Newsletter | None = None

    def text(self, name: str) -> str:
        """A textual option, empty when left out."""
        return str(self.options.get(name, ""))

    def whole(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self.options.get(name)
        return value if isinstance(value, int) else None

    def flag(self, name: str) -> bool | None:
        """A yes or no, or None."""
        value = self.options.get(name)
        return value if isinstance(value, bool) else None

    def time(self, name: str) -> time | None:
        """A time of day, or None."""
        value = self.options.get(name)
        return value if isinstance(value, time) else None

    def file(self, name: str) -> File | None:
        """An attached file, or None."""
        value = self.options.get(name)
        return value if isinstance(value, File) else None

    @property
    def about(self) -> Newsletter:
        """The newsletter that the command is about; `Refused` where the channel has none."""
        if self.newsletter is None:
            raise Refused("This channel has no newsletter yet: an editor can start one with /newsletter setup.")
        return self.newsletter


Handler = Callable[["Desk", Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name (two words for a subcommand), what it does, its options, who may use it."""

    name: str
    description: str
    handler: Handler
    options: tuple[Option, ...] = ()
    audience: Audience = Audience.MEMBER

    def option(self, name: str) -> Option | None:
        """The option of this name."""
        return next((each for each in self.options if each.name == name), None)

    @property
    def usage(self) -> str:
        """The command as one would type it: `/nominate LINK [section] [note]`."""
        words = (each.name.upper() if each.required else f"[{each.name}]" for each in self.options)
        return " ".join((f"/{self.name}", *words))


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as typed: the command, the options given by name, and the words that name none."""

    command: Command
    named: Mapping[str, str]
    loose: str


def find(commands: Sequence[Command], name: str) -> Command:
    """The command of this name; `Refused` names what there is instead."""
    for command in commands:
        if command.name == name:
            return command
    group = name.split(maxsplit=1)[0] if name.strip() else ""
    known = ", ".join(f"/{each.name}" for each in commands if each.name.split()[0] == group)
    if known and name == group:
        raise Refused(f"/{group} takes a second word: {known}.")
    hint = f"there are {known}" if known else "/help lists what there is"
    raise Refused(f"There is no command /{clip(name, 40)}: {hint}.")


def parse(commands: Sequence[Command], line: str) -> Typed:
    """Read a typed line such as `/nominate LINK section:Papers note:Worth it`.

    An option's value runs to the next option's name, so that it may hold blanks; quotes around it fall
    away. Raises `Refused` when there is no such command.
    """
    words = clean(line).strip().removeprefix("/").split(maxsplit=2)
    if not words:
        raise Refused("That is no command: /help lists what there is.")
    for count in (2, 1):
        name = " ".join(words[:count]).casefold()
        if len(words) >= count and any(each.name == name for each in commands):
            command = find(commands, name)
            rest = clean(line).strip().removeprefix("/").split(maxsplit=count)
            return _split(command, rest[count] if len(rest) > count else "")
    group = any(each.name.startswith(f"{words[0].casefold()} ") for each in commands)
    find(commands, " ".join(words[: 2 if group else 1]).casefold())
    raise AssertionError("find raises when there is no such command")


def _split(command: Command, rest: str) -> Typed:
    names = "|".join(re.escape(each.name) for each in command.options)
    if not names:
        return Typed(command, {}, rest)
    pieces = re.split(rf"(?:^|(?<=\s))({names}):", rest, flags=re.IGNORECASE)
    named = {name.casefold(): _unquote(value) for name, value in zip(pieces[1::2], pieces[2::2], strict=True)}
    return Typed(command, named, pieces[0].strip())


def _unquote(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] in "\"'“" and value[-1] in "\"'”"
    return value[1:-1] if quoted else value


def place(typed: Typed, sections: Sequence[str]) -> dict[str, str]:
    """Give the loose words to the options that were not named, in their order.

    A section takes the words that name one; a text, a paper or a ballot's item takes all that is left;
    an optional option passes on what it cannot read. Raises `Refused` for words that nothing takes.
    """
    values, rest = dict(typed.named), typed.loose
    free = [each for each in typed.command.options if each.name not in values]
    for option in free:
        if not rest:
            break
        taken = _take(option, rest, sections, last=option is free[-1])
        if taken:
            values[option.name] = _unquote(taken)
            rest = rest[len(taken) :].strip()
    if rest:
        raise Refused(f"I do not know what “{clip(rest, 40)}” is for: {typed.command.usage}")
    return values


_GREEDY = {OptionKind.TEXT, OptionKind.REFERENCE, OptionKind.MEMBERS}


def _take(option: Option, rest: str, sections: Sequence[str], *, last: bool) -> str:
    if option.kind is OptionKind.FILE:
        return ""
    if option.kind is OptionKind.SECTION:
        fitting = [each for each in sections if f"{rest} ".casefold().startswith(f"{each} ".casefold())]
        return rest[: len(max(fitting, key=len))] if fitting else rest if last else ""
    if option.kind in _GREEDY:
        return rest
    word = rest.split(maxsplit=1)[0]
    if option.required or last:
        return word
    try:
        read(option, word, sections)
    except Refused:
        return ""
    return word


def read(option: Option, value: str, sections: Sequence[str]) -> Value:
    """The value of an option as its kind has it; `Refused` says what it takes."""
    value = clean(value).strip()
    reader = _READERS.get(option.kind)
    got = reader(option, value, sections) if reader else value
    if got is None:
        raise Refused(f"{option.name} takes {_takes(option, sections)}, not “{clip(value, 40)}”.")
    return got


def _takes(option: Option, sections: Sequence[str]) -> str:
    match option.kind:
        case OptionKind.WHOLE | OptionKind.ISSUE | OptionKind.NOMINATION:
            return f"a whole number from {option.minimum} to {option.maximum}"
        case OptionKind.FLAG:
            return "yes or no"
        case OptionKind.CHOICE:
            return "one of " + ", ".join(each.value for each in option.choices)
        case OptionKind.WEEKDAY:
            return "a weekday such as Monday"
        case OptionKind.TIME:
            return "a time such as 09:00"
        case OptionKind.ZONE:
            return "an IANA time zone such as Europe/Berlin"
        case OptionKind.SECTION:
            return "one of the sections " + ", ".join(sections)
        case _:
            return f"a {option.kind.value}"


def _whole(option: Option, value: str, _: Sequence[str]) -> int | None:
    number = int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
    return number if number is not None and option.minimum <= number <= option.maximum else None


def _flag(_: Option, value: str, __: Sequence[str]) -> bool | None:
    return {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}.get(value.casefold())


def _choice(option: Option, value: str, _: Sequence[str]) -> str | None:
    wanted = value.casefold()
    return next((c.value for c in option.choices if wanted in (c.value.casefold(), c.label.casefold())), None)


def _section(_: Option, value: str, sections: Sequence[str]) -> str | None:
    exact = [each for each in sections if each.casefold() == value.casefold()]
    near = [each for each in sections if value and each.casefold().startswith(value.casefold())]
    return exact[0] if exact else near[0] if len(near) == 1 else None


def _weekday(_: Option, value: str, __: Sequence[str]) -> int | None:
    return weekday(value)


def weekday(value: str) -> int | None:
    """The weekday (0 is Monday) that a name or its first three letters mean, or None."""
    names = [name for name in WEEKDAYS if value[2:] and name.casefold().startswith(value.casefold())]
    return WEEKDAYS.index(names[0]) if names else None


def _time(_: Option, value: str, __: Sequence[str]) -> time | None:
    return time_of_day(value)


def time_of_day(value: str) -> time | None:
    """The time of day that `9:00` or `09:00` means, or None."""
    match = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", value)
    return time(int(match[1]), int(match[2])) if match else None


def _zone(_: Option, value: str, __: Sequence[str]) -> str | None:
    return zone(value)


def zone(value: str) -> str | None:
    """The IANA time zone of this name, its case mended, or None."""
    wanted = value.casefold().replace(" ", "_")
    for name in available_timezones():
        if name.casefold() == wanted:
            return ZoneInfo(name).key
    return None


_READERS: Mapping[OptionKind, Callable[[Option, str, Sequence[str]], Value | None]] = {
    OptionKind.WHOLE: _whole,
    OptionKind.ISSUE: _whole,
    OptionKind.NOMINATION: _whole,
    OptionKind.FLAG: _flag,
    OptionKind.CHOICE: _choice,
    OptionKind.SECTION: _section,
    OptionKind.WEEKDAY: _weekday,
    OptionKind.TIME: _time,
    OptionKind.ZONE: _zone,
}
