"""Interactions and their answers: acknowledged first, then worked on, then followed up."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord
import structlog

from bot.adapters.discord.callers import caller, mentions, role
from bot.adapters.discord.failures import TROUBLE, reason
from bot.adapters.discord.forms import Drafts, Slip, modal, slip, submitted
from bot.adapters.discord.front import House
from bot.adapters.discord.notes import SETUP, Notes
from bot.adapters.discord.reading import words
from bot.adapters.discord.render import pressed
from bot.adapters.discord.replies import Reply
from bot.core.commands import File, OptionKind, find
from bot.core.desk import link_in
from bot.core.errors import BroadsheetError, Refused
from bot.core.front import Front
from bot.core.post import Form, sentence
from bot.core.text import clip

log = structlog.get_logger()

FORMS = frozenset({SETUP})
"""Commands that ask for their options with a form when none is given."""

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of an attached file that are read at most."""

TOO_LATE = (10062, 40060)
"""Discord's codes for an interaction that it gave up, and for one that was answered already."""

Given = Mapping[str, str | discord.Attachment]
"""Options as Discord gives them."""


class Answers:
    """Takes slash commands, buttons and forms to the front, and its answers back."""

    def __init__(self, front: Front, house: House) -> None:
        self._front = front
        self._notes = Notes(house)
        self._drafts = Drafts()

    async def command(self, interaction: discord.Interaction, command: str, given: Given) -> None:
        """Answer a command given with these options."""
        await _guarded(interaction, lambda reply: self._run(reply, command, given))

    async def nominate(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Nominate the first link of a message, as its menu asks for."""
        link = link_in(words(message))
        if link:
            await self.command(interaction, "nominate", {"link": link})
        else:
            refusal = sentence("I found no link in that message to nominate.", refused=True)
            await _guarded(interaction, lambda reply: reply.give(refusal))

    async def other(self, interaction: discord.Interaction) -> None:
        """Answer a pressed button or a filled form, if it is one of ours."""
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        taken = slip(custom_id)
        if taken and taken.kind == "form":
            await _guarded(interaction, lambda reply: self._submit(reply, taken))
        elif taken:
            await _guarded(interaction, lambda reply: self._open(reply, taken))
        elif button := pressed(custom_id):
            await self.command(interaction, button[0], dict(button[1]))

    async def failed(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the asker of an error that none of the above saw."""

        async def work(_: Reply) -> None:
            raise error

        await _guarded(interaction, work)

    async def _run(self, reply: Reply, command: str, given: Given) -> None:
        if not self._may_ask(command, given):
            await reply.acknowledge(public=_public(command, given))
        values = await self._read(reply.interaction, command, given)
        answer = await self._front.invoke(caller(reply.interaction), command, values)
        if isinstance(answer, Form):
            await reply.ask(await modal(self._front, caller(reply.interaction), answer))
        else:
            await reply.give(await self._notes.below(reply.interaction, command, given, answer))

    def _may_ask(self, command: str, given: Given) -> bool:
        """Whether the answer may be a form, which Discord takes as the very first answer only."""
        options = find(self._front.commands, command).options
        return (command in FORMS and not given) or any(each.required and each.name not in given for each in options)

    async def _read(self, interaction: discord.Interaction, command: str, given: Given) -> dict[str, str | File]:
        found = find(self._front.commands, command)
        values: dict[str, str | File] = {}
        for name, value in given.items():
            option = found.option(name)
            if isinstance(value, discord.Attachment):
                values[name] = await _file(value)
            elif option and option.kind is OptionKind.MEMBERS:
                values[name] = await mentions(interaction.guild, value)
            elif option and option.kind is OptionKind.ROLE:
                values[name] = role(interaction.guild, value)
            else:
                values[name] = value
        return values

    async def _submit(self, reply: Reply, taken: Slip) -> None:
        values = submitted(reply.interaction.data or {})
        await reply.acknowledge(public=_public(taken.command, values))
        who = caller(reply.interaction)
        read = await self._read(reply.interaction, taken.command, values)
        answer = await self._front.invoke(who, taken.command, read)
        if isinstance(answer, Form):
            answer = sentence("Nothing was filled in, so nothing was done.", refused=True)
        if answer.refused:
            self._drafts.keep(who, taken, values)
            await reply.give(answer, ("Try again", taken.again))
        else:
            following = taken.next
            noted = await self._notes.below(reply.interaction, taken.command, values, answer)
            await reply.give(noted, ("More settings", following) if following else None)

    async def _open(self, reply: Reply, taken: Slip) -> None:
        who = caller(reply.interaction)
        typed = self._drafts.take(who, taken) if taken.kind == "again" else {}
        answer = await self._front.invoke(who, taken.command, {})
        if isinstance(answer, Form):
            await reply.ask(await modal(self._front, who, answer, taken.page, typed))
        else:
            await reply.give(answer)


async def _guarded(interaction: discord.Interaction, work: Callable[[Reply], Awaitable[None]]) -> None:
    """Do the work; what goes wrong is one line in the log, and a sentence to the asker where it can reach them."""
    reply = Reply(interaction)
    number = secrets.token_hex(4)
    try:
        await work(reply)
    except BroadsheetError as error:
        await _apologize(reply, str(error))
    except (*TROUBLE, discord.InteractionResponded) as error:
        if _too_late(error):
            log.warning("an interaction was not answered in time", interaction=interaction.id, reason=str(error))
            return
        log.error("an answer did not reach Discord", error_id=number, reason=reason(error))
        await _apologize(reply, f"Discord did not take my answer; it is in the log as {number}.")
    except Exception:
        log.exception("an interaction failed", error_id=number)
        await _apologize(reply, f"Something went wrong here; it is in the log as {number}. Please try again.")


async def _apologize(reply: Reply, text: str) -> None:
    try:
        await reply.give(sentence(text, refused=True))
    except (*TROUBLE, discord.InteractionResponded) as error:
        log.warning("an apology did not reach Discord", interaction=reply.interaction.id, reason=reason(error))


def _too_late(error: Exception) -> bool:
    answered = isinstance(error, discord.InteractionResponded)
    return answered or (isinstance(error, discord.HTTPException) and error.code in TOO_LATE)


def _public(command: str, given: Mapping[str, object]) -> bool:
    """Whether everybody sees the answer: it has to be known before there is one."""
    return command == "nominate" or (command == "paper" and "show" not in given)


async def _file(attachment: discord.Attachment) -> File:
    """The attached file; `Refused` where it is too large, or cannot be had."""
    if attachment.size > LARGEST_FILE:
        raise Refused(f"{clip(attachment.filename, 60)} is too large: I read files of up to 5 MB.")
    try:
        return File(attachment.filename, await attachment.read())
    except TROUBLE as error:
        raise Refused(f"{clip(attachment.filename, 60)} could not be had from Discord: {reason(error)}") from error
