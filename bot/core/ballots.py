"""The vote: who wins, what a ballot looks like, and how reactions become votes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.core.errors import BroadsheetError, ChannelGone, MessageGone, SendLater
from bot.core.model import (
    Ballot,
    Delivery,
    DeliveryKind,
    Member,
    Message,
    Newsletter,
    Nomination,
    Rules,
)
from bot.core.outbox import waiting
from bot.core.ports import Chat, Store, Transaction
from bot.core.post import Block, Button, Card, Heading, Line, Link, Moment, Paragraph, Post, Small
from bot.core.text import clip, count

log = structlog.get_logger()

KEYCAPS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣", "🔟")
"""The reactions that are votes, by place on the message; Unicode's keycap emoji end at ten."""

PAGE = len(KEYCAPS)

SUCCESSOR = 1000
"""Added to a ballot message's part, it is the part of the message that carries on where it can be edited no more."""

RECEIPT_LINES = 24
"""So much of a receipt a closed ballot shows: the sums, the winners, and then those that had no place."""

ANSWER = timedelta(seconds=60)
"""A platform that has not told its reactions by then is asked again later."""


@dataclass(frozen=True, slots=True)
class Election:
    """A ballot counted: the winners best first, the rest in the ballot's order, and why."""

    winners: tuple[Nomination, ...]
    rest: tuple[Nomination, ...]
    receipt: tuple[str, ...]


def elect(nominations: Sequence[Nomination], rules: Rules) -> Election:
    """Count a ballot: pinned items come first and take no place from the vote.

    A winner has at least `threshold` votes; at most `picks` win, at most `per_section` of one section;
    of two with equal votes the one nominated earlier wins. What an editor dropped is left out of both.
    """
    running = [each for each in nominations if not each.dropped]
    pinned = [each for each in running if each.pinned]
    ranked = sorted((each for each in running if not each.pinned), key=_rank)
    winners: list[Nomination] = []
    passed: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for each in ranked:
        reason = _hurdle(each, rules, len(winners), taken[each.section])
        if reason:
            passed[each.id] = reason
        else:
            winners.append(each)
            taken[each.section] += 1
    rest = tuple(sorted((each for each in ranked if each.id in passed), key=lambda each: each.position))
    return Election((*pinned, *winners), rest, _receipt(nominations, pinned, winners, ranked, passed))


def _rank(nomination: Nomination) -> tuple[int, datetime, int]:
    return (-nomination.votes, nomination.at, nomination.position)


def _hurdle(nomination: Nomination, rules: Rules, won: int, of_section: int) -> str:
    if nomination.votes < rules.threshold:
        return f"fewer than {count(rules.threshold, 'vote')}"
    if won >= rules.picks:
        return f"the {count(rules.picks, 'place')} had gone"
    if of_section >= rules.per_section:
        return f"{nomination.section} had its {rules.per_section} already"
    return ""


def _receipt(
    nominations: Sequence[Nomination],
    pinned: Sequence[Nomination],
    winners: Sequence[Nomination],
    ranked: Sequence[Nomination],
    passed: Mapping[int, str],
) -> tuple[str, ...]:
    votes = sum(each.votes for each in nominations if not each.dropped)
    lines = [f"{count(votes, 'vote')} on {count(len(ranked) + len(pinned), 'nomination')} counted."]
    if winners and any(each.votes == winners[-1].votes and each.id in passed for each in ranked):
        lines.append("Of equal votes, the earlier nomination went first.")
    lines += [f"In, put there by the editors: {clip(each.heading, 80)}." for each in pinned]
    lines += [f"In, with {count(each.votes, 'vote')}: {clip(each.heading, 80)}." for each in winners]
    lines += [
        f"Not in, with {count(each.votes, 'vote')}, as {passed[each.id]}: {clip(each.heading, 80)}."
        for each in ranked
        if each.id in passed
    ]
    lines += [f"Dropped by the editors: {clip(each.heading, 80)}." for each in nominations if each.dropped]
    return tuple(lines)


def ballot_posts(newsletter: Newsletter, ballot: Ballot, nominations: Sequence[Nomination]) -> tuple[Post, ...]:
    """The messages of a ballot, ten nominations each, at least one; a closed one shows its receipt."""
    pages = [nominations[start : start + PAGE] for start in range(0, max(len(nominations), 1), PAGE)]
    return tuple(_page(newsletter, ballot, page, number, len(pages)) for number, page in enumerate(pages))


def _page(newsletter: Newsletter, ballot: Ballot, page: Sequence[Nomination], number: int, pages: int) -> Post:
    title = f"{newsletter.name}: ballot {ballot.number}" + (f", page {number + 1}" if number else "")
    cards = [ballot_card(each) for each in page]
    blocks: list[Block] = [
        Heading((title,), 1),
        Paragraph(_invitation(newsletter, ballot, page, first=number == 0)),
        *cards,
    ]
    if ballot.closed_at and number == pages - 1:
        blocks += [Small((line,)) for line in ballot.receipt[:RECEIPT_LINES]]
    running = () if ballot.closed_at else tuple(KEYCAPS[(each.position - 1) % PAGE] for each in page)
    buttons = () if ballot.closed_at else (Button("Standing", "ballot"),)
    return Post(title, tuple(blocks), buttons, running)


def _invitation(newsletter: Newsletter, ballot: Ballot, page: Sequence[Nomination], *, first: bool) -> Line:
    if ballot.closed_at:
        return ("Closed: the votes are counted.",)
    if not page:
        return ("Nothing nominated yet. Put something up with /nominate and a link.",)
    ending: Line = ("",)
    if first and newsletter.next_slot and not newsletter.paused:
        ending = (" The vote ends ", Moment(newsletter.next_slot, zone=newsletter.schedule.zone), ".")
    return ("Vote with the numbers below, for as many as you like; take a number back to withdraw.", *ending)


def ballot_card(nomination: Nomination) -> Card:
    """One nomination as the ballot shows it."""
    by = [f"nominated by {nomination.by.name}"] if nomination.by and nomination.by.name else []
    state = ["in for certain"] if nomination.pinned else ["dropped"] if nomination.dropped else []
    carried = ["carried over"] if nomination.carried else []
    note: tuple[Line, ...] = ((nomination.note,),) if nomination.note else ()
    return Card(
        (Link(clip(nomination.heading, 200), nomination.item.url),),
        body=note,
        small=(" · ".join((nomination.section, nomination.item.site, *by, *carried, *state)),),
        mark=KEYCAPS[(nomination.position - 1) % PAGE],
    )


def standing_post(newsletter: Newsletter, ballot: Ballot, nominations: Sequence[Nomination]) -> Post:
    """How the vote stands, best first, for whoever asks."""
    title = f"{newsletter.name}: how ballot {ballot.number} stands"
    running = sorted((each for each in nominations if not each.dropped), key=_rank)
    election = elect(nominations, newsletter.rules)
    ahead = {each.id for each in election.winners}
    cards = [
        Card(
            (f"{each.position}. ", Link(clip(each.heading, 200), each.item.url)),
            small=(f"{count(each.votes, 'vote')} · {each.section}{' · would be in' if each.id in ahead else ''}",),
        )
        for each in running
    ]
    rules = newsletter.rules
    closing: Line = (
        "An issue takes up to ",
        f"{count(rules.picks, 'item')} with {count(rules.threshold, 'vote')} or more.",
    )
    if newsletter.next_slot and not newsletter.paused:
        closing = (
            *closing,
            " The vote ends ",
            Moment(newsletter.next_slot, zone=newsletter.schedule.zone),
            ".",
        )
    empty = () if cards else (Paragraph(_invitation(newsletter, ballot, (), first=True)),)
    return Post(title, (Heading((title,), 1), *empty, *cards, Small(closing)), private=True)


async def refresh(tx: Transaction, newsletter: Newsletter, ballot: Ballot, at: datetime) -> None:
    """Have every channel of the newsletter show the ballot as it is, from `at` on.

    A message that does not change is left alone; a page that is new gets a delivery of its own.
    """
    posts = ballot_posts(newsletter, ballot, await tx.ballots.nominations(ballot.id))
    # Of the messages that a page has had in a channel the last one is kept up to date.
    deliveries = await tx.outbox.of(DeliveryKind.BALLOT, ballot.id)
    there = {(each.channel, each.part % SUCCESSOR): each for each in sorted(deliveries, key=lambda each: each.part)}
    if ballot.closed_at:
        # Those before it are told too that the vote is over, as soon as they take an edit again.
        for each in {*deliveries} - {*there.values()}:
            post = posts[each.part % SUCCESSOR]
            await tx.outbox.save(replace(each, post=post, revision=each.revision + 1, next_at=at))
    for subscription in await tx.newsletters.subscriptions(newsletter.id):
        if not subscription.editors and not subscription.suspended:
            for part, post in enumerate(posts):
                delivery = there.get((subscription.channel, part))
                if delivery is None and not ballot.closed_at:
                    channel = subscription.channel
                    await tx.outbox.put(waiting(DeliveryKind.BALLOT, ballot.id, newsletter.id, channel, part, post, at))
                elif delivery is not None and delivery.post != post:
                    # A delivery that is being tried keeps its claim, or the wait that the platform asked for.
                    due = max(at, delivery.next_at) if delivery.next_at and delivery.attempts else at
                    await tx.outbox.save(replace(delivery, post=post, revision=delivery.revision + 1, next_at=due))


@dataclass(frozen=True, slots=True)
class Recount:
    """What reading reactions again came to: votes that were missing, votes withdrawn unseen, what could not be read."""

    added: int = 0
    removed: int = 0
    unread: tuple[BroadsheetError, ...] = ()

    def __add__(self, other: Recount) -> Recount:
        return Recount(self.added + other.added, self.removed + other.removed, self.unread + other.unread)


class Voting:
    """Reactions on ballot messages, as they come in and as they are read again."""

    def __init__(self, store: Store, chats: Mapping[str, Chat]) -> None:
        self._store = store
        self._chats = chats
        self._meanwhile: dict[int, set[tuple[int, Member]]] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def reacted(self, message: Message, emoji: str, member: Member, *, added: bool) -> bool:
        """Note a reaction that came or went; False where the message is no ballot's."""
        async with self._store.transaction() as tx:
            delivery = await tx.outbox.by_message(message)
            if delivery is None or delivery.kind is not DeliveryKind.BALLOT:
                return False
            options = await self._options(tx, delivery)
            if emoji in options:
                change = tx.ballots.vote if added else tx.ballots.withdraw
                await change(delivery.id, options[emoji], member)
                self._meanwhile.get(delivery.id, set()).add((options[emoji], member))
        return True

    async def recount(self, ballot_id: int) -> Recount:
        """Read the ballot's reactions again and repair the votes both ways, message by message.

        A message that was deleted keeps its votes, and one that cannot be read keeps them for now.
        """
        async with self._store.snapshot() as tx:
            deliveries = await tx.outbox.of(DeliveryKind.BALLOT, ballot_id)
        result = Recount()
        for each in deliveries:
            if each.message_id is not None:
                result += await self._read_again(each)
        log.info("votes read again", ballot=ballot_id, added=result.added, removed=result.removed)
        return result

    async def _read_again(self, delivery: Delivery) -> Recount:
        try:
            return await self._recount(delivery)
        except MessageGone:
            return Recount()
        except BroadsheetError as error:
            log.warning("votes not read", delivery=delivery.id, reason=str(error))
            return Recount(unread=(error,))

    async def reread(self, message: Message, now: datetime) -> None:
        """Read one ballot message's reactions again, after more of them changed than events tell.

        The bot's own may have gone with them: they are put back from `now` on.
        """
        async with self._store.snapshot() as tx:
            delivery = await tx.outbox.by_message(message)
        if delivery is None or delivery.kind is not DeliveryKind.BALLOT:
            return
        await self._read_again(delivery)
        async with self._store.transaction() as tx:
            fresh = await tx.outbox.get(delivery.id)
            if fresh.next_at is None and fresh.post.reactions:
                await tx.outbox.save(replace(fresh, next_at=now))

    async def catch_up(self, platform: str, communities: Collection[str]) -> None:
        """Read the open ballots of these communities again, as their events may have been missed.

        What cannot be read now is read before its ballot closes.
        """
        async with self._store.snapshot() as tx:
            found = {each.id for here in communities for each in await tx.newsletters.of_community(platform, here)}
            ballots = [ballot for each in sorted(found) if (ballot := await tx.ballots.current(each))]
        for ballot in ballots:
            await self.recount(ballot.id)

    async def _recount(self, delivery: Delivery) -> Recount:
        async with self._locks.setdefault(delivery.id, asyncio.Lock()):
            return await self._recount_alone(delivery)

    async def _recount_alone(self, delivery: Delivery) -> Recount:
        # What changes by an event while the platform is asked is newer than its answer, and left alone.
        meanwhile = self._meanwhile[delivery.id] = set()
        try:
            async with self._store.snapshot() as tx:
                noted = await tx.ballots.reactions(delivery.id)
                options = await self._options(tx, delivery)
            seen = await self._ask(delivery)
            truth = {
                (options[emoji], member) for emoji, members in seen.items() if emoji in options for member in members
            }
            async with self._store.transaction() as tx:
                added = [await tx.ballots.vote(delivery.id, *each) for each in truth - noted - meanwhile]
                removed = [await tx.ballots.withdraw(delivery.id, *each) for each in noted - truth - meanwhile]
        finally:
            del self._meanwhile[delivery.id]
        return Recount(sum(added), sum(removed))

    async def _ask(self, delivery: Delivery) -> Mapping[str, Collection[Member]]:
        chat = self._chats.get(delivery.channel.platform)
        if chat is None or delivery.message_id is None:
            raise ChannelGone(f"nobody here speaks to {delivery.channel.platform}")
        try:
            async with asyncio.timeout(ANSWER.total_seconds()):
                return await chat.reactions(Message(delivery.channel, delivery.message_id))
        except TimeoutError as error:
            raise SendLater("there was no answer in time") from error

    async def _options(self, tx: Transaction, delivery: Delivery) -> dict[str, int]:
        first = delivery.part % SUCCESSOR * PAGE + 1
        return {
            KEYCAPS[each.position - first]: each.id
            for each in await tx.ballots.nominations(delivery.subject)
            if first <= each.position < first + PAGE
        }


DEBOUNCE = timedelta(seconds=2)
"""How long a ballot message waits for further nominations before it is edited."""
