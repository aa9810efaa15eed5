"""Commands, buttons and shortcuts: acknowledged first, then worked on, then answered."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.adapters.slack import forms
from bot.adapters.slack.buttons import decode
from bot.adapters.slack.callers import role
from bot.adapters.slack.commands import line
from bot.adapters.slack.escapes import undone
from bot.adapters.slack.guard import guarded
from bot.adapters.slack.notes import noted
from bot.adapters.slack.reading import words
from bot.adapters.slack.replies import Asked
from bot.adapters.slack.tools import Tools
from bot.core.commands import Caller, Command, OptionKind, Typed, parse
from bot.core.desk import link_in
from bot.core.errors import Refused
from bot.core.post import Answer, Form, sentence

NOMINATE_LINK = "nominate_link"
"""The callback_id of the shortcut in a message's menu."""

LOOK_UP_PAPER = "look_up_paper"
"""The callback_id of the shortcut that is there everywhere."""

OLD = sentence("I do not know that any more: /help says what I can do.", refused=True)

Body = Mapping[str, Any]
Work = Callable[[Caller], Coroutine[Any, Any, Answer]]


class Answers:
    """Takes slash commands, buttons and shortcuts to the front, and its answers back."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """Answer a slash command."""
        await ack()
        asked = Asked(
            team=team(context),
            channel=str(body.get("channel_id") or ""),
            user=str(body.get("user_id") or ""),
            name=str(body.get("user_name") or ""),
            url=str(body.get("response_url") or ""),
            trigger=str(body.get("trigger_id") or ""),
            typed=True,
        )
        text = line(str(body.get("command") or ""), str(body.get("text") or ""), self._tools.prefix)
        await self._answer(asked, lambda caller: self._typed(caller, text))

    async def pressed(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """Answer a pressed button; one that is none of ours is said to be unknown."""
        await ack()
        action: Body = next(iter(body.get("actions") or ()), {})
        if action.get("type") != "button":
            return
        asked = where(body, context)
        run = decode(str(action.get("value") or ""))
        if run:
            await self._answer(asked, lambda caller: self._invoke(caller, *run))
        else:
            await self._puzzled(asked)

    async def nominate(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """Nominate the first link of a message, as its menu asks for; without one, ask for it."""
        await ack()
        link = link_in(words(body.get("message") or {}))
        await self._answer(where(body, context), lambda caller: self._invoke(caller, "nominate", {"link": link}))

    async def look_up(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """Ask which paper to look up."""
        await ack()
        await self._answer(where(body, context), lambda caller: self._invoke(caller, "paper", {}))

    async def unknown(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """Say that a shortcut is not known any more."""
        await ack()
        await self._puzzled(where(body, context))

    async def _puzzled(self, asked: Asked) -> None:
        reply = self._tools.reply(asked)
        await guarded(reply, lambda: reply.give(OLD))

    async def _answer(self, asked: Asked, work: Work) -> None:
        reply = self._tools.reply(asked)

        async def found() -> tuple[Caller, Answer]:
            caller = await self._tools.caller(asked)
            return caller, await work(caller)

        async def run() -> None:
            caller, answer = await reply.going_on(found())
            if isinstance(answer, Form):
                shown = self._tools.say.text(f"/{answer.command}")
                await reply.ask(await forms.modal(self._tools.front, caller, answer, asked.thread, shown))
            else:
                await reply.give(answer)

        await guarded(reply, run)
        await self._tools.homes.changed(asked.team, asked.user)

    async def _invoke(self, caller: Caller, command: str, values: Mapping[str, str]) -> Answer:
        answer = await self._tools.front.invoke(caller, command, values)
        return await noted(self._tools.wire, caller, command, answer)

    async def _typed(self, caller: Caller, text: str) -> Answer:
        front = self._tools.front
        plain = undone(text)
        try:
            typed = parse(front.commands, plain)
        except Refused:
            return await front.typed(caller, plain)
        if forms.placeless(typed.command.name, caller.channel.id) and (typed.named or typed.loose):
            return sentence(forms.NO_PLACE, refused=True)
        answer = await front.typed(caller, await self._resolved(caller, typed, text))
        return await noted(self._tools.wire, caller, typed.command.name, answer)

    async def _resolved(self, caller: Caller, typed: Typed, text: str) -> str:
        """What was typed, made plain but for the mentions and links that the command's options take."""
        if _takes(typed.command, OptionKind.MEMBERS):
            return await self._tools.people.mentions(caller.member.community, undone(text, keep=("@",)))
        keep = ("!subteam^",) if _takes(typed.command, OptionKind.ROLE) else ()
        kept = undone(text, keep=keep, bare=not _takes(typed.command, OptionKind.LINK, OptionKind.REFERENCE))
        named = parse(self._tools.front.commands, kept).named
        for option in typed.command.options:
            if option.kind is OptionKind.ROLE and option.name in named:
                role(named[option.name])
        return kept


def team(context: AsyncBoltContext) -> str:
    """The workspace that the bot is installed in, and that this is about."""
    return str(context.team_id or "")


def where(body: Body, context: AsyncBoltContext) -> Asked:
    """Who did something with a message, a form or a shortcut, and where."""
    user, channel, message, container = (body.get(name) or {} for name in ("user", "channel", "message", "container"))
    # Of a message for one person only, Slack does not say more than where it stood.
    thread = str(message.get("thread_ts") or container.get("thread_ts") or "")
    return Asked(
        team=team(context),
        channel=str(channel.get("id") or container.get("channel_id") or ""),
        user=str(user.get("id") or ""),
        name=str(user.get("name") or user.get("username") or ""),
        url=str(body.get("response_url") or ""),
        trigger=str(body.get("trigger_id") or ""),
        thread=thread if thread not in (message.get("ts"), container.get("message_ts")) else "",
    )


def _takes(command: Command, *kinds: OptionKind) -> bool:
    return any(each.kind in kinds for each in command.options)
