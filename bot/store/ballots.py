"""Ballots and nominations, as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, select, update

from bot.core.errors import Refused
from bot.core.model import Ballot, Member, Nomination
from bot.store.rows import Rows, keep_member, to_item, to_member
from bot.store.schema import ballots, items, members, nominations
from bot.store.sqlite import insert
from bot.store.votes import SqlVotes


@dataclass(frozen=True, slots=True)
class SqlBallots:
    """The port `Ballots` within one transaction; `SqlVotes` keeps the votes."""

    rows: Rows

    async def open(self, newsletter_id: int, at: datetime) -> Ballot:
        """Open the newsletter's next ballot; raises `Refused` if one is open."""
        highest = select(func.coalesce(func.max(ballots.c.number), 0) + 1)
        number = highest.where(ballots.c.newsletter_id == newsletter_id).scalar_subquery()
        query = insert(ballots).values(newsletter_id=newsletter_id, number=number, opened_at=at, receipt=())
        twice = "the newsletter has an open ballot; close that one first."
        return await self.get(await self.rows.keep(query.returning(ballots.c.id), twice))

    async def current(self, newsletter_id: int) -> Ballot | None:
        """The open ballot."""
        return await self._first(_ballots_of(newsletter_id).where(ballots.c.closed_at.is_(None)))

    async def get(self, ballot_id: int) -> Ballot:
        """The ballot with this id; raises `Refused` if there is none."""
        ballot = await self._first(select(ballots).where(ballots.c.id == ballot_id))
        if ballot is None:
            raise Refused(f"There is no ballot with the id {ballot_id}.")
        return ballot

    async def last_closed(self, newsletter_id: int) -> Ballot | None:
        """The ballot closed last."""
        query = _ballots_of(newsletter_id).where(ballots.c.closed_at.is_not(None))
        return await self._first(query.order_by(ballots.c.number.desc()))

    async def close(self, ballot_id: int, at: datetime, receipt: Sequence[str]) -> None:
        """Close the ballot, once: raises `Refused` if it is not open."""
        query = update(ballots).where(ballots.c.id == ballot_id, ballots.c.closed_at.is_(None))
        query = query.values(closed_at=at, receipt=tuple(receipt))
        if await self.rows.change(query) == 0:
            raise Refused(f"There is no open ballot with the id {ballot_id}.")

    async def nominate(self, nomination: Nomination) -> Nomination:
        """Add a nomination at the ballot's next position; raises `Refused` if its item is there."""
        ballot_id, by = nomination.ballot_id, nomination.by
        highest = select(func.coalesce(func.max(nominations.c.position), 0) + 1)
        query = insert(nominations).values(
            ballot_id=ballot_id,
            item_id=nomination.item.id,
            position=highest.where(nominations.c.ballot_id == ballot_id).scalar_subquery(),
            at=nomination.at,
            by_id=None if by is None else await keep_member(self.rows, by),
            note=nomination.note,
            carried=nomination.carried,
            votes=0,
            **_edited(nomination),
        )
        twice = f"{nomination.heading} is on the ballot already."
        made = await self.rows.keep(query.returning(nominations.c.id), twice)
        return _nomination(await self.rows.one(_NOMINATIONS.where(nominations.c.id == made)))

    async def save(self, nomination: Nomination) -> None:
        """Keep what an editor changed: title, summary, section, pinned, dropped."""
        query = update(nominations).where(nominations.c.id == nomination.id).values(_edited(nomination))
        if await self.rows.change(query) == 0:
            raise Refused(f"There is no nomination with the id {nomination.id}.")

    async def nominations(self, ballot_id: int) -> tuple[Nomination, ...]:
        """The ballot's nominations by position, with their standing."""
        query = _NOMINATIONS.where(nominations.c.ballot_id == ballot_id).order_by(nominations.c.position)
        return tuple(_nomination(row) for row in await self.rows.all(query))

    async def note(self, delivery_id: int, changes: Mapping[tuple[int, Member], bool]) -> tuple[int, int]:
        """Note reactions of one message that stand or stand no more; returns votes made and votes fallen."""
        return await SqlVotes(self.rows).note(delivery_id, changes)

    async def vote(self, delivery_id: int, nomination_id: int, member: Member) -> bool:
        """Note a reaction; True if it made a vote, False if it changed no standing."""
        return await self.note(delivery_id, {(nomination_id, member): True}) == (1, 0)

    async def withdraw(self, delivery_id: int, nomination_id: int, member: Member) -> bool:
        """Forget a reaction; True if the vote fell with it, False if it changed no standing."""
        return await self.note(delivery_id, {(nomination_id, member): False}) == (0, 1)

    async def reactions(self, delivery_id: int) -> frozenset[tuple[int, Member]]:
        """The reactions noted for one ballot message, as (nomination id, member)."""
        return await SqlVotes(self.rows).reactions(delivery_id)

    async def votes(self, ballot_id: int) -> frozenset[tuple[int, Member]]:
        """Every vote that stands, as (nomination id, member)."""
        return await SqlVotes(self.rows).votes(ballot_id)

    async def _first(self, query: Select[Any]) -> Ballot | None:
        row = await self.rows.first(query.limit(1))
        return None if row is None else _ballot(row)


_NOMINATIONS = (
    select(nominations, items, members)
    .join_from(nominations, items)
    .join(members, members.c.id == nominations.c.by_id, isouter=True)
)


def _ballots_of(newsletter_id: int) -> Select[Any]:
    return select(ballots).where(ballots.c.newsletter_id == newsletter_id)


def _edited(nomination: Nomination) -> dict[str, Any]:
    return {
        "section": nomination.section,
        "title": nomination.title,
        "summary": nomination.summary,
        "pinned": nomination.pinned,
        "dropped": nomination.dropped,
    }


def _ballot(row: RowMapping) -> Ballot:
    return Ballot(
        id=row["id"],
        newsletter_id=row["newsletter_id"],
        number=row["number"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        receipt=tuple(row["receipt"]),
    )


def _nomination(row: RowMapping) -> Nomination:
    kept = nominations.c
    return Nomination(
        id=row[kept.id],
        ballot_id=row[kept.ballot_id],
        item=to_item(row),
        position=row[kept.position],
        section=row[kept.section],
        at=row[kept.at],
        by=None if row[kept.by_id] is None else to_member(row),
        note=row[kept.note],
        title=row[kept.title],
        summary=row[kept.summary],
        carried=row[kept.carried],
        pinned=row[kept.pinned],
        dropped=row[kept.dropped],
        votes=row[kept.votes],
    )
