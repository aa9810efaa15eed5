"""A small bot behind the page: it answers a few commands from fixed posts and notes what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.adapters.web.chat import WebChat
from bot.adapters.web.clock import MovableClock
from bot.adapters.web.room import Person, Room, RoomChannel, open_room
from bot.adapters.web.server import serve
from bot.core.commands import Audience, Caller, Choice, Command, File, Option, OptionKind, Request, parse
from bot.core.errors import BroadsheetError
from bot.core.model import Channel, Member, Message, Newsletter
from bot.core.post import Answer, Button, Field, Form, Heading, Link, Moment, Paragraph, Post, Small, sentence
from tests.fakes.clock import FakeClock

SUNDAY = datetime(2026, 11, 22, 18, 40, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)

PEOPLE = (Person("ada", "Ada Lovelace", editor=True), Person("ben", "Ben"), Person("chen", "Chen Wei"))
CHANNELS = (RoomChannel("the-paper", "Issues and ballots"), RoomChannel("talk", "What we read"))

PAPER = Channel("web", "demo", "the-paper")

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 5"><path d="M1 1h6v3H1z" fill="#b4502f"/></svg>'

FIGURES = {"drawing.svg": DRAWING, "notes.txt": b"no picture"}

SECTIONS = ("Papers", "Articles", "Tools")


async def _never(_: object, __: Request) -> Answer:
    raise AssertionError("the fake front answers by itself")


COMMANDS = (
    Command("paper", "Look a paper up", _never, (Option("reference", "An arXiv id", OptionKind.REFERENCE, True),)),
    Command(
        "nominate",
        "Propose something to read",
        _never,
        (
            Option("link", "What to read", OptionKind.LINK, required=True),
            Option("section", "Where it belongs", OptionKind.SECTION),
            Option("note", "Why it is worth reading"),
        ),
    ),
    Command("ballot", "See how the vote stands", _never),
    Command(
        "newsletter setup",
        "Start a newsletter",
        _never,
        (
            Option("name", "What it is called", required=True),
            Option("weekday", "Its day", OptionKind.WEEKDAY, choices=(Choice("Monday", "Monday"),)),
            Option("time", "Its hour", OptionKind.TIME),
            Option("picks", "How many winners", OptionKind.WHOLE, minimum=1, maximum=50),
            Option("public", "Whether anybody reads it", OptionKind.FLAG),
        ),
        Audience.EDITOR,
    ),
    Command("newsletter editors", "Name editors", _never, (Option("members", "Who", OptionKind.MEMBERS),)),
    Command("newsletter import", "Read one in", _never, (Option("file", "It", OptionKind.FILE, required=True),)),
)


@dataclass
class Reacted:
    """A reaction as the front was told of it."""

    message: Message
    emoji: str
    member: Member
    added: bool
    text: str


class FakeFront:
    """Answers `/paper`, `/nominate` and forms; `hold` keeps answers back until it is set."""

    def __init__(self) -> None:
        self.commands: Sequence[Command] = COMMANDS
        self.callers: list[Caller] = []
        self.invoked: list[tuple[str, Mapping[str, str | File]]] = []
        self.reactions: list[Reacted] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def typed(self, caller: Caller, line: str) -> Answer:
        await self.hold.wait()
        self.callers.append(caller)
        try:
            typed = parse(self.commands, line)
        except BroadsheetError as error:
            return sentence(str(error), refused=True)
        required = [each for each in typed.command.options if each.required]
        if required and not typed.loose and required[0].name not in typed.named:
            fields = (Field(each.name, each.name.capitalize()) for each in typed.command.options)
            return Form(typed.command.description, typed.command.name, tuple(fields))
        return await self.invoke(caller, typed.command.name, {"loose": typed.loose, **typed.named})

    async def invoke(self, caller: Caller, command: str, values: Mapping[str, str | File]) -> Answer:
        self.callers.append(caller)
        self.invoked.append((command, values))
        if values.get("name") == "bad":
            return sentence("A newsletter needs a better name.", refused=True)
        text = f"{command}: " + ", ".join(str(value) for value in values.values())
        buttons = (Button("Abstract", "ballot", (("show", "abstract"),), primary=True),)
        return Post(text, (Heading((text,), 1), Paragraph((text, " ends ", Moment(MONDAY)))), buttons, private=True)

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        self.callers.append(caller)
        names = SECTIONS if option == "section" else ("2103.06255", "2103.11886") if option == "reference" else ()
        return tuple(Choice(name, name) for name in names if name.casefold().startswith(typed.casefold()))

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        self.reactions.append(Reacted(message, emoji, member, added, text))
        return sentence(f"Nominated what {member.name} liked.") if emoji == "📰" and added else None

    async def newsletter(self, channel: Channel) -> Newsletter | None:
        return None

    async def home(self, member: Member) -> Post:
        return sentence(f"{member.name} is at home.")


def ballot() -> Post:
    """A message with reactions, a link and a button."""
    blocks = (Heading(("Ballot 2",), 1), Paragraph((Link("A paper", "https://example.org/paper"),)), Small(("Vote!",)))
    return Post("Ballot 2", blocks, (Button("Standing", "ballot"),))


@dataclass
class Demo:
    """A page that is served, with the bot and the room behind it."""

    address: str
    front: FakeFront
    room: Room
    chat: WebChat
    real: FakeClock
    clock: MovableClock
    session: aiohttp.ClientSession

    async def post(self, path: str, **body: object) -> tuple[int, dict[str, Any]]:
        """Send what the page would send; returns the status and the answer."""
        async with self.session.post(self.address + path, json=body) as response:
            return response.status, await response.json()


@asynccontextmanager
async def demo(folder: Path, front: FakeFront | None = None, port: int = 0) -> AsyncIterator[Demo]:
    """Serve the page with its room in this folder, on a free port for 0; the same folder again is a restart."""
    front = front or FakeFront()
    real = FakeClock(SUNDAY)
    async with open_room(folder / "chat.sqlite", PEOPLE, CHANNELS, real) as room:
        clock = MovableClock(room)

        async def next_slot() -> datetime:
            return MONDAY if clock.now() < MONDAY else MONDAY + timedelta(days=7)

        async with (
            serve(front, room, clock, "127.0.0.1", port, FIGURES, next_slot) as address,
            aiohttp.ClientSession() as session,
        ):
            yield Demo(address, front, room, WebChat(room, clock), real, clock, session)
