"""Votes as rows: kept from reactions, and counted as they come and go.

A vote stands while at least one of the member's reactions for the item stands on any of the ballot's
messages. The database refuses the second vote of a member for an item.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select, update

from bot.core.model import DeliveryKind, Member
from bot.store.rows import Rows, keep_member, to_member
from bot.store.schema import ballots, deliveries, members, nominations, reactions, votes
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlVotes:
    """The votes of ballots within one transaction."""

    rows: Rows

    async def vote(self, delivery_id: int, nomination_id: int, member: Member) -> bool:
        """Note a reaction; True if it made a vote, False if it changed no standing."""
        query = _on_open_ballot(delivery_id, nomination_id).where(nominations.c.dropped.is_(False))
        nomination = await self.rows.first(query)
        if nomination is None:
            return False
        member_id = await keep_member(self.rows, member)
        reaction = {"delivery_id": delivery_id, "nomination_id": nomination_id, "member_id": member_id}
        if not await self._put(insert(reactions).values(reaction)):
            return False
        if not await self._put(insert(votes).values(member_id=member_id, **nomination)):
            return False
        await self._count(nomination_id, 1)
        return True

    async def withdraw(self, delivery_id: int, nomination_id: int, member: Member) -> bool:
        """Forget a reaction; True if the vote fell with it, False if it changed no standing."""
        nomination = await self.rows.first(_on_open_ballot(delivery_id, nomination_id))
        member_id = await self.rows.value(select(members.c.id).where(_is(member)))
        if nomination is None or member_id is None:
            return False
        theirs = and_(reactions.c.nomination_id == nomination_id, reactions.c.member_id == member_id)
        forget = delete(reactions).where(theirs, reactions.c.delivery_id == delivery_id)
        if await self.rows.change(forget) == 0:
            return False
        fall = delete(votes).where(
            votes.c.ballot_id == nomination["ballot_id"],
            votes.c.item_id == nomination["item_id"],
            votes.c.member_id == member_id,
            ~exists().where(theirs),
        )
        if await self.rows.change(fall) == 0:
            return False
        await self._count(nomination_id, -1)
        return True

    async def reactions(self, delivery_id: int) -> frozenset[tuple[int, Member]]:
        """The reactions noted for one ballot message, as (nomination id, member)."""
        query = select(reactions.c.nomination_id, members).join(members)
        return await self._pairs(query.where(reactions.c.delivery_id == delivery_id))

    async def votes(self, ballot_id: int) -> frozenset[tuple[int, Member]]:
        """Every vote that stands, as (nomination id, member)."""
        query = select(nominations.c.id.label("nomination_id"), members).select_from(votes).join(nominations)
        query = query.join(members, members.c.id == votes.c.member_id)
        return await self._pairs(query.where(votes.c.ballot_id == ballot_id))

    async def _put(self, query: Any) -> bool:
        kept = query.on_conflict_do_nothing().returning(query.table.c.member_id)
        return await self.rows.value(kept) is not None

    async def _count(self, nomination_id: int, more: int) -> None:
        query = update(nominations).where(nominations.c.id == nomination_id)
        await self.rows.change(query.values(votes=nominations.c.votes + more))

    async def _pairs(self, query: Select[Any]) -> frozenset[tuple[int, Member]]:
        found = await self.rows.all(query)
        return frozenset((row["nomination_id"], to_member(row)) for row in found)


def _is(member: Member) -> ColumnElement[bool]:
    return and_(
        members.c.platform == member.platform,
        members.c.community == member.community,
        members.c.member == member.id,
    )


def _on_open_ballot(delivery_id: int, nomination_id: int) -> Select[Any]:
    return (
        select(nominations.c.ballot_id, nominations.c.item_id)
        .join(ballots)
        .join(deliveries, deliveries.c.subject == ballots.c.id)
        .where(nominations.c.id == nomination_id, ballots.c.closed_at.is_(None))
        .where(deliveries.c.id == delivery_id, deliveries.c.kind == DeliveryKind.BALLOT)
    )
