"""All that is SQLite's own: its connections, its upsert, its error codes.

https://docs.sqlalchemy.org/en/21/dialects/sqlite.html says why the driver's own transactions are off:
it begins them late and deferred, so that two of them that read and then write lose an update.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.core.errors import StoreError

__all__ = ["insert"]

READERS = 4
"""Snapshots open at the same time; further ones wait. Each holds a thread."""


def file_of(address: str | Path) -> Path:
    """The database file at a path or an address such as `sqlite+aiosqlite:///data/broadsheet.db`.

    Raises `StoreError` for an address that names no file.
    """
    name = str(address)
    if "://" in name:
        try:
            url = make_url(name)
        except ArgumentError as error:
            raise StoreError("the store's address cannot be read; write sqlite+aiosqlite:///FILE.") from error
        if url.drivername not in ("sqlite", "sqlite+aiosqlite"):
            raise StoreError(f"the store speaks sqlite+aiosqlite, not {url.drivername}.")
        name = url.database or ""
    if name in ("", ":memory:"):
        raise StoreError("the store needs a file to keep things in; write sqlite+aiosqlite:///FILE.")
    return Path(name).expanduser().resolve()


def try_to_open(file: Path) -> None:
    """Raise `StoreError` if the file cannot be opened at all.

    Asked first, without aiosqlite: a connection of its own that fails to open leaves a thread behind,
    which complains when the program ends.
    """
    try:
        sqlite3.connect(file).close()
    except sqlite3.Error as error:
        raise StoreError(f"{file} {trouble(error)}") from error


def writer(file: Path, busy_timeout: timedelta) -> AsyncEngine:
    """The one connection that writes; it takes the write lock before it reads."""
    pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
    return _engine(file, busy_timeout, pragmas, "BEGIN IMMEDIATE", 1)


def reader(file: Path, busy_timeout: timedelta) -> AsyncEngine:
    """Connections that read, each transaction one state of the database."""
    return _engine(file, busy_timeout, ("query_only = ON",), "BEGIN", READERS)


def migrator(file: Path, busy_timeout: timedelta) -> AsyncEngine:
    """A connection that may rebuild tables, which foreign keys would not let it."""
    return _engine(file, busy_timeout, ("foreign_keys = OFF",), "BEGIN IMMEDIATE", 1)


def _engine(file: Path, busy_timeout: timedelta, pragmas: tuple[str, ...], begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        connect_args={"isolation_level": None, "timeout": busy_timeout.total_seconds()},
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", partial(_prepare, pragmas))
    event.listen(engine.sync_engine, "begin", partial(_begin, begin))
    return engine


def _prepare(pragmas: tuple[str, ...], connection: Any, _record: object) -> None:
    try:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        connection.close()
        raise


def _begin(statement: str, connection: Connection) -> None:
    connection.exec_driver_sql(statement)


def check_references(connection: Connection) -> None:
    """Raise `StoreError` if a row refers to one that is not there."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(f"a row of {broken[0]} refers to a row of {broken[2]} that is not there")


def is_write(error: BaseException | None) -> bool:
    """Whether the database refused a write because it only reads."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY


def is_duplicate(error: BaseException | None) -> bool:
    """Whether the database refused a row because it has one like it."""
    duplicate = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
    return getattr(error, "sqlite_errorcode", None) in duplicate


_TROUBLE = {
    sqlite3.SQLITE_BUSY: "is locked by another process; stop that one, or try again when it is done.",
    sqlite3.SQLITE_LOCKED: "is locked by another process; stop that one, or try again when it is done.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be used.",
    sqlite3.SQLITE_PERM: "cannot be opened; check that its folder exists and may be used.",
    sqlite3.SQLITE_READONLY: "cannot be written to; let this user write to it and to its folder.",
    sqlite3.SQLITE_NOTADB: "is not a database; name another file, or put a backup in its place.",
    sqlite3.SQLITE_CORRUPT: "is damaged; put a backup in its place.",
    sqlite3.SQLITE_FULL: "cannot grow, for the disk is full; make room.",
    sqlite3.SQLITE_IOERR: "cannot be read or written, says the disk; check it.",
}


def trouble(error: BaseException | None) -> str:
    """What is the matter with the file, as the end of a sentence that began with its name."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _TROUBLE:
        return _TROUBLE[code]
    return f"cannot be used: {error}."
