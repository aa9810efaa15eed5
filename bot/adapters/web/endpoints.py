"""What the page asks of the bot: each endpoint takes an event in, calls the front, puts the answer into the room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.adapters.web.bodies import LONGEST_ID, BadRequest, Body, read_form, read_json
from bot.adapters.web.chat import member
from bot.adapters.web.clock import MovableClock
from bot.adapters.web.pages import PALETTE, Pages
from bot.adapters.web.records import BOT, COMMUNITY, PLATFORM, NewMessage, Person, RoomMessage
from bot.adapters.web.room import Room
from bot.core.commands import Caller, Choice, OptionKind
from bot.core.front import Front
from bot.core.model import Channel, Message
from bot.core.plain import plain
from bot.core.post import Answer, Form, Post
from bot.core.text import clip

TOO_MANY_HOURS = 24 * 400
"""The clock refuses so many; more of them would not fit a date."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who speaks, in which channel, below which message."""

    person: Person
    channel: str
    thread: int | None = None

    @property
    def caller(self) -> Caller:
        """The place as the core knows it: an editor runs the community, and the page can open forms."""
        channel = Channel(PLATFORM, COMMUNITY, self.channel)
        return Caller(member(self.person), channel, admin=self.person.editor, forms=True)


class Endpoints:
    """The page's own requests, all of them POST."""

    def __init__(self, front: Front, room: Room, clock: MovableClock, pages: Pages) -> None:
        self._front = front
        self._room = room
        self._clock = clock
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Where each endpoint is."""
        return [
            web.post("/say", self.say),
            web.post("/react", self.react),
            web.post("/press", self.press),
            web.post("/submit", self.submit),
            web.post("/complete", self.complete),
            web.post("/dismiss", self.dismiss),
            web.post("/clock", self.move),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """Say something, or give the bot a command: a line that starts with a slash."""
        body = await read_json(request)
        place = self._place(body)
        line = body.text("text").strip()
        if not line:
            raise BadRequest("Say something first.")
        if line.startswith("/"):
            answer = await self._front.typed(place.caller, line)
            return await self._give(answer, place, f"{place.person.name} used {clip(line, 80)}")
        new = NewMessage(place.channel, place.person.id, self._clock.now(), line, place.thread)
        return web.json_response({"message": await self._room.add(new)})

    async def react(self, request: web.Request) -> web.Response:
        """Put a reaction on a message, or take it back."""
        body = await read_json(request)
        person, message = await self._seen(body)
        emoji = body.text("emoji", LONGEST_ID)
        if message.viewer or emoji not in (*message.reactions, *PALETTE):
            raise BadRequest("That reaction cannot be put there.")
        added = body.flag("on")
        place = Place(person, message.channel, message.thread)
        if await self._room.react(message.id, emoji, person.id, on=added):
            text = plain(message.content) if isinstance(message.content, Post) else message.content
            address = Message(place.caller.channel, str(message.id))
            answer = await self._front.reacted(address, emoji, member(person), added, text)
            if answer:
                return await self._give(answer, place, f"{person.name} reacted with {emoji}", viewer=person.id)
        return web.json_response({})

    async def press(self, request: web.Request) -> web.Response:
        """Press one of the buttons under a post."""
        body = await read_json(request)
        person, message = await self._seen(body)
        buttons = message.content.buttons if isinstance(message.content, Post) else ()
        place_of_button = body.whole("button")
        if place_of_button >= len(buttons):
            raise BadRequest("That button is not there any more.")
        button = buttons[place_of_button]
        place = Place(person, message.channel, message.thread)
        answer = await self._front.invoke(place.caller, button.command, dict(button.options))
        return await self._give(answer, place, f"{person.name} pressed “{clip(button.label, 40)}”")

    async def submit(self, request: web.Request) -> web.Response:
        """Send a filled form; a refusal stays in the form."""
        body, options = await read_form(request)
        place = self._place(body)
        command = body.text("command", 100)
        answer = await self._front.invoke(place.caller, command, options)
        if isinstance(answer, Post) and answer.refused:
            return web.json_response({"sentence": answer.title})
        return await self._give(answer, place, f"{place.person.name} used /{clip(command, 80)}")

    async def complete(self, request: web.Request) -> web.Response:
        """Complete an option of a command; members are the room's own people."""
        body = await read_json(request)
        place = self._place(body)
        command, option, typed = body.text("command", 100), body.text("option", 100), body.text("typed")
        choices = await self._front.complete(place.caller, command, option, typed)
        found = next((each.option(option) for each in self._front.commands if each.name == command), None)
        if found and found.kind is OptionKind.MEMBERS and not choices:
            choices = self._mentions(typed)
        return web.json_response({"choices": [{"label": each.label, "value": each.value} for each in choices]})

    def _mentions(self, typed: str) -> tuple[Choice, ...]:
        before, _, last = typed.rpartition(" ")
        start = last.removeprefix("@").casefold()
        named = [each for each in self._room.people if f"@{each.id}" not in before.split()]
        found = [each for each in named if each.name.casefold().startswith(start) or each.id.startswith(start)]
        return tuple(Choice(f"@{each.id}", f"{before} @{each.id}".strip()) for each in found)

    async def dismiss(self, request: web.Request) -> web.Response:
        """Take a private answer away."""
        body = await read_json(request)
        await self._room.dismiss(body.whole("message"), self.person(body.text("as", LONGEST_ID)).id)
        return web.json_response({})

    async def move(self, request: web.Request) -> web.Response:
        """Move the clock on: by so many hours, or to a moment in ISO 8601 with its offset."""
        body = await read_json(request)
        if body.has("to"):
            await self._clock.move_to(_moment(body.text("to", LONGEST_ID)))
        else:
            hours = min(body.whole("hours"), TOO_MANY_HOURS)
            await self._clock.move_to(self._clock.now() + timedelta(hours=hours))
        return web.json_response({"now": self._clock.now().isoformat()})

    def person(self, person_id: str) -> Person:
        """Who speaks; raises `BadRequest` for somebody who is not here."""
        found = self._room.person(person_id)
        if found is None:
            raise BadRequest("There is nobody of that name here.")
        return found

    def _place(self, body: Body) -> Place:
        channel = body.text("channel", 100)
        if not self._room.has_channel(channel):
            raise BadRequest("There is no such channel here.")
        thread = body.whole("thread") if body.has("thread") else None
        return Place(self.person(body.text("as", LONGEST_ID)), channel, thread)

    async def _seen(self, body: Body) -> tuple[Person, RoomMessage]:
        person = self.person(body.text("as", LONGEST_ID))
        message = await self._room.message(body.whole("message"))
        if message.viewer not in (None, person.id):
            raise BadRequest("That message is not for you.")
        return person, message

    async def _give(self, answer: Answer, place: Place, prompt: str, viewer: str | None = None) -> web.Response:
        """Put the answer where it was asked for; a form goes back to the page instead."""
        reply: dict[str, Any]
        if isinstance(answer, Form):
            reply = {"form": self._pages.form(answer)}
        else:
            seen_by = place.person.id if answer.private else viewer
            new = NewMessage(place.channel, BOT, self._clock.now(), answer, place.thread, prompt, seen_by)
            reply = {"message": await self._room.add(new)}
        return web.json_response(reply)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest("That is no moment: write it as 2026-11-23T09:00:00Z.") from error
