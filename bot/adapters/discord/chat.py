"""Discord as a chat platform: what the core's `Chat` port asks, over REST alone, so that no cache need know anything.

A message's id is Discord's own; of one in a thread it is `<thread>/<message>`, as its channel is the thread's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import discord
import structlog

from bot.adapters.discord.callers import PLATFORM
from bot.adapters.discord.failures import TOO_MANY_REACTIONS, code
from bot.adapters.discord.finding import Finder
from bot.adapters.discord.limits import PAGE
from bot.adapters.discord.places import CHANNEL, Places, Where
from bot.adapters.discord.render import shortened, to_json
from bot.adapters.discord.wire import Wire
from bot.core.ballots import KEYCAPS
from bot.core.errors import BroadsheetError, Undeliverable
from bot.core.model import Channel, Member, Message
from bot.core.post import Post

log = structlog.get_logger()

PASSED_ON = discord.MessageFlags(crossposted=True).value

MESSAGE = f"{CHANNEL}/messages/{{message_id}}"
REACTION = f"{MESSAGE}/reactions/{{emoji}}"

_SORTS = ("normal", "burst")
"""Reactions and super-reactions, in the order of Discord's numbers for them; one member may have left both."""

_ONLY_POSTED = frozenset({"nonce", "enforce_nonce"})


class DiscordChat:
    """Posts as the bot that a client has logged in as; the client need not be connected to the gateway."""

    def __init__(self, client: discord.Client) -> None:
        self._wire = Wire(client)
        self._places = Places(self._wire)
        self._finder = Finder(self._wire, self._places)

    @property
    def platform(self) -> str:
        """The platform's name."""
        return PLATFORM

    async def send(self, channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        """Post a message; returns its id. A post that is more than one message is shortened: `fit` comes before."""
        payload = to_json(shortened(post), key)
        if thread is None and await self._places.is_forum(channel):
            return await self._places.post(channel, post.title, _without_nonce(payload))
        below = None if thread is None else await self._places.thread(channel, thread, post.title)
        target = below or channel.id
        sent = await self._wire.one(
            "POST", f"{CHANNEL}/messages", channel_id=target, body=payload, posts=True, thread=below is not None
        )
        if post.crosspost:
            await self._pass_on(channel, sent)
        return str(sent["id"]) if below is None else f"{below}/{sent['id']}"

    async def _pass_on(self, channel: Channel, message: Mapping[str, Any]) -> None:
        """Have Discord pass an announcement on to the channels that follow; whether or not it does, it was posted."""
        if int(message.get("flags", 0)) & PASSED_ON:
            return
        try:
            if await self._places.is_followed(channel):
                await self._wire.ask(
                    "POST", f"{MESSAGE}/crosspost", channel_id=channel.id, message_id=str(message["id"])
                )
        except BroadsheetError as error:
            log.warning("message not passed on", channel=channel.id, message=message["id"], reason=str(error))

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        """The id of the message that carries this key."""
        return await self._finder.find(channel, key, since, thread)

    async def edit(self, message: Message, post: Post) -> None:
        """Make the message show this post, and be passed on if an earlier try left it unfinished.

        Discord limits edits of messages older than an hour: raises `EditsSpent` then (code 30046).
        """
        where = await self._places.of(message)
        body = _without_nonce(to_json(shortened(post)))
        edited = await self._wire.one("PATCH", MESSAGE, body=body, **where)
        if post.crosspost:
            await self._pass_on(message.channel, edited)

    async def seed(self, message: Message, emojis: Sequence[str]) -> None:
        """Put the bot's own reactions on the message, those that it has not."""
        where = await self._places.of(message)
        there = {_name(each) for each in await self._reactions(where) if each.get("me")}
        try:
            for emoji in emojis:
                if _bare(emoji) not in there:
                    await self._wire.ask("PUT", f"{REACTION}/@me", emoji=emoji, **where)
        except Undeliverable as error:
            # Members' own emoji may have used up the twenty that a message takes: the rest has to do without.
            if code(error) != TOO_MANY_REACTIONS:
                raise

    async def reactions(self, message: Message) -> Mapping[str, Collection[Member]]:
        """Who reacted with which of the numbers; bots are left out, and a super-reaction counts as a reaction."""
        where = await self._places.of(message)
        found: dict[str, Collection[Member]] = {}
        for reaction in await self._reactions(where):
            emoji = _KEYCAPS.get(_name(reaction))
            if emoji is not None:
                sorts = [sort for sort, name in enumerate(_SORTS) if _others(reaction, name)]
                users = [user for sort in sorts for user in await self._reactors(where, emoji, sort)]
                found[emoji] = tuple(dict.fromkeys(_member(message.channel, user) for user in users))
        return found

    async def _reactions(self, where: Where) -> list[dict[str, Any]]:
        found = await self._wire.one("GET", MESSAGE, **where)
        return found.get("reactions") or []

    async def _reactors(self, where: Where, emoji: str, sort: int) -> list[dict[str, Any]]:
        people: list[dict[str, Any]] = []
        after = "0"
        while True:
            query = {"limit": PAGE, "type": sort, "after": after}
            page = await self._wire.many("GET", REACTION, emoji=emoji, query=query, **where)
            people += [user for user in page if not user.get("bot")]
            if len(page) < PAGE:
                return people
            after = str(max(int(user["id"]) for user in page))


def _without_nonce(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in _ONLY_POSTED}


def _bare(emoji: str) -> str:
    """The emoji without the selector that asks for its coloured form, which not everybody sends along."""
    return emoji.replace("\ufe0f", "")


_KEYCAPS = {_bare(each): each for each in KEYCAPS}


def _name(reaction: Mapping[str, Any]) -> str:
    emoji = reaction["emoji"]
    return "" if emoji.get("id") else _bare(emoji.get("name") or "")


def _others(reaction: Mapping[str, Any], sort: str) -> bool:
    """Whether anybody but the bot has left this sort of reaction, so that it is worth asking who."""
    own = reaction.get("me") if sort == "normal" else reaction.get("me_burst")
    counts = reaction.get("count_details") or {}
    return sort not in counts or int(counts[sort]) > bool(own)


def _member(channel: Channel, user: Mapping[str, Any]) -> Member:
    name = user.get("global_name") or user.get("username") or ""
    return Member(PLATFORM, channel.community, str(user["id"]), name)
