"""The chat itself, the platform's side of the demo: it keeps what is said in a SQLite file of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiosqlite

from bot.adapters.web.pulse import Pulse
from bot.adapters.web.records import NewMessage, Person, RoomChannel, RoomMessage
from bot.core.errors import BroadsheetError, MessageGone, SendLater
from bot.core.ports import Clock
from bot.core.post import Post, dump, load

__all__ = ["NoRoom", "Person", "Room", "RoomChannel", "open_room"]

PRIVATE_FOR = timedelta(hours=24)
"""A private answer that nobody dismissed is kept so long, by the real clock."""

LATEST = 500
"""So many messages, the latest ones, are shown to whoever opens the page."""

VERSION = 1

_SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO setting VALUES ('token', lower(hex(randomblob(8)))), ('offset', '0');
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    thread INTEGER REFERENCES message,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    said TEXT,
    post TEXT,
    prompt TEXT NOT NULL,
    viewer TEXT,
    key TEXT,
    kept_until TEXT,
    edited INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL UNIQUE,
    CHECK ((said IS NULL) <> (post IS NULL))
) STRICT;
CREATE INDEX message_key ON message (channel, key) WHERE key IS NOT NULL;
CREATE INDEX message_thread ON message (thread) WHERE thread IS NOT NULL;
CREATE TABLE reaction (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES message,
    emoji TEXT NOT NULL,
    person TEXT NOT NULL,
    UNIQUE (message, emoji, person)
) STRICT;
"""

_SELECT = """
SELECT id, channel, author, at, said, post, thread, prompt, viewer, edited, gone, revision,
    (SELECT count(*) FROM message below WHERE below.thread = message.id AND below.viewer IS NULL) AS replies
FROM message """

_NEXT_REVISION = "(SELECT coalesce(max(revision), 0) + 1 FROM message)"


class NoRoom(BroadsheetError):
    """The chat's file cannot be used; the sentence says why."""


class Room:
    """Keeps what happens in the chat, and beats its pulse when something did.

    Its methods raise `SendLater` where the file cannot be read or written just now, and `MessageGone` where
    the message they are about is not there.
    """

    def __init__(
        self, db: aiosqlite.Connection, people: Sequence[Person], channels: Sequence[RoomChannel], clock: Clock
    ) -> None:
        self.people = tuple(people)
        self.channels = tuple(channels)
        self.clock = clock
        self.pulse = Pulse()
        self.offset = timedelta(0)
        self.token = ""
        self._db = db
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Make the tables where there are none, and read the settings."""
        if (await self._one("PRAGMA user_version"))["user_version"] == 0:
            await self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
        if (await self._one("PRAGMA user_version"))["user_version"] != VERSION:
            raise NoRoom("is of another version")
        settings = {row["name"]: row["value"] for row in await self._all("SELECT name, value FROM setting")}
        self.token = settings["token"]
        self.offset = timedelta(seconds=float(settings["offset"]))

    async def set_offset(self, offset: timedelta) -> None:
        """Keep how far the demo's clock is ahead of the real one."""
        async with self._transaction():
            await self._db.execute("UPDATE setting SET value = ? WHERE name = 'offset'", (str(offset.total_seconds()),))
        self.offset = offset
        self.pulse.beat()

    def person(self, person_id: str) -> Person | None:
        """The person with this id."""
        return next((each for each in self.people if each.id == person_id), None)

    def has_channel(self, channel_id: str) -> bool:
        """Whether there is such a channel."""
        return any(each.id == channel_id for each in self.channels)

    async def add(self, new: NewMessage) -> int:
        """Add a message; returns its id."""
        post = dump(new.content) if isinstance(new.content, Post) else None
        said = new.content if isinstance(new.content, str) else None
        kept_until = _text(self.clock.now() + PRIVATE_FOR) if new.viewer else None
        async with self._transaction():
            head = await self._head(new)
            cursor = await self._db.execute(
                "INSERT INTO message"  # noqa: S608  # a constant of ours
                " (channel, thread, author, at, said, post, prompt, viewer, key, kept_until, revision)"
                f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {_NEXT_REVISION})",
                (
                    new.channel, head, new.author, _text(new.at), said, post,
                    new.prompt, new.viewer, new.key, kept_until,
                ),
            )  # fmt: skip
            if head is not None:
                await self._change(head)
        self.pulse.beat()
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    async def _head(self, new: NewMessage) -> int | None:
        if new.thread is None:
            return None
        above = await self._expect(new.thread)
        if above["channel"] != new.channel:
            raise MessageGone(f"Message {new.thread} is not in {new.channel}.")
        head: int = above["thread"] or above["id"]
        return head

    async def edit(self, message_id: int, post: Post) -> None:
        """Let a message show another post."""
        async with self._transaction():
            await self._expect(message_id)
            await self._change(message_id, "post = ?, said = NULL, edited = 1", dump(post))
        self.pulse.beat()

    async def react(self, message_id: int, emoji: str, person_id: str, *, on: bool) -> bool:
        """Put a person's reaction on a message, or take it back; False where that was so already."""
        statement = (
            "INSERT INTO reaction (message, emoji, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            if on
            else "DELETE FROM reaction WHERE message = ? AND emoji = ? AND person = ?"
        )
        async with self._transaction():
            await self._expect(message_id)
            cursor = await self._db.execute(statement, (message_id, emoji, person_id))
            changed = cursor.rowcount > 0
            if changed:
                await self._change(message_id)
        if changed:
            self.pulse.beat()
        return changed

    async def dismiss(self, message_id: int, viewer: str) -> None:
        """Take a private answer away from the one who sees it."""
        async with self._transaction():
            if (await self._expect(message_id))["viewer"] != viewer:
                raise MessageGone("Only you can dismiss what only you can see.")
            await self._change(message_id, "gone = 1")
        self.pulse.beat()

    async def _change(self, message_id: int, what: str = "gone = gone", *values: str) -> None:
        await self._db.execute(
            f"UPDATE message SET {what}, revision = {_NEXT_REVISION} WHERE id = ?",  # noqa: S608  # ours
            (*values, message_id),
        )

    async def _expect(self, message_id: int) -> aiosqlite.Row:
        rows = await self._all("SELECT id, channel, thread, viewer FROM message WHERE id = ? AND NOT gone", message_id)
        if not rows:
            raise MessageGone(f"Message {message_id} is not here any more.")
        return rows[0]

    async def message(self, message_id: int) -> RoomMessage:
        """The message with this id."""
        async with self._transaction():
            await self._expect(message_id)
            return (await self._messages("WHERE id = ?", message_id))[0]

    async def find(self, channel: str, key: str, since: datetime, thread: int | None) -> int | None:
        """The id of the message with this key, among those posted since then."""
        async with self._transaction():
            rows = await self._all(
                "SELECT id FROM message WHERE channel = ? AND key = ? AND at >= ? AND thread IS ? AND NOT gone",
                channel,
                key,
                _text(since),
                thread,
            )
        return rows[0]["id"] if rows else None

    async def latest(self, viewer: str) -> tuple[RoomMessage, ...]:
        """What somebody who opens the page sees, oldest first; private answers whose time is up are taken away."""
        async with self._transaction():
            now = _text(self.clock.now())
            await self._db.execute("UPDATE message SET gone = 1 WHERE kept_until < ? AND NOT gone", (now,))
            where = f"WHERE (viewer IS NULL OR viewer = ?) AND NOT gone ORDER BY id DESC LIMIT {LATEST}"
            return (await self._messages(where, viewer))[::-1]

    async def since(self, revision: int, viewer: str) -> tuple[RoomMessage, ...]:
        """What changed for a viewer after a revision, in the order of the changes."""
        where = "WHERE revision > ? AND (viewer IS NULL OR viewer = ?) ORDER BY revision"
        async with self._transaction():
            return await self._messages(where, revision, viewer)

    async def revision(self) -> int:
        """The count of changes so far."""
        async with self._transaction():
            revision: int = (await self._one("SELECT coalesce(max(revision), 0) AS latest FROM message"))["latest"]
        return revision

    async def _messages(self, where: str, *values: object) -> tuple[RoomMessage, ...]:
        rows = await self._all(_SELECT + where, *values)
        reactions: dict[int, dict[str, list[str]]] = {row["id"]: {} for row in rows}
        found = await self._all(
            "SELECT message, emoji, person FROM reaction"
            " WHERE message IN (SELECT value FROM json_each(?)) ORDER BY place",
            json.dumps(list(reactions)),
        )
        for row in found:
            reactions[row["message"]].setdefault(row["emoji"], []).append(row["person"])
        return tuple(_message(row, reactions[row["id"]]) for row in rows)

    async def _all(self, statement: str, *values: object) -> list[aiosqlite.Row]:
        return list(await self._db.execute_fetchall(statement, values))

    async def _one(self, statement: str) -> aiosqlite.Row:
        return (await self._all(statement))[0]

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        async with self._lock:
            try:
                await self._db.execute("BEGIN IMMEDIATE")
                yield
                await self._db.execute("COMMIT")
            except aiosqlite.Error as error:
                await self._roll_back()
                raise SendLater(f"The chat's file cannot be used just now: {error}", uncertain=True) from error
            except BaseException:
                await self._roll_back()
                raise

    async def _roll_back(self) -> None:
        if self._db.in_transaction:
            await self._db.execute("ROLLBACK")


def _message(row: aiosqlite.Row, reactions: dict[str, list[str]]) -> RoomMessage:
    values: dict[str, Any] = dict(row)
    said, post = values.pop("said"), values.pop("post")
    values |= {
        "at": datetime.fromisoformat(values["at"]),
        "edited": bool(values["edited"]),
        "gone": bool(values["gone"]),
    }
    people = {emoji: tuple(each) for emoji, each in reactions.items()}
    return RoomMessage(**values, content=said if post is None else load(post), reactions=people)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@asynccontextmanager
async def open_room(
    path: Path, people: Sequence[Person], channels: Sequence[RoomChannel], clock: Clock
) -> AsyncIterator[Room]:
    """Open the chat kept in this file, making it where there is none.

    clock: the real one. Raises `NoRoom` where the file is something else.
    """
    try:
        # Asked first, since an aiosqlite connection that fails to open leaves a thread behind.
        path.open("ab").close()
        db = await aiosqlite.connect(path, isolation_level=None)
    except (OSError, aiosqlite.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NoRoom(f"The chat's file {path} cannot be opened: {reason}.") from error
    try:
        db.row_factory = aiosqlite.Row
        room = Room(db, people, channels, clock)
        try:
            await db.execute("PRAGMA journal_mode = WAL")
            await db.execute("PRAGMA foreign_keys = ON")
            await room.load()
        except (aiosqlite.Error, NoRoom, LookupError, ValueError) as error:
            raise NoRoom(f"The chat's file {path} cannot be used: {error}. Move it away to start afresh.") from error
        yield room
    finally:
        await db.close()
