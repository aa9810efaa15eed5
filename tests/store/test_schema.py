"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, inspect

from bot.core.errors import StoreError
from bot.core.model import DeliveryKind, Kind, Subscription
from bot.core.ports import Store
from bot.store import SqlStore, open_store
from bot.store.schema import metadata
from tests.store.examples import NOON, PLATFORMS, READING, fill, item


@pytest.fixture
async def rows(tmp_path: Path) -> list[dict[str, Any]]:
    """A row of every table, as exported."""
    async with open_store(tmp_path / "broadsheet.db") as store:
        await fill(store)
        return [row async for row in store.rows()]


@pytest.fixture
def database(rows: list[dict[str, Any]], tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The file with those rows, without our code in between."""
    with closing(sqlite3.connect(tmp_path / "broadsheet.db", isolation_level=None)) as connection:
        yield connection


def copy(connection: sqlite3.Connection, table: str, changes: dict[str, Any]) -> None:
    """Insert the table's first row once more, with these columns changed."""
    connection.row_factory = sqlite3.Row
    row = {**dict(connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchone()), **changes}  # noqa: S608
    if "id" in row:
        row["id"] = None
    marks = ", ".join("?" for _ in row)
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608


UNIQUE = [
    ("slots", {"outcome": "empty"}, "slots.newsletter_id, slots.at"),
    (
        "subscriptions",
        {"editors": 1},
        "subscriptions.platform, subscriptions.community, subscriptions.channel",
    ),
    ("members", {"name": "Eve"}, "members.platform, members.community, members.member"),
    ("editors", {"position": 5}, "editors.newsletter_id, editors.member_id"),
    ("items", {"title": "Other"}, "items.url"),
    ("ballots", {"closed_at": "2026-03-07 12:00:00.000000"}, "ballots.newsletter_id, ballots.number"),
    ("ballots", {"number": 99}, "ballots.newsletter_id"),
    ("nominations", {"position": 99}, "nominations.ballot_id, nominations.item_id"),
    ("nominations", {"item_id": 99}, "nominations.ballot_id, nominations.position"),
    ("reactions", {}, "reactions.delivery_id, reactions.nomination_id, reactions.member_id"),
    ("votes", {}, "votes.ballot_id, votes.item_id, votes.member_id"),
    ("issues", {"slot": None, "source_url": None}, "issues.newsletter_id, issues.number"),
    ("issues", {"number": 99, "source_url": None}, "issues.newsletter_id, issues.slot"),
    ("issues", {"number": 99, "slot": None}, "issues.newsletter_id, issues.source_url"),
    ("issues", {"number": 99, "slot": None, "source_url": None, "state": "draft"}, "issues.newsletter_id"),
    ("entries", {"url": "https://other.test/"}, "entries.issue_id, entries.position"),
    ("deliveries", {"part": 99, "message_id": None}, "deliveries.key"),
    (
        "deliveries",
        {"key": "other", "message_id": None},
        ", ".join(f"deliveries.{name}" for name in ("kind", "subject", "platform", "community", "channel", "part")),
    ),
    (
        "deliveries",
        {"key": "other", "part": 99},
        "deliveries.platform, deliveries.community, deliveries.channel, deliveries.message_id",
    ),
    ("papers", {"title": "Other"}, "papers.paper_id, papers.version"),
    ("newest_papers", {"version": 99}, "newest_papers.paper_id"),
    ("paper_extras", {"tldr": "Other."}, "paper_extras.paper"),
    ("feeds", {"title": "Other"}, "feeds.newsletter_id, feeds.url"),
    ("feed_entries", {}, "feed_entries.feed_id, feed_entries.entry"),
    ("previews", {"content": "other"}, "previews.key"),
    ("lanes", {"free_at": "2026-03-07 12:00:00.000000"}, "lanes.name"),
]


@pytest.mark.parametrize(("table", "changes", "columns"), UNIQUE)
def test_the_database_refuses_a_second_one(
    database: sqlite3.Connection, table: str, changes: dict[str, Any], columns: str
) -> None:
    """A second row of what exists once is refused, by just the constraint that is meant to."""
    with pytest.raises(sqlite3.IntegrityError) as refused:
        copy(database, table, changes)
    assert str(refused.value) == f"UNIQUE constraint failed: {columns}"


CHECKS = [
    ("newsletters", {"weekday": 7}),
    ("newsletters", {"name": ""}),
    ("newsletters", {"picks": -1}),
    ("slots", {"at": "2026-03-07 12:00:00.000000", "outcome": "lost"}),
    ("items", {"url": "https://other.test/", "kind": "song"}),
    ("nominations", {"item_id": 99, "position": 0}),
    ("nominations", {"item_id": 99, "position": 99, "votes": -1}),
    ("issues", {"number": 99, "slot": None, "source_url": None, "state": "lost"}),
    ("deliveries", {"key": "other", "part": -1, "message_id": None}),
    ("deliveries", {"key": "other", "part": 99, "message_id": None, "state": "lost"}),
    ("deliveries", {"key": "other", "part": 99, "message_id": None, "shown": 2}),
    ("papers", {"version": 0}),
]


@pytest.mark.parametrize(("table", "changes"), CHECKS)
def test_the_database_refuses_what_makes_no_sense(
    database: sqlite3.Connection, table: str, changes: dict[str, Any]
) -> None:
    """A value that only a bug could write is refused."""
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        copy(database, table, changes)


async def test_a_row_refers_to_rows_that_are_there(store: Store) -> None:
    """A subscription to a newsletter that does not exist is refused."""
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        async with store.transaction() as tx:
            await tx.newsletters.subscribe(Subscription(7, READING))


async def test_moments_are_kept_so_that_they_sort(database: sqlite3.Connection) -> None:
    """Moments are kept as text in UTC whose order is theirs."""
    ((kept,),) = database.execute("SELECT next_at FROM newsletters")
    assert kept == "2026-03-06 12:00:00.000000"


def describe(connection: Connection) -> dict[str, object]:
    """Tables, columns, constraints and indexes, whatever order they were made in."""
    inspector = inspect(connection)

    def listed(found: list[Any]) -> list[str]:
        return sorted(str(each | {"dialect_options": options(each)}) for each in found)

    def options(each: dict[str, Any]) -> dict[str, str]:
        return {name: str(value) for name, value in each.get("dialect_options", {}).items()}

    return {
        table: {
            "columns": [(each["name"], str(each["type"]), each["nullable"]) for each in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table),
            "foreign": listed(inspector.get_foreign_keys(table)),
            "unique": listed(inspector.get_unique_constraints(table)),
            "checks": listed(inspector.get_check_constraints(table)),
            "indexes": listed(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


async def test_the_migrations_make_the_schema(store: SqlStore) -> None:
    """What all migrations make together is what `schema.py` says."""
    memory = create_engine("sqlite://")
    with memory.connect() as connection:
        metadata.create_all(connection)
        said = describe(connection)
    memory.dispose()
    async with store.snapshot() as snapshot:
        assert await snapshot.connection.run_sync(describe) == said


async def test_looking_for_work_costs_by_what_is_due(store: SqlStore) -> None:
    """What is due, and next due, is found by an index of what waits, never by going through a table."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    async with store.snapshot() as snapshot:
        engine = snapshot.connection.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        await snapshot.outbox.due(NOON, 10, PLATFORMS)
        await snapshot.outbox.next_due(PLATFORMS)
        await snapshot.newsletters.due(NOON)
        await snapshot.newsletters.next_due()
        event.remove(engine, "before_cursor_execute", note)
        assert len(asked) == 4
        for statement, parameters in asked:
            plan = await snapshot.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row["detail"] for row in plan.mappings()]
            assert "_next_at (next_at" in steps[0]
            assert not any(step.startswith("SCAN") for step in steps)


async def test_every_row_is_exported(rows: list[dict[str, Any]]) -> None:
    """The export has the rows of every table, parents first, as plain JSON values."""
    tables = [row["table"] for row in rows]
    assert set(tables) == set(metadata.tables)
    assert tables == sorted(tables, key=[table.name for table in metadata.sorted_tables].index)
    kept = next(row for row in rows if row["table"] == "newsletters")
    assert (kept["at"], kept["grace"], kept["sections"]) == ("17:30:00", 108000, ["Papers", "Tools"])
    assert datetime.fromisoformat(kept["next_at"]) == datetime(2026, 3, 6, 12, tzinfo=UTC)
    plain = (str, int, float, list, type(None))
    assert all(isinstance(value, plain) for row in rows for value in row.values())
    assert {row["kind"] for row in rows if row["table"] == "items"} == {Kind.PAPER}
    assert {row["kind"] for row in rows if row["table"] == "deliveries"} == {DeliveryKind.BALLOT}


async def test_the_export_is_one_state(store: SqlStore) -> None:
    """What is written while the export runs is not in it."""
    await fill(store)
    exported = store.rows()
    first = await anext(exported)
    async with store.transaction() as tx:
        await tx.items.ensure(item(77))
    found = [first] + [row async for row in exported]
    assert len([row for row in found if row["table"] == "items"]) == 2
