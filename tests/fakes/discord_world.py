"""What a small Discord of our own knows: guilds, channels, people, messages, and who may do what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TEXT, NEWS, NEWS_THREAD, THREAD, FORUM = 0, 5, 10, 11, 15
THREADS = (NEWS_THREAD, THREAD)

VIEW, SEND, HISTORY, REACT = 1 << 10, 1 << 11, 1 << 16, 1 << 6
START_THREADS, SEND_IN_THREADS = 1 << 35, 1 << 38
MANAGE_GUILD = 1 << 5
USUAL = VIEW | SEND | HISTORY | REACT | START_THREADS | SEND_IN_THREADS

EPOCH = 1420070400000
"""The millisecond from which Discord counts."""


class Refusal(Exception):
    """What Discord answers when it does not do as asked: a status, a code of its list, a sentence."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


@dataclass
class User:
    id: str
    name: str
    bot: bool = False

    def payload(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "username": self.name.lower(),
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass
class Reaction:
    """Who left an emoji, plainly or as a super-reaction."""

    normal: dict[str, User] = field(default_factory=dict)
    burst: dict[str, User] = field(default_factory=dict)

    def payload(self, emoji: str, me: str) -> dict[str, Any]:
        return {
            "emoji": {"id": None, "name": emoji},
            "count": len(self.normal) + len(self.burst),
            "count_details": {"normal": len(self.normal), "burst": len(self.burst)},
            "me": me in self.normal,
            "me_burst": me in self.burst,
            "burst_colors": [],
        }


@dataclass
class Message:
    """A message; `nonce` is what it was posted with, which only the answer to the post tells."""

    id: str
    channel_id: str
    author: User
    at: datetime
    body: dict[str, Any]
    nonce: str | None = None
    edited: datetime | None = None
    edits: int = 0
    deleted: bool = False
    thread: Channel | None = None
    reactions: dict[str, Reaction] = field(default_factory=dict)
    interaction: str | None = None

    def payload(self, me: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": self.id,
            "type": 0,
            "channel_id": self.channel_id,
            "author": self.author.payload(),
            "content": self.body.get("content") or "",
            "timestamp": self.at.isoformat(),
            "edited_timestamp": self.edited.isoformat() if self.edited else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "pinned": False,
            "components": self.body.get("components") or [],
            "flags": self.body.get("flags", 0),
        }
        if self.reactions:
            found["reactions"] = [each.payload(emoji, me) for emoji, each in self.reactions.items()]
        return found | ({"thread": self.thread.payload()} if self.thread else {})


@dataclass
class Channel:
    """A channel or a thread; `overwrites` holds, by a role's or a member's id, what is allowed and what denied."""

    id: str
    guild_id: str
    name: str
    kind: int = TEXT
    parent_id: str | None = None
    owner_id: str | None = None
    overwrites: dict[str, tuple[int, int]] = field(default_factory=dict)
    tags: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    archived: datetime | None = None
    locked: bool = False
    auto_archive: int = 1440
    messages: dict[str, Message] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": self.id,
            "type": self.kind,
            "guild_id": self.guild_id,
            "name": self.name,
            "parent_id": self.parent_id,
            "position": 0,
            "flags": self.flags,
        }
        if self.kind in THREADS:
            archived = {"archived": self.archived is not None, "auto_archive_duration": self.auto_archive}
            stamp = (self.archived or datetime(2020, 1, 1, tzinfo=UTC)).isoformat()
            meta = {**archived, "archive_timestamp": stamp, "locked": self.locked}
            return found | {"owner_id": self.owner_id, "thread_metadata": meta, "message_count": 0, "member_count": 1}
        overwrites = [
            {"id": who, "type": int(who != self.guild_id), "allow": str(allow), "deny": str(deny)}
            for who, (allow, deny) in self.overwrites.items()
        ]
        return found | {"permission_overwrites": overwrites, "topic": None, "available_tags": self.tags}


@dataclass
class Guild:
    """A guild; its roles hold permissions by their ids, the one with the guild's own id is everyone's."""

    id: str
    name: str
    owner: User
    roles: dict[str, int] = field(default_factory=dict)
    members: dict[str, User] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)

    def role_payloads(self) -> list[dict[str, Any]]:
        rest = {"color": 0, "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": False}
        return [
            {"id": each, "name": each, "permissions": str(value), "position": n, "flags": 0, **rest}
            for n, (each, value) in enumerate(self.roles.items())
        ]

    def member_payload(self, user: User) -> dict[str, Any]:
        return {
            "user": user.payload(),
            "roles": self.held.get(user.id, []),
            "joined_at": "2020-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
        }

    def payload(self, me: User) -> dict[str, Any]:
        channels = [each for each in self.channels.values() if each.kind not in THREADS]
        threads = [each for each in self.channels.values() if each.kind in THREADS and not each.archived]
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner.id,
            "roles": self.role_payloads(),
            "emojis": [],
            "features": [],
            "member_count": len(self.members),
            "members": [self.member_payload(me)],
            "channels": [each.payload() for each in channels],
            "threads": [each.payload() for each in threads],
            "verification_level": 0,
            "default_message_notifications": 0,
            "preferred_locale": "en-US",
            "system_channel_id": None,
        }

    def permissions(self, user: User, channel: Channel) -> int:
        """What a member may do in a channel, by Discord's rules."""
        roles = [self.id, *self.held.get(user.id, [])]
        value = 0
        for role in roles:
            value |= self.roles.get(role, 0)
        rules = self.channels[channel.parent_id] if channel.kind in THREADS and channel.parent_id else channel
        over = rules.overwrites
        allow, deny = over.get(self.id, (0, 0))
        value = value & ~deny | allow
        held = [over[role] for role in roles[1:] if role in over]
        for _, deny in held:
            value &= ~deny
        for allow, _ in held:
            value |= allow
        allow, deny = over.get(user.id, (0, 0))
        return value & ~deny | allow


class Snowflakes:
    """Ids as Discord gives them: ever higher, with the moment in them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        moment = (int(self._now().timestamp() * 1000) - EPOCH) << 22
        self._last = max(self._last + 1, moment)
        return str(self._last)
