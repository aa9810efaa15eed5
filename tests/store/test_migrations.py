"""Older databases are brought up to date with their data; newer ones and strangers are left alone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from bot.core.errors import StoreError
from bot.core.model import Precision
from bot.core.references import ReferenceKind
from bot.store import open_store
from bot.store.upgrading import MIGRATIONS
from tests.store.examples import add_newsletter, fill, newsletter


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "broadsheet.db"


HEAD = str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def later(tmp_path: Path, body: str, revision: str = "0098") -> Path:
    """The migrations of a later version: ours and one more, with this body."""
    folder = tmp_path / "100% later"
    shutil.copytree(MIGRATIONS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    text = f"""
        from alembic import op

        revision = "{revision}"
        down_revision = "{HEAD}"


        def upgrade():
    """
    (folder / "versions" / f"{revision}_later.py").write_text(dedent(text) + f"    {body}\n")
    return folder


def ask(file: Path, query: str) -> list[Any]:
    """What the database says to a query, without our code in between."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def content(file: Path) -> bytes:
    """The file's bytes."""
    return file.read_bytes()


async def test_an_older_database_keeps_its_data(file: Path, tmp_path: Path) -> None:
    """A database of the first version is brought to a later one, with all of its rows."""
    async with open_store(file) as store:
        await fill(store)
        before = [row async for row in store.rows()]
    folder = later(tmp_path, """op.execute("ALTER TABLE items ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")""")
    async with open_store(file, migrations=folder) as store:
        assert [row async for row in store.rows()] == before
    assert ask(file, "SELECT DISTINCT mood FROM items") == [("calm",)]
    assert ask(file, "SELECT version_num FROM alembic_version") == [("0098",)]


async def test_papers_kept_before_there_were_other_kinds_are_arxivs(file: Path, tmp_path: Path) -> None:
    """A paper kept under the first schema is found under the newest, as arXiv's and with its whole date."""
    first = tmp_path / "first"
    shutil.copytree(MIGRATIONS, first, ignore=lambda _, names: [each for each in names if "0001" < each[:4] < "9"])
    async with open_store(file, migrations=first):
        pass
    with closing(sqlite3.connect(file)) as connection:
        moment = "2026-03-06 12:00:00.000000"
        values = ("2103.06255", 2, "Involution", '["Li"]', "", moment, moment, '["cs.CV"]', "", "", "", moment)
        connection.execute("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        connection.commit()
    async with open_store(file) as store, store.snapshot() as snapshot:
        kept = await snapshot.papers.get("2103.06255", 2)
        assert kept is not None
        assert (kept.paper.kind, kept.paper.precision, kept.paper.venue) == (ReferenceKind.ARXIV, Precision.DAY, "")


async def test_a_migration_may_rebuild_a_table_that_others_refer_to(file: Path, tmp_path: Path) -> None:
    """Rebuilding a table, as SQLite must for most changes, loses no row that refers to it."""
    async with open_store(file) as store:
        await fill(store)
        before = [row async for row in store.rows()]
    body = """
    with op.batch_alter_table("newsletters", recreate="always") as batch:
        batch.alter_column("name", nullable=False)
    """
    async with open_store(file, migrations=later(tmp_path, body.strip())) as store:
        assert [row async for row in store.rows()] == before
    assert ask(file, "PRAGMA foreign_key_check") == []


async def test_an_up_to_date_database_is_left_alone(file: Path) -> None:
    """Opening a database again changes nothing in it."""
    async with open_store(file) as store:
        await add_newsletter(store)
    before = ask(file, "SELECT sql FROM sqlite_master")
    async with open_store(file) as store, store.snapshot() as snapshot:
        assert await snapshot.newsletters.get(1) == newsletter(id=1)
    assert ask(file, "SELECT sql FROM sqlite_master") == before


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("CREATE TABLE half (a)"); op.execute("SELECT * FROM nowhere")',
        'op.execute("CREATE TABLE half (a)"); raise RuntimeError("nowhere")',
        'op.execute("CREATE TABLE half (a)"); op.execute("DELETE FROM newsletters")',
    ],
    ids=["wrong SQL", "an error", "references broken"],
)
async def test_a_migration_that_fails_changes_nothing(file: Path, tmp_path: Path, body: str) -> None:
    """After a migration that fails half-way the database is as it was, and the old version opens it."""
    async with open_store(file) as store:
        await fill(store)
        before = [row async for row in store.rows()]
    schema = ask(file, "SELECT sql FROM sqlite_master")
    with pytest.raises(StoreError, match=r"broadsheet\.db could not be brought up to date and is as it was"):
        async with open_store(file, migrations=later(tmp_path, body)):
            pass
    assert ask(file, "SELECT sql FROM sqlite_master") == schema
    async with open_store(file) as store:
        assert [row async for row in store.rows()] == before


async def test_a_first_migration_that_fails_leaves_nothing(file: Path, tmp_path: Path) -> None:
    """A new database whose migrations fail stays empty, and the next try makes it."""
    with pytest.raises(StoreError, match="as it was: no luck"):
        async with open_store(file, migrations=later(tmp_path, 'raise RuntimeError("no luck")')):
            pass
    assert ask(file, "SELECT sql FROM sqlite_master") == []
    async with open_store(file) as store:
        await add_newsletter(store)


async def test_a_newer_database_is_refused(file: Path, tmp_path: Path) -> None:
    """A database of a later version is not touched; the sentence says its schema and what to do."""
    async with open_store(file, migrations=later(tmp_path, "pass", "0099")):
        pass
    before = content(file)
    with pytest.raises(StoreError, match=r"broadsheet\.db is from a newer version .*\(schema 0099\); install that"):
        async with open_store(file):
            pass
    assert content(file) == before


async def test_another_programs_database_is_refused(file: Path) -> None:
    """A database with somebody else's tables is not touched."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = content(file)
    with pytest.raises(StoreError, match="is another program's database"):
        async with open_store(file):
            pass
    assert content(file) == before


async def test_nobody_migrates_under_a_running_bot(file: Path, tmp_path: Path) -> None:
    """A later version that asks for no lock still leaves the database of a running bot as it is."""
    async with open_store(file) as running:
        with pytest.raises(StoreError, match="in use by another process"):
            async with open_store(file, lock=False, migrations=later(tmp_path, "pass")):
                pass
        await add_newsletter(running)
