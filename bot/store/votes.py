"""Votes as rows: kept from reactions, and counted as they come and go.

A vote stands while at least one of the member's reactions for the item stands on any of the ballot's
messages. The database refuses the second vote of a member for an item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, select, update

from bot.core.ballots import SUCCESSOR
from bot.core.model import DeliveryKind, DeliveryState, Member
from bot.store.rows import Rows, keep_members, known_members, to_member
from bot.store.schema import ballots, deliveries, members, nominations, reactions, votes
from bot.store.sqlite import insert

BATCH = 5000
"""So many changes are written by one set of statements; SQLite binds 32,766 values in one at most."""

Pair = tuple[int, int]
"""The ids of a nomination and of a member's row."""


@dataclass(frozen=True, slots=True)
class SqlVotes:
    """The votes of ballots within one transaction."""

    rows: Rows

    async def note(self, delivery_id: int, changes: Mapping[tuple[int, Member], bool]) -> tuple[int, int]:
        """Note reactions of one ballot message that stand or stand no more; returns votes made and votes fallen.

        A closed ballot takes none, a dropped nomination no new ones. Where the message stands in for deleted
        ones, what was noted on those for the same nomination and member is forgotten: it is given anew here.
        """
        made = fallen = 0
        waiting = iter(changes.items())
        while part := dict(islice(waiting, BATCH)):
            more, less = await self._note(delivery_id, part)
            made, fallen = made + more, fallen + less
        return made, fallen

    async def _note(self, delivery_id: int, changes: Mapping[tuple[int, Member], bool]) -> tuple[int, int]:
        running = await self.rows.all(_on_open_ballot(delivery_id, {each for each, _ in changes}))
        kept = {row["id"]: row for row in running}
        added = [
            each for each, stands in changes.items() if stands and each[0] in kept and not kept[each[0]]["dropped"]
        ]
        removed = [each for each, stands in changes.items() if not stands and each[0] in kept]
        ids = await keep_members(self.rows, [member for _, member in added])
        known = await known_members(self.rows, [member for _, member in removed])
        come = [(nomination, ids[member]) for nomination, member in added]
        gone = [(nomination, known[member]) for nomination, member in removed if member in known]
        await self._forget_deleted(delivery_id, [*come, *gone])
        items = {number: (row["ballot_id"], row["item_id"]) for number, row in kept.items()}
        made = await self._make(delivery_id, come, items)
        fallen = await self._fell(delivery_id, gone, items)
        await self._count({number: made[number] - fallen[number] for number in kept})
        return made.total(), fallen.total()

    async def _make(self, delivery_id: int, come: Collection[Pair], items: Mapping[int, Pair]) -> Counter[int]:
        if not come:
            return Counter()
        noted = [{"delivery_id": delivery_id, "nomination_id": of, "member_id": who} for of, who in come]
        await self.rows.put_all(insert(reactions).on_conflict_do_nothing(), noted)
        values = [{"ballot_id": items[of][0], "item_id": items[of][1], "member_id": who} for of, who in come]
        numbers = {item: number for number, item in items.items()}
        made = insert(votes).on_conflict_do_nothing().returning(votes.c.ballot_id, votes.c.item_id)
        return Counter(numbers[row["ballot_id"], row["item_id"]] for row in await self.rows.all(made, values))

    async def _fell(self, delivery_id: int, gone: Collection[Pair], items: Mapping[int, Pair]) -> Counter[int]:
        fallen: Counter[int] = Counter()
        for number in {of for of, _ in gone}:
            who = [member for of, member in gone if of == number]
            of_nomination = reactions.c.nomination_id == number
            forget = delete(reactions).where(of_nomination, reactions.c.delivery_id == delivery_id)
            await self.rows.change(forget.where(reactions.c.member_id.in_(who)))
            stands = exists().where(of_nomination, reactions.c.member_id == votes.c.member_id)
            ballot_id, item_id = items[number]
            fall = delete(votes).where(votes.c.ballot_id == ballot_id, votes.c.item_id == item_id)
            fall = fall.where(votes.c.member_id.in_(who), ~stands)
            fallen[number] = len(await self.rows.all(fall.returning(votes.c.member_id)))
        return fallen

    async def _forget_deleted(self, delivery_id: int, pairs: Collection[Pair]) -> None:
        earlier = [row["id"] for row in await self.rows.all(_deleted_before(delivery_id))]
        forget = delete(reactions).where(
            reactions.c.delivery_id == bindparam("earlier"),
            reactions.c.nomination_id == bindparam("nomination"),
            reactions.c.member_id == bindparam("who"),
        )
        listed = [{"earlier": each, "nomination": of, "who": who} for each in earlier for of, who in pairs]
        if listed:
            await self.rows.put_all(forget, listed)

    async def _count(self, more: Mapping[int, int]) -> None:
        changed = [{"number": number, "more": change} for number, change in more.items() if change]
        if changed:
            query = update(nominations).where(nominations.c.id == bindparam("number"))
            await self.rows.put_all(query.values(votes=nominations.c.votes + bindparam("more")), changed)

    async def reactions(self, delivery_id: int) -> frozenset[tuple[int, Member]]:
        """The reactions noted for one ballot message, as (nomination id, member)."""
        query = select(reactions.c.nomination_id, members).join(members)
        return await self._pairs(query.where(reactions.c.delivery_id == delivery_id))

    async def votes(self, ballot_id: int) -> frozenset[tuple[int, Member]]:
        """Every vote that stands, as (nomination id, member)."""
        query = select(nominations.c.id.label("nomination_id"), members).select_from(votes).join(nominations)
        query = query.join(members, members.c.id == votes.c.member_id)
        return await self._pairs(query.where(votes.c.ballot_id == ballot_id))

    async def _pairs(self, query: Select[Any]) -> frozenset[tuple[int, Member]]:
        found = await self.rows.all(query)
        return frozenset((row["nomination_id"], to_member(row)) for row in found)


def _on_open_ballot(delivery_id: int, numbers: Iterable[int]) -> Select[Any]:
    return (
        select(nominations.c.id, nominations.c.ballot_id, nominations.c.item_id, nominations.c.dropped)
        .join(ballots)
        .join(deliveries, deliveries.c.subject == ballots.c.id)
        .where(nominations.c.id.in_(numbers), ballots.c.closed_at.is_(None))
        .where(deliveries.c.id == delivery_id, deliveries.c.kind == DeliveryKind.BALLOT)
    )


def _deleted_before(delivery_id: int) -> Select[Any]:
    """The deliveries of the same page in the same channel whose messages were deleted."""
    kept, this = deliveries.c, deliveries.alias("this")
    same = [this.c[name] == kept[name] for name in ("kind", "subject", "platform", "community", "channel")]
    return select(kept.id).where(
        this.c.id == delivery_id,
        *same,
        this.c.part % SUCCESSOR == kept.part % SUCCESSOR,
        this.c.part > kept.part,
        kept.state == DeliveryState.SENT,
        kept.message_id.is_(None),
    )
