"""What a small Slack of our own knows: workspaces, channels, people, messages, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
)
"""Scopes that a workspace grants unless a test says otherwise: all that any method here asks for."""


class Refusal(Exception):
    """What Slack answers when it does not do as asked: an error's name, and what else stands beside it."""

    def __init__(self, error: str, **beside: Any) -> None:
        super().__init__(error)
        self.error = error
        self.body: Json = {"ok": False, "error": error, **beside}


@dataclass
class User:
    """A member of a workspace, or a bot in it."""

    id: str
    team_id: str
    name: str
    admin: bool = False
    owner: bool = False
    bot: bool = False
    deleted: bool = False
    locale: str = "en-US"
    tz: str = "Europe/London"
    bot_id: str = ""

    def payload(self, *, locale: bool = False) -> Json:
        """As users.info has it."""
        profile = {"real_name": self.name, "display_name": self.name.lower(), "team": self.team_id}
        found: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name.lower(),
            "deleted": self.deleted,
            "profile": profile | ({"bot_id": self.bot_id, "api_app_id": ""} if self.bot else {}),
            "is_bot": self.bot,
            "is_app_user": False,
            "updated": 1700000000,
        }
        if self.deleted:
            return found
        rights = {"is_admin": self.admin or self.owner, "is_owner": self.owner, "is_primary_owner": False}
        guest = {"is_restricted": False, "is_ultra_restricted": False}
        zone = {"tz": self.tz, "tz_label": self.tz, "tz_offset": 0}
        return found | rights | guest | zone | {"real_name": self.name} | ({"locale": self.locale} if locale else {})

    def brief(self) -> Json:
        """As interaction payloads have it."""
        name = self.name.lower()
        return {"id": self.id, "username": name, "name": name, "team_id": self.team_id}


@dataclass
class Message:
    """A message; `seen_by` holds the only person who sees it, where it is for one person only."""

    ts: str
    channel: Channel
    user: User
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    seen_by: str | None = None
    subtype: str | None = None
    edits: int = 0
    edited_ts: str | None = None
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    arguments: Json = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def key(self) -> str:
        """What the message's metadata says its delivery is, or nothing."""
        return str(((self.metadata or {}).get("event_payload") or {}).get("key", ""))


@dataclass
class Channel:
    """A channel, or a direct conversation with `partner`."""

    id: str
    team_id: str
    name: str
    private: bool = False
    archived: bool = False
    partner: str | None = None
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What its scopes begin with."""
        if self.partner:
            return "im"
        return "groups" if self.private else "channels"

    def payload(self, me: str) -> Json:
        """As conversations.info has it for one who asks."""
        if self.partner:
            return {"id": self.id, "is_im": True, "user": self.partner, "is_archived": False, "is_open": True}
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.private,
            "is_group": self.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_general": False,
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "is_member": me in self.members,
            "context_team_id": self.team_id,
            "created": 1700000000,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    def top(self) -> list[Message]:
        """What everybody sees in the channel itself, oldest first."""
        return [each for each in self._public() if not each.is_reply or each.broadcast]

    def thread(self, ts: str) -> list[Message]:
        """The replies below a message, oldest first."""
        return [each for each in self._public() if each.is_reply and each.thread_ts == ts]

    def ephemeral(self, user_id: str) -> list[Message]:
        """What only this person sees here, oldest first."""
        return [each for each in self.messages.values() if each.seen_by == user_id and not each.deleted]

    def _public(self) -> Iterator[Message]:
        return (each for each in self.messages.values() if not each.deleted and each.seen_by is None)


@dataclass
class Grant:
    """What a bot token stands for: a workspace, scopes, and why it is refused, if it is."""

    token: str
    team_id: str
    scopes: tuple[str, ...]
    refused: str | None = None


@dataclass
class Workspace:
    """A workspace; `grant` is what the app has there, None before it is installed."""

    id: str
    name: str
    domain: str
    bot: User
    grant: Grant | None = None
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    usergroups: dict[str, list[str]] = field(default_factory=dict)
    emojis: set[str] = field(default_factory=set)
    files: dict[str, Json] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The bot token that is good now."""
        assert self.grant
        return self.grant.token

    def brief(self) -> Json:
        """As interaction payloads have it."""
        return {"id": self.id, "domain": self.domain}


@dataclass
class Poverty:
    """What a poorer server lacks, or a stricter one insists on.

    without: methods that are not known. ignores_metadata: none is kept. ignores_paging: a history has everything,
    replies too, whatever is asked. repeats_pages: besides, it says that there is more, and gives a cursor.
    users_shown: how many people an answer without `full` names with a reaction. paced: a second message within a second
    in a channel is answered with 429.
    """

    without: frozenset[str] = frozenset()
    ignores_metadata: bool = False
    ignores_paging: bool = False
    repeats_pages: bool = False
    users_shown: int = 25
    paced: bool = False
