"""Brings a database to the schema of this code, or leaves it as it was."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from bot.core.errors import StoreError
from bot.store import sqlite

MIGRATIONS = Path(__file__).with_name("migrations")


async def upgrade(file: Path, busy_timeout: timedelta, migrations: Path, sole: AbstractContextManager[None]) -> None:
    """Run the migrations that the database has not had, all in one transaction and within `sole`.

    Raises `StoreError` for a newer database, another program's, or a migration that fails.
    """
    sqlite.try_to_open(file)
    engine = sqlite.migrator(file, busy_timeout)
    try:
        async with engine.begin() as connection:
            if await connection.run_sync(_is_older, file, migrations):
                with sole:
                    await connection.run_sync(_run, file, migrations)
    finally:
        await engine.dispose()


def _is_older(connection: Connection, file: Path, migrations: Path) -> bool:
    scripts = ScriptDirectory(str(migrations))
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        if inspect(connection).get_table_names():
            raise StoreError(f"{file} is another program's database; name another file.")
        return True
    if current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(f"{file} is from a newer version of the bot (schema {current}); install that one.")
    return current != scripts.get_current_head()


def _run(connection: Connection, file: Path, migrations: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
        sqlite.check_references(connection)
    except Exception as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(f"{file} could not be brought up to date and is as it was: {said}") from error
