"""The vote: who wins, what a ballot looks like, and which messages show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.core.model import (
    Ballot,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Newsletter,
    Nomination,
    Rules,
)
from bot.core.outbox import tell_editors, waiting
from bot.core.ports import Transaction
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

ANEW = 3
"""So often a page whose message is deleted is posted again in a channel."""


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
            if is_deleted(each):
                continue
            post = posts[each.part % SUCCESSOR]
            await tx.outbox.save(replace(each, post=post, revision=each.revision + 1, next_at=at))
    for subscription in await tx.newsletters.subscriptions(newsletter.id):
        if not subscription.editors and not subscription.suspended:
            for part, post in enumerate(posts):
                delivery = there.get((subscription.channel, part))
                if delivery is None and not ballot.closed_at:
                    channel = subscription.channel
                    await tx.outbox.put(waiting(DeliveryKind.BALLOT, ballot.id, newsletter.id, channel, part, post, at))
                elif delivery is not None and delivery.post != post and not is_deleted(delivery):
                    # A delivery that is being tried keeps its claim, or the wait that the platform asked for.
                    due = max(at, delivery.next_at) if delivery.next_at and delivery.attempts else at
                    await tx.outbox.save(replace(delivery, post=post, revision=delivery.revision + 1, next_at=due))


def is_deleted(delivery: Delivery) -> bool:
    """Whether a message was sent and is known to have been deleted since: it has no id any more."""
    return delivery.state is DeliveryState.SENT and delivery.message_id is None


async def post_anew(tx: Transaction, delivery_id: int, now: datetime) -> None:
    """Take in that a ballot message was deleted: its page is posted again, once, and the editors are told.

    What was noted on it stays noted, until its members react on the page that takes its place.
    """
    gone = await tx.outbox.get(delivery_id)
    if gone.message_id is None:
        return
    log.warning("ballot message deleted", delivery=gone.id, message=gone.message_id)
    forgotten = replace(gone, message_id=None, error="the message was deleted")
    await tx.outbox.save(replace(forgotten, state=DeliveryState.SENT, attempts=0, next_at=None))
    ballot = await tx.ballots.get(gone.subject)
    there = [each for each in await tx.outbox.of(gone.kind, gone.subject) if _same_page(each, gone)]
    newsletter = await tx.newsletters.get(gone.newsletter_id)
    subscriptions = await tx.newsletters.subscriptions(newsletter.id)
    shown = any(each.channel == gone.channel and not each.editors and not each.suspended for each in subscriptions)
    if ballot.closed_at or not shown or any(each.part > gone.part for each in there):
        return
    again = sum(map(is_deleted, there)) <= ANEW
    if again:
        part = gone.part + SUCCESSOR
        newer = waiting(gone.kind, gone.subject, newsletter.id, gone.channel, part, gone.post, now)
        await tx.outbox.put(newer)
    done = "It is posted again" if again else "It has been posted again often enough and stays away"
    text = f"A message of ballot {ballot.number} was deleted. {done}; the votes given on it are kept."
    await tell_editors(tx, newsletter, now, text)


def _same_page(one: Delivery, other: Delivery) -> bool:
    return (one.channel, one.part % SUCCESSOR) == (other.channel, other.part % SUCCESSOR)


DEBOUNCE = timedelta(seconds=2)
"""How long a ballot message waits for further nominations before it is edited."""
