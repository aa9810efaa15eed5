"""Filled-in forms: errors stand at their fields as long as the form is open, answers come when it is closed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.adapters.slack import forms
from bot.adapters.slack.answers import OLD, team, where
from bot.adapters.slack.callers import PLATFORM, role
from bot.adapters.slack.guard import explained, guarded
from bot.adapters.slack.notes import noted
from bot.adapters.slack.replies import Asked, within
from bot.adapters.slack.tools import Tools
from bot.core.commands import Caller, File, Option, OptionKind, find, read
from bot.core.errors import Refused
from bot.core.model import Channel, Member
from bot.core.post import Form, Post, sentence
from bot.core.text import clip

QUICK = timedelta(seconds=2)
"""Slack waits three seconds to hear what is wrong with a form; what takes longer is answered when it is closed."""

LONGEST_ERROR = 500

Filled = Mapping[str, str | list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Problems:
    """What is wrong with a form, by field."""

    fields: Mapping[str, str]

    def told(self) -> Post:
        return sentence(" ".join(self.fields.values()), refused=True)


class Submissions:
    """Takes filled-in forms to the front, and completes their fields."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def submitted(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Take a filled-in form."""
        view = body.get("view") or {}
        slip = forms.slip(view)
        if slip is None:
            await ack()
            lost = self._tools.reply(where(body, context))
            await guarded(lost, lambda: lost.give(OLD))
            return
        filled = dict(forms.submitted(view))
        channel = filled.pop(forms.CHANNEL, "")
        chosen = channel if isinstance(channel, str) and channel else slip.channel
        asked = replace(where(body, context), channel=chosen, thread=slip.thread if chosen == slip.channel else "")
        task = asyncio.ensure_future(self._safely(asked, slip.command, filled))
        try:
            in_time = await within(task, self._tools.clock, QUICK)
            errors = _errors(task.result(), forms.field_names(view), filled) if in_time else {}
            if errors:
                said = {name: clip(self._tools.say.text(text), LONGEST_ERROR) for name, text in errors.items()}
                await ack(response_action="errors", errors=said)
                return
            await ack()
            result = await task
        finally:
            task.cancel()
        reply = self._tools.reply(asked)
        post = result.told() if isinstance(result, _Problems) else result
        await guarded(reply, lambda: reply.give(post))
        await self._tools.homes.changed(asked.team, asked.user)

    async def _safely(self, asked: Asked, command: str, filled: Filled) -> Post | _Problems:
        try:
            return await self._run(asked, command, filled)
        except Exception as error:  # noqa: BLE001  # explained logs it
            return sentence(explained(error), refused=True)

    async def _run(self, asked: Asked, command: str, filled: Filled) -> Post | _Problems:
        if forms.placeless(command, asked.channel):
            return _Problems({forms.CHANNEL: forms.NO_PLACE})
        caller = await self._tools.caller(asked)
        values, problems = await self._read(caller, command, filled)
        if problems:
            return _Problems(problems)
        answer = await self._tools.front.invoke(replace(caller, forms=True), command, values)
        answer = await noted(self._tools.wire, caller, command, answer)
        if isinstance(answer, Form):
            return sentence("Nothing was filled in, so nothing was done.", refused=True)
        return answer

    async def _read(self, caller: Caller, command: str, filled: Filled) -> tuple[dict[str, str | File], dict[str, str]]:
        """The values as the front takes them, and what is wrong with them by field."""
        found = find(self._tools.front.commands, command)
        newsletter = await self._tools.front.newsletter(caller.channel)
        sections = newsletter.sections if newsletter else ()
        values: dict[str, str | File] = {}
        problems: dict[str, str] = {}
        for name, given in filled.items():
            option = found.option(name) or Option(name, name)
            try:
                values[name] = value = await self._value(caller, option, given)
                if isinstance(value, str):
                    read(option, value, sections)
            except Refused as error:
                problems[name] = str(error)
        return values, problems

    async def _value(self, caller: Caller, option: Option, given: str | list[dict[str, Any]]) -> str | File:
        community = caller.member.community
        if isinstance(given, list):
            return await self._tools.files.fetch(community, given[0])
        if option.kind is OptionKind.MEMBERS:
            return await self._tools.people.mentions(community, given)
        return role(given) if option.kind is OptionKind.ROLE else given

    async def suggested(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Complete a field of a form."""
        slip = forms.slip(body.get("view") or {})
        option, typed = str(body.get("action_id") or ""), str(body.get("value") or "")
        if slip is None:
            await ack(options=[])
            return
        asked = where(body, context)
        here = team(context)
        caller = Caller(Member(PLATFORM, here, asked.user), Channel(PLATFORM, here, slip.channel))
        choices = await self._tools.front.complete(caller, slip.command, option, typed)
        await ack(options=forms.suggestions(choices))


def _errors(result: Post | _Problems, fields: Sequence[str], filled: Filled) -> Mapping[str, str]:
    """What stands at which field: what is wrong with its value or, with the whole, at the field that is spoken of.

    Where none is, what was wrong is most likely in the file, if there is one.
    """
    if isinstance(result, _Problems):
        return result.fields
    if not result.refused or not fields:
        return {}
    spoken = {name: re.search(rf"\b{re.escape(name.replace('_', ' '))}\b", result.title) for name in fields}
    places = {name: match.start() for name, match in spoken.items() if match}
    first = next((name for name in fields if isinstance(filled.get(name), list)), fields[0])
    return {min(places, key=lambda each: places[each]) if places else first: result.title}
