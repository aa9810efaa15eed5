"""Small facts by key, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

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
