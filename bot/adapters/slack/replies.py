"""One interaction's answer: by its response_url as long as that lasts, else by messages of the bot's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.adapters.slack.failures import code
from bot.adapters.slack.fitting import fit
from bot.adapters.slack.hooks import MOST_POSTS, Hooks, Outcome
from bot.adapters.slack.render import message
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError, PictureRefused, Refused
from bot.core.ports import Clock
from bot.core.post import Post, sentence
from bot.core.publishing import without_pictures

log = structlog.get_logger()

Result = TypeVar("Result")

WORTH_SAYING = timedelta(seconds=2)
"""After so long without an answer the asker is told that there will be one."""

GOING_ON = sentence("Looking it up…")

_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"})


@dataclass(frozen=True, slots=True)
class Asked:
    """An interaction: who did something, where, and how they can be answered.

    channel: empty where it happened in none. url: the response_url, if there is one. trigger: opens a form within
    three seconds. thread: the message above, for what was pressed in a thread. typed: it was a slash command, so that
    no message of ours stands in the place that an answer may replace.
    """

    team: str
    channel: str
    user: str
    name: str = ""
    url: str = ""
    trigger: str = ""
    thread: str = ""
    typed: bool = False


class Reply:
    """Answers an interaction, to all or to its member alone."""

    def __init__(self, asked: Asked, wire: Wire, hooks: Hooks, clock: Clock, say: Callable[[Post], Post]) -> None:
        self.asked = asked
        self._wire = wire
        self._hooks = hooks
        self._clock = clock
        self._say = say
        self._posts = 0
        self._waiting = False

    async def going_on(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of some work; the asker is told meanwhile when it takes long."""
        task = asyncio.ensure_future(work)
        try:
            if not await within(task, self._clock, WORTH_SAYING) and self.asked.url:
                self._waiting = await self._by_hook(self._say(GOING_ON), replace_original=False)
            return await task
        finally:
            task.cancel()

    async def ask(self, view: dict[str, Any]) -> None:
        """Open a form; raises `Refused` where that took too long."""
        try:
            await self._wire.ask(self.asked.team, "views.open", trigger_id=self.asked.trigger, view=view)
        except BroadsheetError as error:
            if code(error) not in _TOO_LATE:
                raise
            raise Refused("Slack waited too long for my form: please try again.") from error

    async def give(self, post: Post) -> None:
        """Send a post in as many messages as it takes; without pictures where Slack does not take them."""
        for each in fit(self._say(post)):
            if not await self._by_hook(each, replace_original=self._waiting and each.private):
                await self._by_bot(each)
            self._waiting = False

    async def _by_hook(self, post: Post, *, replace_original: bool) -> bool:
        """Whether the response_url took the post, or may have shown it to all."""
        for each in dict.fromkeys((post, without_pictures(post))):
            if not self.asked.url or self._posts >= MOST_POSTS:
                return False
            self._posts += 1
            outcome = await self._hooks.post(self.asked.url, self._body(each, replace_original=replace_original))
            if outcome is Outcome.TAKEN:
                return True
            if outcome is Outcome.UNCERTAIN and not post.private:
                # All may see it already: only the asker gets it a second time.
                await self._by_bot(replace(post, private=True))
                return True
            if outcome is not Outcome.REFUSED:
                return False
        return False

    def _body(self, post: Post, *, replace_original: bool) -> dict[str, Any]:
        made = message(post)
        body = {
            "text": made["text"],
            "blocks": made["blocks"],
            "response_type": "ephemeral" if post.private else "in_channel",
            "replace_original": replace_original and self.asked.typed,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return body | {"thread_ts": self.asked.thread} if self.asked.thread else body

    async def _by_bot(self, post: Post) -> None:
        """Post it as the bot: to all in the channel, else to the asker there, else to the asker directly."""
        asked = self.asked
        there = {"channel": asked.channel} | ({"thread_ts": asked.thread} if asked.thread else {})
        if asked.channel and not post.private:
            try:
                await self._bravely("chat.postMessage", post, **there)
                return
            except BroadsheetError as error:
                log.info("an answer goes to its asker alone", team=asked.team, reason=str(error))
        if asked.channel:
            try:
                await self._bravely("chat.postEphemeral", post, user=asked.user, **there)
                return
            except BroadsheetError as error:
                log.info("an answer goes to its asker directly", team=asked.team, reason=str(error))
        await self._directly(post)

    async def _directly(self, post: Post) -> None:
        """Post it in the conversation between the bot and the asker, for which Slack takes the member's id too."""
        try:
            await self._bravely("chat.postMessage", post, channel=self.asked.user)
        except BroadsheetError as error:
            if code(error) != "channel_not_found":
                raise
            opened = await self._wire.ask(self.asked.team, "conversations.open", users=self.asked.user)
            await self._bravely("chat.postMessage", post, channel=str((opened.get("channel") or {}).get("id")))

    async def _bravely(self, method: str, post: Post, **where: str) -> None:
        try:
            await self._post(method, post, **where)
        except BroadsheetError as error:
            bare = without_pictures(post)
            if bare == post or not (isinstance(error, PictureRefused) or code(error) == "invalid_blocks"):
                raise
            await self._post(method, bare, **where)

    async def _post(self, method: str, post: Post, **where: str) -> None:
        made = message(post)
        shown = {"text": made["text"], "blocks": made["blocks"]}
        if method == "chat.postMessage":
            shown |= {"unfurl_links": False, "unfurl_media": False}
        await self._wire.ask(self.asked.team, method, posts=True, **where, **shown)


async def within(task: asyncio.Future[Any], clock: Clock, span: timedelta) -> bool:
    """Wait for a task until so long from now; whether it is done. What it came to is its own to tell."""
    patience = asyncio.ensure_future(clock.sleep_until(clock.now() + span))
    try:
        await asyncio.wait({task, patience}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        patience.cancel()
        await asyncio.gather(patience, return_exceptions=True)
    return task.done()
