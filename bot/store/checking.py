"""Proves the standing of ballots, which is kept vote by vote, equal to a count of the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import and_, exists, func, or_, select

from bot.core.model import DeliveryKind
from bot.core.text import count
from bot.store.database import SqlStore
from bot.store.rows import Rows
from bot.store.schema import ballots, deliveries, newsletters, nominations, reactions, votes


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one ballot came to.

    kept: the votes its nominations show. counted: the votes there are. wrong: nominations whose standing is not
    the number of their votes. unheld: votes without a reaction. unvoted: reactions without a vote. misplaced:
    reactions noted on a message that is none of the ballot's.
    """

    newsletter: str
    number: int
    kept: int = 0
    counted: int = 0
    wrong: int = 0
    unheld: int = 0
    unvoted: int = 0
    misplaced: int = 0

    @property
    def right(self) -> bool:
        """Whether everything fits."""
        return not (self.wrong or self.unheld or self.unvoted or self.misplaced)

    def __str__(self) -> str:
        """One line for a person: the ballot, its sums, and what does not fit."""
        told = {
            "wrong": f"the standing of {count(self.wrong, 'nomination')} is not the number of its votes",
            "unheld": f"{count(self.unheld, 'vote')} without a reaction",
            "unvoted": f"{count(self.unvoted, 'reaction')} without a vote",
            "misplaced": f"{count(self.misplaced, 'reaction')} on a message of another ballot",
        }
        found = ", ".join(text for name, text in told.items() if getattr(self, name))
        sums = f"{count(self.kept, 'vote')} kept, {self.counted} counted"
        return f"{self.newsletter}, ballot {self.number}: {sums}: {found or 'right'}"


async def check_votes(store: SqlStore) -> tuple[Checked, ...]:
    """Check every ballot, open or closed, in one snapshot; oldest first, newsletter by newsletter."""
    async with store.snapshot() as snapshot:
        rows = Rows(snapshot.connection)
        found = {row["id"]: Checked(row["name"], row["number"]) for row in await rows.all(_BALLOTS)}
        for query in (_SUMS, _UNHELD, _UNVOTED, _MISPLACED):
            for row in await rows.all(query):
                numbers = dict(row)
                ballot_id = numbers.pop("ballot_id")
                found[ballot_id] = replace(found[ballot_id], **numbers)
    return tuple(found.values())


_BALLOTS = (
    select(ballots.c.id, newsletters.c.name, ballots.c.number)
    .join(newsletters)
    .order_by(ballots.c.newsletter_id, ballots.c.number)
)

_VOTED = and_(votes.c.ballot_id == nominations.c.ballot_id, votes.c.item_id == nominations.c.item_id)

_STANDINGS = select(
    nominations.c.ballot_id,
    nominations.c.votes,
    select(func.count()).select_from(votes).where(_VOTED).correlate(nominations).scalar_subquery().label("counted"),
).subquery()

_SUMS = select(
    _STANDINGS.c.ballot_id,
    func.sum(_STANDINGS.c.votes).label("kept"),
    func.sum(_STANDINGS.c.counted).label("counted"),
    func.count().filter(_STANDINGS.c.votes != _STANDINGS.c.counted).label("wrong"),
).group_by(_STANDINGS.c.ballot_id)

_ITS_MEMBER = and_(reactions.c.nomination_id == nominations.c.id, reactions.c.member_id == votes.c.member_id)

_UNHELD = (
    select(votes.c.ballot_id, func.count().label("unheld"))
    .join(nominations, _VOTED)
    .where(~exists().where(_ITS_MEMBER).correlate(votes, nominations))
    .group_by(votes.c.ballot_id)
)

_PAIRS = select(reactions.c.nomination_id, reactions.c.member_id).distinct().subquery()

_UNVOTED = (
    select(nominations.c.ballot_id, func.count().label("unvoted"))
    .join(_PAIRS, _PAIRS.c.nomination_id == nominations.c.id)
    .where(~exists().where(_VOTED, votes.c.member_id == _PAIRS.c.member_id).correlate(_PAIRS, nominations))
    .group_by(nominations.c.ballot_id)
)

_MISPLACED = (
    select(nominations.c.ballot_id, func.count().label("misplaced"))
    .join(reactions, reactions.c.nomination_id == nominations.c.id)
    .join(deliveries, deliveries.c.id == reactions.c.delivery_id)
    .where(or_(deliveries.c.kind != DeliveryKind.BALLOT, deliveries.c.subject != nominations.c.ballot_id))
    .group_by(nominations.c.ballot_id)
)
