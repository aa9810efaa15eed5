"""Slack as a chat platform: what the core's `Chat` port asks, by the Web API alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.adapters.slack import emojis
from bot.adapters.slack.bots import Bots
from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.failures import absent, code, limited, pointers
from bot.adapters.slack.finding import Finder
from bot.adapters.slack.pacing import GAP, Pace
from bot.adapters.slack.places import Place, head, message_id, place
from bot.adapters.slack.render import message as rendered
from bot.adapters.slack.shortening import shortened
from bot.adapters.slack.text import address
from bot.adapters.slack.votes import Ledger
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError, PictureRefused, SendLater, Undeliverable
from bot.core.model import Channel, Member, Message
from bot.core.ports import Clock
from bot.core.post import Block, Card, Picture, Post
from bot.core.publishing import without_pictures

log = structlog.get_logger()

ROUNDS = 3
"""So often a message goes again without the pictures that Slack named."""

PATIENCE = timedelta(minutes=2)
"""For so long rate limits are waited out while votes are read: Slack counts by the minute, and a newsletter may have
more ballot messages in a workspace than it tells of in one."""

_FULL = frozenset({"too_many_emoji", "too_many_reactions"})

_UPDATED = ("text", "blocks")
"""What an edit gives anew; a message keeps its metadata where none is given."""


class SlackChat:
    """Posts as the bot that is installed in each workspace; `say` has the last word on a post, as on its commands."""

    def __init__(self, wire: Wire, clock: Clock, say: Callable[[Post], Post] = lambda post: post) -> None:
        self._wire = wire
        self._clock = clock
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
            async with self._pace.turn(channel):
                return await self._wire.ask(
                    channel.community, "chat.postMessage", posts=True, channel=channel.id, thread_ts=below, **arguments
                )

        shown = shortened(self._say(post))
        try:
            answer = await _bravely(ask, shown, key)
        except Undeliverable as error:
            if "metadata" not in code(error):
                raise
            # The first block bears the key too.
            answer = await _bravely(lambda arguments: ask({**arguments, "metadata": None}), shown, key)
        ts = _ts(answer)
        if ts is None:
            raise SendLater("Slack's answer makes no sense.", uncertain=True)
        return message_id(ts, below)

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
            except (Undeliverable, SendLater) as error:
                # Members' own emoji may have used up what a message takes: the rest has to do without.
                if absent(error) or code(error) in _FULL:
                    log.warning("a message takes no more reactions", channel=where.channel, reason=str(error))
                    return
                if isinstance(error, SendLater):
                    raise
                if code(error) != "already_reacted":
                    log.warning("a reaction is refused", channel=where.channel, name=name, reason=str(error))

    async def _own(self, where: Place) -> frozenset[str]:
        """The emojis that the bot has left; none where Slack does not tell, as leaving one again does no harm."""
        own = (await self._wire.installation(where.team)).bot_user
        with suppress(BroadsheetError):
            found = await self._ledger.read(where)
            return frozenset(emoji for emoji, users in found.items() if own in users)
        return frozenset()

    async def reactions(self, message: Message) -> Mapping[str, Collection[Member]]:
        """Who reacted with what of that the bot knows; bots are left out, and a skin tone makes no difference.

        A rate limit is waited out for a while, as what was learnt until then stays.
        """
        until = self._clock.now() + PATIENCE
        while True:
            try:
                return await self._reactions(place(message))
            except SendLater as error:
                again = self._clock.now() + max(error.retry_after or GAP, GAP)
                if not limited(error) or again > until:
                    raise
                await self._clock.sleep_until(again)

    async def _reactions(self, where: Place) -> Mapping[str, Collection[Member]]:
        found = await self._ledger.read(where)
        users = sorted({user for several in found.values() for user in several})
        people = await self._bots.people(where.team, users)
        return {
            emoji: tuple(people[user] for user in sorted(several) if user in people) for emoji, several in found.items()
        }


def _ts(answer: Mapping[str, Any]) -> str | None:
    """Where the message stands now, by the answer or the message in it."""
    message = answer.get("message")
    told = [answer.get("ts"), message.get("ts") if isinstance(message, dict) else None]
    return next((each for each in told if isinstance(each, str) and each), None)


async def _bravely(ask: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]], post: Post, key: str) -> dict[str, Any]:
    """Slack's answer to the message, which goes again without the pictures that Slack says it cannot fetch."""
    for _ in range(ROUNDS):
        arguments = rendered(post, key)
        try:
            return await ask(arguments)
        except PictureRefused as error:
            if without_pictures(post) == post:
                raise Undeliverable(f"Slack refuses the message ({code(error)}).") from error
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
