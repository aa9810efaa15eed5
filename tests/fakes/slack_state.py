"""What goes on in the loopback Slack: who may do what, what is said, and the events that follow from it."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from tests.fakes.slack_emojis import KNOWN, bare
from tests.fakes.slack_world import SCOPES, Channel, Grant, Json, Message, Refusal, User, Workspace

MOST_EMOJIS, MOST_OF_ONE = 50, 23
"""How many emojis a message takes, and how many of them from one person."""

Emit = Callable[[str, Json], None]


class State:
    """Workspaces, channels, people and messages; `emit` is told each event, by workspace."""

    def __init__(self, now: Callable[[], datetime], emit: Emit) -> None:
        self.now = now
        self.emit = emit
        self.app_id = "A0BROADSHEET"
        self.workspaces: dict[str, Workspace] = {}
        self.grants: dict[str, Grant] = {}
        self._numbers = itertools.count(1)
        self._last = 0

    def id(self, letter: str) -> str:
        """A new id that begins so."""
        return f"{letter}0{next(self._numbers):08d}"

    def ts(self) -> str:
        """The present as a message's id; no two are the same."""
        self._last = max(self._last + 1, int(self.now().timestamp()) * 1_000_000 + self.now().microsecond)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    # What a test sets up.

    def workspace(
        self, name: str = "Readers", *, scopes: tuple[str, ...] = SCOPES, installed: bool = True
    ) -> Workspace:
        """Add a workspace; the app is installed in it unless said otherwise."""
        team_id = self.id("T")
        bot = User(self.id("U"), team_id, "Broadsheet", bot=True, bot_id=self.id("B"))
        made = Workspace(team_id, name, name.lower().replace(" ", "-"), bot, users={bot.id: bot})
        self.workspaces[team_id] = made
        if installed:
            self.install(made, scopes)
        return made

    def install(self, workspace: Workspace, scopes: tuple[str, ...] = SCOPES) -> Grant:
        """Give the app a token for a workspace."""
        grant = Grant(f"xoxb-{workspace.id}-{next(self._numbers)}", workspace.id, scopes)
        workspace.grant = self.grants[grant.token] = grant
        return grant

    def user(self, workspace: Workspace, name: str, **facts: Any) -> User:
        """Add a person; `facts` are those of `User`: admin, owner, bot, deleted, locale, tz."""
        bot_id = self.id("B") if facts.get("bot") else ""
        made = User(self.id("U"), workspace.id, name, bot_id=bot_id, **facts)
        workspace.users[made.id] = made
        return made

    def channel(
        self, workspace: Workspace, name: str = "papers", *, private: bool = False, joined: bool = True
    ) -> Channel:
        """Add a channel; the bot is in it unless said otherwise."""
        made = Channel(self.id("C"), workspace.id, name, private, members=[workspace.bot.id] if joined else [])
        workspace.channels[made.id] = made
        return made

    # Who may do what.

    def find_channel(self, workspace: Workspace, channel_id: str) -> Channel:
        """A channel as the bot sees it: a private one that it is not in does not exist."""
        found = workspace.channels.get(channel_id)
        if found is None or (found.private and workspace.bot.id not in found.members):
            raise Refusal("channel_not_found")
        return found

    def find_message(self, channel: Channel, ts: str, error: str = "message_not_found") -> Message:
        """A message that is there for everybody; refused with `error` otherwise."""
        found = channel.messages.get(ts)
        if found is None or found.deleted or found.seen_by:
            raise Refusal(error)
        return found

    def direct(self, workspace: Workspace, user: User) -> Channel:
        """The bot's conversation with one person."""
        for each in workspace.channels.values():
            if each.partner == user.id:
                return each
        made = Channel(self.id("D"), workspace.id, "", partner=user.id, members=[workspace.bot.id, user.id])
        workspace.channels[made.id] = made
        return made

    # What happens.

    def say(self, channel: Channel, user: User, text: str = "", **body: Any) -> Message:
        """Put a message into a channel; `body` is what `Message` has besides."""
        body["blocks"] = self.numbered(body.get("blocks") or [])
        message = Message(self.ts(), channel, user, text, **body)
        channel.messages[message.ts] = message
        if message.seen_by is None:
            self.emit(channel.team_id, self.message_event(message))
        return message

    def numbered(self, blocks: Iterable[Json]) -> list[Json]:
        """The blocks, with a block_id for each that has none, as Slack gives them."""
        return [
            {**each, "block_id": each.get("block_id") or f"b{next(self._numbers)}"} for each in copy.deepcopy(blocks)
        ]

    def message_event(self, message: Message) -> Json:
        """The event for a new message."""
        kinds = {"channels": "channel", "groups": "group", "im": "im"}
        event: Json = {"type": "message", "channel_type": kinds[message.channel.kind]}
        return event | self.shown(message) | {"channel": message.channel.id, "event_ts": message.ts}

    def shown(self, message: Message, *, metadata: bool = False) -> Json:
        """A message as histories have it; its reactions are not in here."""
        user = message.user
        found: Json = {"type": "message", "user": user.id, "ts": message.ts, "text": message.text, "team": user.team_id}
        if message.subtype:
            found["subtype"] = message.subtype
        if user.bot:
            found |= {"bot_id": user.bot_id, "app_id": self.app_id}
        if message.blocks:
            found["blocks"] = copy.deepcopy(message.blocks)
        if message.edited_ts:
            found["edited"] = {"user": user.id, "ts": message.edited_ts}
        if metadata and message.metadata:
            found["metadata"] = copy.deepcopy(message.metadata)
        replies = message.channel.thread(message.ts)
        if message.thread_ts or replies:
            found["thread_ts"] = message.thread_ts or message.ts
        if replies:
            people = list(dict.fromkeys(each.user.id for each in replies))
            found |= {"reply_count": len(replies), "reply_users": people, "reply_users_count": len(people)}
            found["latest_reply"] = replies[-1].ts
        return found

    def delete(self, message: Message) -> None:
        """Delete a message; one with replies leaves a tombstone that holds the thread."""
        if message.channel.thread(message.ts):
            message.subtype, message.text, message.blocks = "tombstone", "This message was deleted.", []
            message.metadata = None
        else:
            message.deleted = True
        event = {"type": "message", "subtype": "message_deleted", "channel": message.channel.id, "hidden": True}
        self.emit(message.channel.team_id, event | {"deleted_ts": message.ts, "ts": self.ts(), "event_ts": self.ts()})

    def react(self, message: Message, user: User, name: str) -> None:
        """Leave a reaction, whose name may carry a skin tone."""
        workspace = self.workspaces[message.channel.team_id]
        if bare(name) not in KNOWN and name not in workspace.emojis:
            raise Refusal("invalid_name")
        if user.id in message.reactions.get(name, ()):
            raise Refusal("already_reacted")
        if name not in message.reactions and len(message.reactions) >= MOST_EMOJIS:
            raise Refusal("too_many_emoji")
        if sum(user.id in each for each in message.reactions.values()) >= MOST_OF_ONE:
            raise Refusal("too_many_reactions")
        message.reactions.setdefault(name, []).append(user.id)
        self.emit(message.channel.team_id, self.reaction_event("reaction_added", message, user, name))

    def unreact(self, message: Message, user: User, name: str) -> None:
        """Take a reaction back."""
        if user.id not in message.reactions.get(name, ()):
            raise Refusal("no_reaction")
        message.reactions[name].remove(user.id)
        if not message.reactions[name]:
            del message.reactions[name]
        self.emit(message.channel.team_id, self.reaction_event("reaction_removed", message, user, name))

    def reaction_event(self, kind: str, message: Message, user: User, name: str) -> Json:
        """The event for a reaction that came or went."""
        item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
        event = {"type": kind, "user": user.id, "reaction": name, "item": item, "item_user": message.user.id}
        return event | {"event_ts": self.ts()}
