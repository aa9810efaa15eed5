"""Opening a file, sharing it, losing it: each trouble has one sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.exc import DBAPIError

from bot.core.errors import StoreError
from bot.store import SqlStore, open_store
from tests.store.examples import NOON, add_newsletter, fill

ROOT = Path(__file__).parents[2]
AT_ONCE = timedelta(0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "broadsheet.db"


async def use(file: Path | str, *, lock: bool = True) -> int:
    """Open the store, write to it, and count its newsletters."""
    async with open_store(file, lock=lock, busy_timeout=AT_ONCE) as store, store.transaction() as tx:
        await tx.outbox.notices(1, 1)
        return len(await tx.newsletters.all())


def content(file: Path) -> bytes:
    """The file's bytes."""
    return file.read_bytes()


def write(file: Path, data: bytes | bytearray) -> None:
    """Put these bytes into the file."""
    file.write_bytes(data)


async def refusal(file: Path | str, *, lock: bool = True) -> str:
    """The sentence with which the store cannot be used."""
    with pytest.raises(StoreError) as refused:
        await use(file, lock=lock)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


async def test_the_folder_is_made(tmp_path: Path) -> None:
    """A database in a folder that is not there yet is made with its folder."""
    assert await use(tmp_path / "a" / "b" / "broadsheet.db") == 0
    assert (tmp_path / "a" / "b" / "broadsheet.db").exists()


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
async def test_an_address_names_a_file(tmp_path: Path, scheme: str) -> None:
    """A URL opens the same file as its path, whatever is in its name."""
    file = tmp_path / "100% ?mode=memory #1.db"
    async with open_store(file) as store:
        await add_newsletter(store)
    assert await use(f"{scheme}:///{str(file).replace('%', '%25').replace('?', '%3F')}") == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql+asyncpg://bot:hunter2@db/bot", "speaks sqlite+aiosqlite, not postgresql+asyncpg"),
        ("sqlite+aiosqlite://", "needs a file"),
        ("sqlite+aiosqlite:///:memory:", "needs a file"),
        (":memory:", "needs a file"),
        ("", "needs a file"),
        ("://", "cannot be read"),
    ],
)
async def test_an_address_without_a_file_is_refused(address: str, sentence: str) -> None:
    """An address of something else gets a sentence, without the password in it."""
    said = await refusal(address)
    assert sentence in said
    assert "hunter2" not in said


async def test_every_commit_is_on_the_disk(file: Path) -> None:
    """The writer syncs each commit, keeps a write-ahead log and checks references."""
    async with open_store(file) as store, store.transaction() as tx:
        said = [
            (await tx.connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert said == ["wal", 2, 1]


async def test_a_second_bot_on_the_file_is_refused(file: Path) -> None:
    """The second one to ask for the file is told its name; what asks for no lock may share it."""
    async with open_store(file) as store:
        assert await refusal(file) == f"{file} is in use by another process; stop that one first."
        link = file.with_name("link.db")
        link.symlink_to(file)
        assert "is in use by another process" in await refusal(link)
        await add_newsletter(store)
        assert await use(file, lock=False) == 1
    assert await use(file) == 1


async def test_what_asks_for_no_lock_keeps_nobody_out(file: Path) -> None:
    """A bot may start while a command is at work."""
    async with open_store(file, lock=False):
        assert await use(file) == 0


async def test_two_programs_on_the_file_lose_no_update(file: Path) -> None:
    """What reads and then writes in one program waits for the other's transaction, and builds on it."""

    async def step(store: SqlStore) -> None:
        async with store.transaction() as tx:
            kept = await tx.newsletters.get(1)
            more = str(int(kept.language) + 1)
            await tx.newsletters.save(replace(kept, language=more))

    async with open_store(file) as bot, open_store(file, lock=False) as command:
        await add_newsletter(bot, language="0")
        await asyncio.gather(*(step(store) for _ in range(20) for store in (bot, command)))
        async with bot.snapshot() as snapshot:
            assert (await snapshot.newsletters.get(1)).language == "40"


async def test_a_store_that_was_closed_is_not_used_again(file: Path) -> None:
    """After closing, when somebody else may have the file, a transaction is refused."""
    async with open_store(file) as store:
        pass
    with pytest.raises(StoreError, match="has been closed"):
        await add_newsletter(store)
    with pytest.raises(StoreError, match="has been closed"):
        async with store.snapshot():
            pass


async def test_closing_leaves_one_file(file: Path) -> None:
    """After closing, the database is whole in its one file, fit to be copied."""
    async with open_store(file) as store:
        await fill(store)
    assert sorted(each.name for each in file.parent.iterdir()) == ["broadsheet.db", "broadsheet.db.lock"]


async def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    """Any other file is refused by its name and left as it is."""
    write(file, b"Dear diary, today I read a paper. " * 100)
    said = await refusal(file)
    assert said == f"{file} is not a database; name another file, or put a backup in its place."
    assert content(file) == b"Dear diary, today I read a paper. " * 100


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A folder in the place of the file is refused."""
    assert "cannot be opened" in await refusal(tmp_path)


async def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A path that leads through a file is refused."""
    (tmp_path / "data").write_text("")
    assert "cannot be opened" in await refusal(tmp_path / "data" / "broadsheet.db")


async def test_a_damaged_database_is_refused(file: Path) -> None:
    """Damage inside the file gets a sentence that says what would help, with the cause kept."""
    async with open_store(file) as store:
        await fill(store)
    pages = bytearray(content(file))
    for start in range(4096, len(pages), 4096):
        pages[start : start + 64] = b"\xa5" * 64
    write(file, pages)
    with pytest.raises(StoreError, match=r"broadsheet\.db is damaged; put a backup in its place") as refused:
        await use(file)
    assert isinstance(refused.value.__cause__, DBAPIError)


async def test_a_database_locked_by_another_process(file: Path) -> None:
    """While another process writes, the store says so, and goes on when it is done."""
    async with open_store(file, busy_timeout=AT_ONCE) as store:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is locked by another process"):
                await add_newsletter(store)
            assert "is locked by another process" in await refusal(file, lock=False)
            other.execute("ROLLBACK")
        await add_newsletter(store)


async def test_a_full_disk(file: Path) -> None:
    """A transaction that does not fit is taken back and says so; the store goes on when there is room."""
    async with open_store(file) as store:
        await fit(store, pages=90)
        with pytest.raises(StoreError, match="cannot grow, for the disk is full; make room"):
            await notice(store, "long " * 100_000)
        await fit(store, pages=1_000_000)
        await notice(store, "short")
        async with store.snapshot() as snapshot:
            assert await snapshot.outbox.notices(1, 5) == ((NOON, "short"),)


async def fit(store: SqlStore, pages: int) -> None:
    """Let the file grow to so many pages, with a newsletter in it."""
    async with store.transaction() as tx:
        await tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    async with store.snapshot() as snapshot:
        known = await snapshot.newsletters.all()
    if not known:
        await add_newsletter(store)


async def notice(store: SqlStore, text: str) -> None:
    """Keep a notice."""
    async with store.transaction() as tx:
        await tx.outbox.notice(1, NOON, text)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that other users may reach, which pytest's own is not."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


AS_SOMEBODY_ELSE = """
import asyncio, os, sys, tempfile
from bot.core.errors import StoreError
from bot.store import open_store

async def use(file, lock):
    async with open_store(file, lock=lock) as store, store.transaction() as tx:
        await tx.outbox.notice(1, None, "")

async def main():
    with tempfile.TemporaryDirectory() as folder:
        try:
            await use(folder + "/warm.db", True)
        except Exception:
            pass
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        await use(sys.argv[1], sys.argv[2] == "lock")
    except StoreError as error:
        print(error)

asyncio.run(main())
"""
"""Root may write anywhere, so the rights are given up once everything that is needed has been imported."""


def said_without_rights(file: Path, how: str) -> str:
    """The sentence with which the store is refused to a user who may not write there."""
    command = [sys.executable, "-c", AS_SOMEBODY_ELSE, str(file), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 our own
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_read_only_file(public: Path) -> None:
    """A database that may only be read is refused, and the sentence says what to allow."""
    file = public / "broadsheet.db"
    assert asyncio.run(use(file)) == 0
    file.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    public.chmod(0o777)
    (public / "broadsheet.db.lock").chmod(0o666)
    said = said_without_rights(file, "lock")
    assert said == f"{file} cannot be written to; let this user write to it and to its folder."


@pytest.mark.parametrize("how", ["lock", "no lock"])
def test_a_folder_without_permission(public: Path, how: str) -> None:
    """A database that cannot be made where it should be is refused."""
    file = public / "broadsheet.db"
    public.chmod(0o555)
    assert f"{file} cannot be opened" in said_without_rights(file, how)
    public.chmod(0o755)


VICTIM = """
import asyncio, sys
from bot.store import open_store
from tests.store.examples import add_newsletter, newsletter

async def main():
    async with open_store(sys.argv[1]) as store:
        await add_newsletter(store, "Kept")
        async with store.transaction() as tx:
            await tx.newsletters.add(newsletter("Lost"))
            print("ready", flush=True)
            await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_process_leaves_what_was_committed(file: Path) -> None:
    """SIGKILL within a transaction: the file opens at once, with what was committed and nothing else."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, str(file), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    assert "is in use by another process" in await refusal(file)
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    async with open_store(file, busy_timeout=AT_ONCE) as store, store.snapshot() as snapshot:
        assert [each.name for each in await snapshot.newsletters.all()] == ["Kept"]
