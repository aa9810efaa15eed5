"""Reactions as they come and go: votes, withdrawn votes, and the one that nominates."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord
import structlog

from bot.adapters.discord.callers import PLATFORM, place
from bot.adapters.discord.commands import MENU
from bot.adapters.discord.failures import TROUBLE, reason
from bot.adapters.discord.front import House
from bot.adapters.discord.reading import words
from bot.adapters.discord.render import fit, view
from bot.core.ballots import KEYCAPS
from bot.core.desk import NOMINATE
from bot.core.front import Front
from bot.core.model import Member, Message
from bot.core.post import Post, sentence

log = structlog.get_logger()

DONE = "✅"
"""The bot's reaction to a message whose link it has nominated."""

HINT = f"To nominate that link, open the message's menu, choose Apps, then “{MENU}”: I cannot read messages here."

PATIENCE = timedelta(hours=1)
"""A member is told of the menu once in so long."""

_SELECTOR = "\ufe0f"

OURS = {each.replace(_SELECTOR, ""): each for each in (*KEYCAPS, NOMINATE)}
"""The emoji that may mean something to the bot, by themselves without the selector that not every client sends."""


class Hints:
    """Who was told of the menu in the last hour."""

    def __init__(self) -> None:
        self._told: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._told)

    def due(self, member: Member, now: datetime) -> bool:
        """Whether the member has not been told for an hour; if so, they count as told now."""
        for each in [each for each, at in self._told.items() if now - at >= PATIENCE]:
            del self._told[each]
        if member.id in self._told:
            return False
        self._told[member.id] = now
        return True


class Reactions:
    """Brings reactions to the front.

    reading: whether the bot may read messages, so that a 📰 can nominate what one of them links to.
    """

    def __init__(self, client: discord.Client, front: Front, house: House, *, reading: bool) -> None:
        self._client = client
        self._front = front
        self._house = house
        self._reading = reading
        self._hints = Hints()

    async def changed(self, event: discord.RawReactionActionEvent) -> None:
        """Take in a reaction that was added or removed."""
        emoji = _ours(event.emoji)
        if event.guild_id is None or emoji is None or self._is_bot(event):
            return
        added = event.event_type == "REACTION_ADD"
        message = Message(place(self._client, event.guild_id, event.channel_id), str(event.message_id))
        if event.burst and not added:
            # The member may still have the plain reaction there, which the event does not tell.
            await self._house.recount(message)
            return
        member = Member(
            PLATFORM, str(event.guild_id), str(event.user_id), event.member.display_name if event.member else ""
        )
        if emoji == NOMINATE:
            if added:
                await self._nominated(event, message, member)
        else:
            await self._front.reacted(message, emoji, member, added, "")

    def _is_bot(self, event: discord.RawReactionActionEvent) -> bool:
        own = self._client.user is not None and event.user_id == self._client.user.id
        return own or (event.member is not None and event.member.bot)

    async def cleared(self, event: discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent) -> None:
        """Take in that all reactions of a message, or all of one emoji, were removed at once."""
        if isinstance(event, discord.RawReactionClearEmojiEvent) and _ours(event.emoji) in (None, NOMINATE):
            return
        if event.guild_id is None:
            return
        channel = place(self._client, event.guild_id, event.channel_id)
        await self._house.recount(Message(channel, str(event.message_id)))

    async def _nominated(self, event: discord.RawReactionActionEvent, message: Message, member: Member) -> None:
        if await self._front.newsletter(message.channel) is None:
            return
        there = self._client.get_partial_messageable(event.channel_id, guild_id=event.guild_id)
        target = there.get_partial_message(event.message_id)
        try:
            text = words(await target.fetch()) if self._reading else ""
            answer = await self._front.reacted(message, NOMINATE, member, True, text)
            if answer and not self._reading:
                answer = sentence(HINT) if self._hints.due(member, discord.utils.utcnow()) else None
            if answer and answer.private:
                await _reply(target, answer)
            elif answer:
                await target.add_reaction(DONE)
        except TROUBLE as error:
            log.warning("a reaction could not be answered", message=event.message_id, reason=reason(error))


def _ours(emoji: discord.PartialEmoji) -> str | None:
    return OURS.get(emoji.name.replace(_SELECTOR, "")) if emoji.is_unicode_emoji() else None


async def _reply(target: discord.PartialMessage, post: Post) -> None:
    """Reply to a message without waking anybody."""
    for each in fit(post):
        layout = view(each)
        layout.stop()
        mentions = discord.AllowedMentions.none()
        await target.reply(
            view=layout, silent=True, suppress_embeds=True, mention_author=False, allowed_mentions=mentions
        )
