"""Slack as a chat platform: what the core's `Chat` port asks, by the Web API alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from bot.adapters.slack import emojis
from bot.adapters.slack.bots import Bots
from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.failures import code, pointers
from bot.adapters.slack.finding import Finder
from bot.adapters.slack.pacing import Pace
from bot.adapters.slack.places import Place, head, message_id, place
from bot.adapters.slack.render import message as rendered
from bot.adapters.slack.shortening import shortened
from bot.adapters.slack.text import address
from bot.adapters.slack.votes import Ledger
from bot.adapters.slack.wire import Wire
from bot.core.errors import PictureRefused, SendLater, Undeliverable
from bot.core.model import Channel, Member, Message
from bot.core.ports import Clock
from bot.core.post import Block, Card, Picture, Post

log = structlog.get_logger()

ROUNDS = 3
"""So often a message goes again without the pictures that Slack named."""

_FULL = frozenset({"too_many_emoji", "too_many_reactions"})

_UPDATED = ("text", "blocks")
"""What an edit gives anew; a message keeps its metadata where none is given."""


class SlackChat:
    """Posts as the bot that is installed in each workspace; `say` has the last word on a post, as on its commands."""

    def __init__(self, wire: Wire, clock: Clock, say: Callable[[Post], Post] = lambda post: post) -> None:
        self._wire = wire
        self._say = say
        self._finder = Finder(wire, clock)
        self._ledger = Ledger(wire)
        self._bots = Bots(wire)
        self._pace = Pace(clock)

    @property
    def platform(self) -> str:
        """The platform's name."""
        return PLATFORM

    async def send(self, channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        """Post a message; returns its id. A post that is more than one message is shortened: `fit` comes before."""
        below = None if thread is None else head(thread)

        async def ask(arguments: dict[str, Any]) -> dict[str, Any]:
            await self._pace.turn(channel)
            return await self._wire.ask(
                channel.community, "chat.postMessage", posts=True, channel=channel.id, thread_ts=below, **arguments
            )

        answer = await _bravely(ask, shortened(self._say(post)), key)
        if not isinstance(answer.get("ts"), str):
            raise SendLater("Slack's answer makes no sense.", uncertain=True)
        return message_id(answer["ts"], below)

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        """The id of the message that carries this key, looked for some seconds from now: Slack's history lags."""
        return await self._finder.find(channel, key, since, thread)

    async def edit(self, message: Message, post: Post) -> None:
        """Make the message show this post.

        Raises `EditsSpent` where the workspace's settings or the message's owner allow no edit any more.
        """
        where = place(message)

        async def ask(arguments: dict[str, Any]) -> dict[str, Any]:
            kept = {name: arguments[name] for name in _UPDATED}
            return await self._wire.ask(where.team, "chat.update", channel=where.channel, ts=where.ts, **kept)

        await _bravely(ask, shortened(self._say(post)), "")

    async def seed(self, message: Message, emojis_wanted: Sequence[str]) -> None:
        """Put the bot's own reactions on the message, those that it has not."""
        where = place(message)
        there = await self._own(where)
        for emoji in emojis_wanted:
            name = emojis.name(emoji)
            if not name or emojis.emoji(name) in there:
                continue
            try:
                await self._wire.ask(where.team, "reactions.add", channel=where.channel, timestamp=where.ts, name=name)
            except Undeliverable as error:
                # Members' own emoji may have used up what a message takes: the rest has to do without.
                if code(error) in _FULL:
                    return
                if code(error) != "already_reacted":
                    raise

    async def _own(self, where: Place) -> frozenset[str]:
        """The emojis that the bot has left; none where Slack does not tell, as leaving one again does no harm."""
        own = (await self._wire.installation(where.team)).bot_user
        with suppress(SendLater):
            found = await self._ledger.read(where)
            return frozenset(emoji for emoji, users in found.items() if own in users)
        return frozenset()

    async def reactions(self, message: Message) -> Mapping[str, Collection[Member]]:
        """Who reacted with what of that the bot knows; bots are left out, and a skin tone makes no difference."""
        where = place(message)
        found = await self._ledger.read(where)
        users = sorted({user for several in found.values() for user in several})
        people = await self._bots.people(where.team, users)
        return {
            emoji: tuple(people[user] for user in sorted(several) if user in people) for emoji, several in found.items()
        }


async def _bravely(ask: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]], post: Post, key: str) -> dict[str, Any]:
    """Slack's answer to the message, which goes again without the pictures that Slack says it cannot fetch."""
    for _ in range(ROUNDS):
        arguments = rendered(post, key)
        try:
            return await ask(arguments)
        except PictureRefused as error:
            named = {url for way in pointers(error) if (url := _at(arguments, way))}
            bare = without(post, named)
            if bare == post:
                raise
            log.warning("message goes without pictures", pictures=sorted(named), reason=str(error))
            post = bare
    return await ask(rendered(post, key))


def _at(arguments: Any, way: Sequence[str]) -> str | None:
    """The address that a pointer names."""
    found = arguments
    for step in way:
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return None
    if isinstance(found, dict):
        found = found.get("image_url")
    return found if isinstance(found, str) else None


def without(post: Post, addresses: Collection[str]) -> Post:
    """The post without the pictures of these addresses."""

    def refused(picture: Picture | None) -> bool:
        return picture is not None and address(picture.url) in addresses

    def bare(block: Block) -> Block:
        return replace(block, picture=None) if isinstance(block, Card) and refused(block.picture) else block

    kept = (each for each in post.blocks if not (isinstance(each, Picture) and refused(each)))
    return replace(post, blocks=tuple(map(bare, kept)))
