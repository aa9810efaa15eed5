"""The loopback Discord's memory, and what can be done to it: by its people, by a test, by the bot over REST."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.discord_checks import EPHEMERAL, check_message, number
from tests.fakes.discord_world import (
    HISTORY,
    TEXT,
    THREAD,
    THREADS,
    USUAL,
    VIEW,
    Channel,
    Guild,
    Message,
    Reaction,
    Refusal,
    Snowflakes,
    User,
)

NONCES_KEPT = timedelta(minutes=5)
"""Discord says only that it compares nonces for some minutes."""

PASSED_ON = 1
"""The flag of a message that was passed on to the channels that follow."""

Emit = Callable[[str, dict[str, Any], str | None], None]
"""Told of an event: its name, its data, the guild it is of."""


class State:
    """Guilds, channels, people and messages; `emit` is told of what happens."""

    def __init__(self, now: Callable[[], datetime], emit: Emit) -> None:
        self.now = now
        self.emit = emit
        self.ids = Snowflakes(now)
        self.bot = User(next(self.ids), "Broadsheet", bot=True)
        self.guilds: dict[str, Guild] = {}
        self.nonces_kept = NONCES_KEPT
        self._nonces: dict[str, tuple[datetime, Message]] = {}

    def guild(self, name: str = "Town", permissions: int = USUAL) -> Guild:
        """A new guild with the bot in it; everyone has these permissions."""
        owner = User(next(self.ids), "Owner")
        guild = Guild(next(self.ids), name, owner)
        guild.roles[guild.id] = permissions
        guild.members = {owner.id: owner, self.bot.id: self.bot}
        self.guilds[guild.id] = guild
        self.emit("GUILD_CREATE", guild.payload(self.bot), guild.id)
        return guild

    def channel(self, guild: Guild, name: str = "paper", kind: int = TEXT) -> Channel:
        """A new channel in a guild."""
        channel = Channel(next(self.ids), guild.id, name, kind)
        guild.channels[channel.id] = channel
        self.emit("CHANNEL_CREATE", channel.payload(), guild.id)
        return channel

    def user(self, guild: Guild, name: str, *, bot: bool = False) -> User:
        """A new member of a guild."""
        user = User(next(self.ids), name, bot)
        guild.members[user.id] = user
        return user

    def deny(self, channel: Channel, permission: int) -> None:
        """Take a permission from the bot in a channel."""
        allow, deny = channel.overwrites.get(self.bot.id, (0, 0))
        channel.overwrites[self.bot.id] = (allow & ~permission, deny | permission)

    def find_channel(self, channel_id: str) -> tuple[Guild, Channel]:
        """The channel and its guild; refused as Discord does where there is none."""
        for guild in self.guilds.values():
            if channel_id in guild.channels:
                return guild, guild.channels[channel_id]
        raise Refusal(404, 10003, "Unknown Channel")

    def seen(self, channel_id: str, *needed: int) -> tuple[Guild, Channel]:
        """The channel as the bot sees it, in which it has these permissions."""
        guild, channel = self.find_channel(channel_id)
        may = guild.permissions(self.bot, channel)
        if not may & VIEW:
            raise Refusal(403, 50001, "Missing Access")
        if any(not may & each for each in needed):
            raise Refusal(403, 50013, "Missing Permissions")
        return guild, channel

    def message(self, channel: Channel, message_id: str) -> Message:
        """A message; refused where there is none (any more)."""
        found = channel.messages.get(message_id)
        if found is None or found.deleted:
            raise Refusal(404, 10008, "Unknown Message")
        return found

    def history(self, guild: Guild, channel: Channel) -> list[Message]:
        """What the bot may read of a channel, oldest first: nothing, without a word, where it may not."""
        if not guild.permissions(self.bot, channel) & HISTORY:
            return []
        there = (each for each in channel.messages.values() if not each.deleted)
        return [each for each in there if not each.body.get("flags", 0) & EPHEMERAL]

    def say(self, channel: Channel, author: User, body: dict[str, Any], message_id: str | None = None) -> Message:
        """Put a message into a channel."""
        body = copy.deepcopy(body)
        number(body.get("components") or [])
        message = Message(message_id or next(self.ids), channel.id, author, self.now(), body)
        channel.messages[message.id] = message
        payload = message.payload(self.bot.id) | {"guild_id": channel.guild_id}
        self.emit("MESSAGE_CREATE", payload, channel.guild_id)
        return message

    def post(self, channel: Channel, body: dict[str, Any]) -> Message:
        """Post as the bot: checked, and once for each nonce."""
        nonce = body.get("nonce")
        at, earlier = self._nonces.get(f"{channel.id} {nonce}", (None, None))
        if body.get("enforce_nonce") and earlier and at and self.now() - at < self.nonces_kept:
            return self.message(channel, earlier.id)
        check_message(body)
        message = self.say(channel, self.bot, {name: body[name] for name in _KEPT if name in body})
        if nonce:
            message.nonce = nonce
            self._nonces[f"{channel.id} {nonce}"] = (self.now(), message)
        return message

    def edit(self, message: Message, body: dict[str, Any]) -> None:
        """Change a message of the bot's."""
        if message.author is not self.bot:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        changed = message.body | {name: body[name] for name in _KEPT if name in body}
        changed["flags"] = changed.get("flags", 0) | message.body.get("flags", 0) & PASSED_ON
        check_message(changed)
        message.body = copy.deepcopy(changed)
        number(message.body.get("components") or [])
        message.edited = self.now()
        message.edits += 1

    def thread(self, channel: Channel, name: str, auto_archive: int, message: Message | None = None) -> Channel:
        """Start a thread, on a message or as a forum's post."""
        if not 1 <= len(name) <= 100:
            raise Refusal(400, 50035, "Invalid Form Body", {"name": {"_errors": [{"code": "LENGTH", "message": "!"}]}})
        if message and message.thread:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        thread_id = message.id if message else next(self.ids)
        thread = Channel(thread_id, channel.guild_id, name, THREAD, channel.id, self.bot.id, auto_archive=auto_archive)
        self.guilds[channel.guild_id].channels[thread.id] = thread
        if message:
            message.thread = thread
        self.emit("THREAD_CREATE", thread.payload(), channel.guild_id)
        return thread

    def threads(self, guild: Guild, parent: Channel | None = None, *, archived: bool) -> list[Channel]:
        """The threads of a guild or a channel, those put away or the others."""
        return [
            each
            for each in guild.channels.values()
            if each.kind in THREADS
            and (parent is None or each.parent_id == parent.id)
            and (each.archived is not None) == archived
        ]

    def react(self, message: Message, emoji: str, users: Iterable[User], *, burst: bool = False) -> None:
        """Leave a reaction as each of these."""
        if emoji not in message.reactions and len(message.reactions) >= 20:
            raise Refusal(403, 30010, "Maximum number of reactions reached (20)")
        reaction = message.reactions.setdefault(emoji, Reaction())
        for user in users:
            (reaction.burst if burst else reaction.normal)[user.id] = user
            self._reacted("MESSAGE_REACTION_ADD", message, emoji, user, burst=burst)

    def unreact(self, message: Message, emoji: str, user: User) -> None:
        """Take a reaction back."""
        reaction = message.reactions[emoji]
        burst = user.id in reaction.burst
        del (reaction.burst if burst else reaction.normal)[user.id]
        if not reaction.normal and not reaction.burst:
            del message.reactions[emoji]
        self._reacted("MESSAGE_REACTION_REMOVE", message, emoji, user, burst=burst)

    def _reacted(self, event: str, message: Message, emoji: str, user: User, *, burst: bool) -> None:
        guild, _ = self.find_channel(message.channel_id)
        data: dict[str, Any] = {
            "user_id": user.id,
            "channel_id": message.channel_id,
            "message_id": message.id,
            "guild_id": guild.id,
            "emoji": {"id": None, "name": emoji},
            "burst": burst,
            "type": int(burst),
            "message_author_id": message.author.id,
        }
        if event.endswith("ADD"):
            data["member"] = guild.member_payload(user)
        self.emit(event, data, guild.id)

    def delete(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        guild, _ = self.find_channel(message.channel_id)
        data = {"id": message.id, "channel_id": message.channel_id, "guild_id": guild.id}
        self.emit("MESSAGE_DELETE", data, guild.id)


_KEPT = ("content", "components", "flags", "embeds")
