"""What the parts of the store share: asking for rows, and members and items as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Result, RowMapping, case
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import Refused
from bot.core.model import Item, Kind, Member
from bot.store.finishing import finished
from bot.store.schema import items, members
from bot.store.sqlite import insert, is_duplicate


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the database, within one transaction; in those that are found, columns are the keys."""

    connection: AsyncConnection

    async def all(self, query: Executable) -> Sequence[RowMapping]:
        """Every row of the answer."""
        return (await self._ask(query)).mappings().all()

    async def first(self, query: Executable) -> RowMapping | None:
        """The first row of the answer."""
        return (await self._ask(query)).mappings().first()

    async def one(self, query: Executable) -> RowMapping:
        """The row of the answer, which must be there."""
        return (await self._ask(query)).mappings().one()

    async def value(self, query: Executable) -> Any:
        """The first value of the answer; None where there is none."""
        return (await self._ask(query)).scalar()

    async def change(self, statement: Executable) -> int:
        """Change rows; returns how many there were to change."""
        return cast("CursorResult[Any]", await self._ask(statement)).rowcount

    async def put_all(self, statement: Executable, listed: Sequence[Mapping[str, Any]]) -> None:
        """Insert all of these rows."""
        await finished(self.connection.execute(statement, listed))

    async def keep(self, statement: Executable, twice: str) -> Any:
        """The first value that an insert or update returns; None where there was nothing to update.

        Raises `Refused` with the sentence `twice` for a row like one that is kept; the transaction may
        go on then.
        """
        try:
            return await finished(self._within_savepoint(statement))
        except IntegrityError as error:
            if not is_duplicate(error.orig):
                raise
            raise Refused(twice) from error

    async def _within_savepoint(self, statement: Executable) -> Any:
        async with self.connection.begin_nested():
            return await self.connection.scalar(statement)

    async def _ask(self, query: Executable) -> Result[Any]:
        return await finished(self.connection.execute(query))


async def keep_member(rows: Rows, member: Member) -> int:
    """The id of the member's row, made if there is none; a name that is given is kept."""
    query = insert(members).values(
        platform=member.platform, community=member.community, member=member.id, name=member.name
    )
    given = query.excluded.name
    query = query.on_conflict_do_update(
        index_elements=["platform", "community", "member"],
        set_={"name": case((given == "", members.c.name), else_=given)},
    )
    return cast(int, await rows.value(query.returning(members.c.id)))


def to_member(row: RowMapping) -> Member:
    """The member in a row with the columns of `members`."""
    kept = members.c
    return Member(row[kept.platform], row[kept.community], row[kept.member], row[kept.name])


def to_item(row: RowMapping) -> Item:
    """The item in a row with the columns of `items`."""
    kept = items.c
    return Item(
        id=row[kept.id],
        url=row[kept.url],
        title=row[kept.title],
        site=row[kept.site],
        kind=Kind(row[kept.kind]),
        summary=row[kept.summary],
        figure=row[kept.figure],
        paper=row[kept.paper],
    )
