"""The store itself: opening a database, transactions, snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from bot.core.errors import StoreError
from bot.store import sqlite
from bot.store.ballots import SqlBallots
from bot.store.communities import SqlCommunities
from bot.store.errors import opening, translated
from bot.store.feeds import SqlFeeds
from bot.store.finishing import finished
from bot.store.issues import SqlIssues
from bot.store.items import SqlItems
from bot.store.lanes import SqlLanes
from bot.store.lock import sole_user
from bot.store.marks import SqlMarks
from bot.store.newsletters import SqlNewsletters
from bot.store.outbox import SqlOutbox
from bot.store.papers import SqlPapers
from bot.store.previews import SqlPreviews
from bot.store.rows import Rows
from bot.store.schema import metadata
from bot.store.upgrading import MIGRATIONS, upgrade


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """The port `Transaction` over one connection."""

    connection: AsyncConnection

    @property
    def newsletters(self) -> SqlNewsletters:
        """Newsletters, the channels that get them, their editors and slots."""
        return SqlNewsletters(Rows(self.connection))

    @property
    def items(self) -> SqlItems:
        """Items, one for each canonical URL."""
        return SqlItems(Rows(self.connection))

    @property
    def ballots(self) -> SqlBallots:
        """Ballots, nominations and votes."""
        return SqlBallots(Rows(self.connection))

    @property
    def issues(self) -> SqlIssues:
        """Issues: drafts, published ones, those read in from elsewhere."""
        return SqlIssues(Rows(self.connection))

    @property
    def outbox(self) -> SqlOutbox:
        """Deliveries and notices."""
        return SqlOutbox(Rows(self.connection))

    @property
    def communities(self) -> SqlCommunities:
        """Communities that the bot has left."""
        return SqlCommunities(Rows(self.connection))

    @property
    def marks(self) -> SqlMarks:
        """Small facts by key."""
        return SqlMarks(Rows(self.connection))

    @property
    def lanes(self) -> SqlLanes:
        """Ways to outside services."""
        return SqlLanes(Rows(self.connection))

    @property
    def papers(self) -> SqlPapers:
        """Papers looked up before."""
        return SqlPapers(Rows(self.connection))

    @property
    def feeds(self) -> SqlFeeds:
        """Feeds that newsletters follow."""
        return SqlFeeds(Rows(self.connection))

    @property
    def previews(self) -> SqlPreviews:
        """Newsletters read in that wait for an editor's word."""
        return SqlPreviews(Rows(self.connection))


class SqlStore:
    """The port `Store` over one SQLite file; `open_store` makes it."""

    def __init__(self, file: Path, busy_timeout: timedelta) -> None:
        self._file = file
        self._writer = sqlite.writer(file, busy_timeout)
        self._reader = sqlite.reader(file, busy_timeout)
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(sqlite.READERS)
        self._closed = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """Read and write; commits at the end of the block, rolls back when it raises or is cancelled.

        Callers take turns in the order in which they came; a transaction inside another of the same
        task would wait for ever. Raises `StoreError` when the database cannot be used.
        """
        with translated(self._file):
            async with self._turn:
                self._check_open()
                async with _begun(self._writer) as connection:
                    yield SqlTransaction(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SqlTransaction]:
        """Read one consistent state, while others write; raises `StoreError` for a write."""
        with translated(self._file, reading=True):
            async with self._places:
                self._check_open()
                async with _begun(self._reader) as connection:
                    yield SqlTransaction(connection)

    async def rows(self) -> AsyncIterator[dict[str, object]]:
        """Every row of every table, in one snapshot: plain JSON values under `table` and its columns."""
        async with self.snapshot() as snapshot:
            for table in metadata.sorted_tables:
                query = select(table).order_by(*table.primary_key)
                found = await snapshot.connection.stream(query)
                async for row in found.mappings():
                    yield {"table": table.name} | {name: _plain(value) for name, value in row.items()}

    async def close(self) -> None:
        """Wait for the transaction at work, then let go of the file."""
        async with self._turn:
            self._closed = True
            await finished(self._writer.dispose())
            await finished(self._reader.dispose())

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"{self._file} has been closed.")


@asynccontextmanager
async def open_store(
    address: str | Path,
    *,
    lock: bool = True,
    busy_timeout: timedelta = timedelta(seconds=5),
    migrations: Path = MIGRATIONS,
) -> AsyncIterator[SqlStore]:
    """The store in a file, made or brought up to date first, closed at the end of the block.

    address: the file's path, or sqlite+aiosqlite:///PATH.
    lock: keep every other process that locks out; without it, the store may be shared with one that does.
    busy_timeout: how long to wait for another process's transaction.
    Raises `StoreError` when the file cannot be used, is another process's, or is from a newer version.
    """
    file = sqlite.file_of(address)
    with ExitStack() as locks:
        with opening(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            if lock:
                locks.enter_context(sole_user(file))
            await upgrade(file, busy_timeout, migrations, nullcontext() if lock else sole_user(file))
        store = SqlStore(file, busy_timeout)
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def _begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    connection = engine.connect()
    try:
        transaction = await finished(_begin(connection))
        yield connection
        await finished(transaction.commit())
    finally:
        if connection.sync_connection is not None:
            await finished(connection.close())


async def _begin(connection: AsyncConnection) -> AsyncTransaction:
    return await (await connection.start()).begin()


def _plain(value: object) -> object:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value
