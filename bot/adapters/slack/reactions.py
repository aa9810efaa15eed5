"""Reactions as they come and go: votes, withdrawn votes, and the one that nominates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.context.async_context import AsyncBoltContext

from bot.adapters.slack.answers import team
from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.emojis import emoji, name
from bot.adapters.slack.failures import code
from bot.adapters.slack.guard import NETWORK
from bot.adapters.slack.reading import words
from bot.adapters.slack.replies import Asked
from bot.adapters.slack.seen import Latest
from bot.adapters.slack.tools import Tools
from bot.core.ballots import KEYCAPS
from bot.core.desk import NOMINATE
from bot.core.errors import BroadsheetError
from bot.core.model import Channel, Member, Message
from bot.core.post import sentence

log = structlog.get_logger()

DONE = "✅"
"""The bot's reaction to a message whose link it has nominated."""

HINT = sentence(
    "I could not read that message: to nominate its link, open its menu and choose “Nominate this link”.", refused=True
)

OURS = frozenset({*KEYCAPS, NOMINATE})
"""The emoji that may mean something to the bot."""


class Reactions:
    """Brings reactions to the front, of each member's to a message the latest in the end."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._latest = Latest()

    async def changed(self, event: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Take in a reaction that was added or removed."""
        item, user = event.get("item") or {}, str(event.get("user") or "")
        meant = emoji(str(event.get("reaction") or ""))
        if meant not in OURS or item.get("type", "message") != "message" or not user:
            return
        message = Message(Channel(PLATFORM, team(context), str(item.get("channel") or "")), str(item.get("ts") or ""))
        if user == context.bot_user_id or not message.channel.id or not message.id:
            return
        async with self._latest.turn((message, user, meant), str(event.get("event_ts") or "")) as news:
            if news:
                await self._take(message, meant, user, added=event.get("type") == "reaction_added")

    async def _take(self, message: Message, meant: str, user: str, *, added: bool) -> None:
        nominates = meant == NOMINATE
        if nominates and (not added or await self._tools.front.newsletter(message.channel) is None):
            return
        person = await self._tools.people.get(message.channel.community, user)
        if person.bot:
            return
        member = Member(PLATFORM, message.channel.community, user, person.name)
        if nominates:
            await self._nominated(message, member)
        else:
            await self._tools.front.reacted(message, meant, member, added, "")
        await self._tools.homes.changed(member.community, member.id)

    async def _nominated(self, message: Message, member: Member) -> None:
        community, channel = message.channel.community, message.channel.id
        reply = self._tools.reply(Asked(community, channel, member.id))
        try:
            try:
                text = words(await self._read(message))
            except BroadsheetError as error:
                log.warning("a message could not be read", channel=channel, message=message.id, reason=str(error))
                await reply.give(HINT)
                return
            answer = await self._tools.front.reacted(message, NOMINATE, member, True, text)
            if answer and answer.private:
                await reply.give(answer)
            elif answer:
                await self._tick_off(message)
        except (BroadsheetError, *NETWORK) as error:
            log.warning("a reaction could not be answered", message=message.id, reason=str(error))

    async def _tick_off(self, message: Message) -> None:
        where: dict[str, Any] = {"channel": message.channel.id, "timestamp": message.id}
        try:
            await self._tools.wire.ask(message.channel.community, "reactions.add", name=name(DONE), **where)
        except BroadsheetError as error:
            if code(error) != "already_reacted":
                raise

    async def _read(self, message: Message) -> Mapping[str, Any]:
        """The message, which may stand in a thread: a reaction does not say so. Raises `BroadsheetError`."""
        community, channel = message.channel.community, message.channel.id
        asked: dict[str, Any] = {"channel": channel, "latest": message.id, "inclusive": True, "limit": 1}
        answer = await self._tools.wire.ask(community, "conversations.history", **asked)
        found = _message(answer, message.id)
        if found is None:
            asked |= {"ts": message.id, "oldest": message.id}
            answer = await self._tools.wire.ask(community, "conversations.replies", **asked)
            found = _message(answer, message.id)
        if found is None:
            raise BroadsheetError("the message is not there")
        return found


def _message(answer: Mapping[str, Any], ts: str) -> Mapping[str, Any] | None:
    return next((each for each in answer.get("messages") or () if each.get("ts") == ts), None)
