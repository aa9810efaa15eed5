"""Small facts by key, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import delete, select

from bot.store.rows import Rows
from bot.store.schema import marks
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlMarks:
    """The port `Marks` within one transaction."""

    rows: Rows

    async def get(self, key: str) -> str | None:
        """The value kept under this key."""
        return cast("str | None", await self.rows.value(select(marks.c.value).where(marks.c.key == key)))

    async def put(self, key: str, value: str) -> None:
        """Keep a value, in place of the one before."""
        query = insert(marks).values(key=key, value=value)
        await self.rows.change(query.on_conflict_do_update(index_elements=["key"], set_={"value": value}))

    async def take(self, key: str) -> str | None:
        """The value kept under this key, which is kept no longer: of two who take it, one gets it."""
        gone = delete(marks).where(marks.c.key == key).returning(marks.c.value)
        return cast("str | None", await self.rows.value(gone))

    async def under(self, prefix: str) -> Mapping[str, str]:
        """Every key that begins with the prefix, with its value."""
        query = select(marks.c.key, marks.c.value).where(marks.c.key.startswith(prefix, autoescape=True))
        return {row["key"]: row["value"] for row in await self.rows.all(query.order_by(marks.c.key))}
