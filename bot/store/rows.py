"""What the parts of the store share: asking for rows, and members and items as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Result, RowMapping, case, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import Refused
from bot.core.model import Item, Kind, Member
from bot.store.columns import storable
from bot.store.finishing import finished
from bot.store.schema import items, members
from bot.store.sqlite import insert, is_duplicate


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the database, within one transaction; in those that are found, columns are the keys."""

    connection: AsyncConnection

    async def all(self, query: Executable, listed: Sequence[Mapping[str, Any]] | None = None) -> Sequence[RowMapping]:
        """Every row of the answer; `listed` are the rows to insert, where the query is an insert of many."""
        return (await finished(self.connection.execute(query, listed))).mappings().all()

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
        """Run the statement for each of these, as one."""
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
    return (await keep_members(rows, [member]))[member]


async def keep_members(rows: Rows, listed: Collection[Member]) -> Mapping[Member, int]:
    """The ids of the members' rows, made where there are none; a name that is given is kept, the last one of several.

    What is there already is not written again.
    """
    known = await _found(rows, listed)
    wanted = {_key(each): storable(each.name) for each in listed if each.name or _key(each) not in known}
    new = [
        {"platform": platform, "community": community, "member": member, "name": name}
        for (platform, community, member), name in wanted.items()
        if (platform, community, member) not in known or name != known[platform, community, member][1]
    ]
    if new:
        query = insert(members)
        given = query.excluded.name
        query = query.on_conflict_do_update(
            index_elements=["platform", "community", "member"],
            set_={"name": case((given == "", members.c.name), else_=given)},
        )
        await rows.put_all(query, new)
    return await known_members(rows, listed)


async def known_members(rows: Rows, listed: Collection[Member]) -> Mapping[Member, int]:
    """The ids of the rows of those members that have one."""
    found = await _found(rows, listed)
    return {each: found[_key(each)][0] for each in listed if _key(each) in found}


async def _found(rows: Rows, listed: Collection[Member]) -> dict[tuple[str, str, str], tuple[int, str]]:
    """The id and the name in each row that one of these members has."""
    places: dict[tuple[str, str], set[str]] = {}
    for platform, community, member in map(_key, listed):
        places.setdefault((platform, community), set()).add(member)
    found = {}
    for (platform, community), ids in places.items():
        query = select(members).where(members.c.platform == platform, members.c.community == community)
        for row in await rows.all(query.where(members.c.member.in_(ids))):
            found[platform, community, row["member"]] = (row["id"], row["name"])
    return found


def _key(member: Member) -> tuple[str, str, str]:
    return (storable(member.platform), storable(member.community), storable(member.id))


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
