"""The week: at its slot a ballot is counted and closed, the issue goes out, the next ballot opens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import structlog

from bot.core.ballots import elect, refresh
from bot.core.errors import Refused, SendLater, StoreError
from bot.core.grace import LATE, doubts, ending, say_waiting, too_late, waits
from bot.core.issues import compose, issue_posts, printed, send_out
from bot.core.model import Issue, IssueState, Newsletter, Nomination
from bot.core.outbox import tell_editors
from bot.core.plain import moment
from bot.core.ports import Clock, Fits, Store, Transaction
from bot.core.post import Button, Moment, Paragraph, Post
from bot.core.schedule import missed, moved, next_slot
from bot.core.text import clip, count
from bot.core.unread import pause
from bot.core.voting import Recount, Voting

log = structlog.get_logger()

RETRY = timedelta(minutes=1)

SET_BACK = timedelta(seconds=1)
"""A clock that shows a time so much earlier than it did has been set back."""


class Week:
    """Moves newsletters through their week."""

    def __init__(self, store: Store, voting: Voting, clock: Clock, fits: Fits) -> None:
        self._store = store
        self._fits = fits
        self._voting = voting
        self._clock = clock
        self._tries: dict[tuple[int, datetime], int] = {}
        self._seen: datetime | None = None

    async def work(self) -> int:
        """Do what is due for every newsletter; returns how many had something due."""
        now = self._clock.now()
        if self._seen is None or now < self._seen - SET_BACK:
            await self._set_right(now)
        self._seen = now
        async with self._store.snapshot() as tx:
            due = await tx.newsletters.due(now)
        done = await asyncio.gather(
            self._voting.work(now), *(self._attempt(each, now) for each in due), return_exceptions=True
        )
        for error in done:
            if isinstance(error, BaseException):
                raise error
        return len(due)

    async def _set_right(self, now: datetime) -> None:
        """Look at every newsletter's times afresh: clocks and zones' rules may have changed since they were kept."""
        async with self._store.transaction() as tx:
            for each in await tx.newsletters.all():
                last = await tx.newsletters.last_slot(each.id)
                try:
                    slot = each.next_slot and moved(each.schedule, each.next_slot, now, last)
                except ZoneInfoNotFoundError:
                    log.error("no such time zone here", newsletter=each.name, zone=each.schedule.zone)
                    continue
                if not waits(each, now):
                    await schedule_next(tx, replace(each, next_slot=slot))

    async def _attempt(self, newsletter: Newsletter, now: datetime) -> None:
        try:
            await self._tend(newsletter, now)
        except StoreError:
            raise
        except Exception as error:  # one newsletter's trouble is not the others'
            log.exception("week failed", newsletter=newsletter.name, reason=str(error))
            await self._again(newsletter.id, now + RETRY)

    async def _again(self, newsletter_id: int, at: datetime) -> None:
        async with self._store.transaction() as tx:
            fresh = await tx.newsletters.get(newsletter_id)
            await tx.newsletters.save(replace(fresh, next_at=at))

    async def next_due(self) -> datetime | None:
        """When there is something to do again."""
        async with self._store.snapshot() as tx:
            moments = [await tx.newsletters.next_due(), self._voting.next_due(self._clock.now())]
        return min((each for each in moments if each), default=None)

    async def _tend(self, newsletter: Newsletter, now: datetime) -> None:
        async with self._store.transaction() as tx:
            draft = await tx.issues.draft(newsletter.id)
            if draft and draft.deadline and draft.deadline <= now and not newsletter.paused:
                await self._deadline(tx, newsletter, draft, now)
        slot = newsletter.next_slot
        if newsletter.paused or slot is None or slot > now:
            await self._rest(newsletter.id)
            return
        doubt = await self._recount(newsletter, now)
        if doubt is None:
            return
        now = max(now, self._clock.now())
        async with self._store.transaction() as tx:
            fresh = await tx.newsletters.get(newsletter.id)
            if fresh.next_slot == slot:
                await self._keep_slot(tx, fresh, slot, now, doubt)

    async def _rest(self, newsletter_id: int) -> None:
        async with self._store.transaction() as tx:
            await schedule_next(tx, await tx.newsletters.get(newsletter_id))

    async def _recount(self, newsletter: Newsletter, now: datetime) -> tuple[str, ...] | None:
        """Read the votes again: () when that went well, lines for the receipt when it had to do without.

        None when it is to be tried again first. A vote that cannot be read again ends with its slot's grace.
        """
        assert newsletter.next_slot is not None
        slot = missed(newsletter.schedule, newsletter.next_slot, now)[-1]
        async with self._store.snapshot() as tx:
            ballot = await tx.ballots.current(newsletter.id)
        if ballot is None or too_late(newsletter, slot, now):
            return ()
        read = await self._voting.recount(ballot.id)
        later = [each for each in read.unread if isinstance(each, SendLater)]
        key, end = (newsletter.id, slot), ending(newsletter, slot)
        if later and now < end:
            self._tries[key] = self._tries.get(key, 0) + 1
            wait = max([pause(self._tries[key]), *(each.retry_after for each in later if each.retry_after)])
            await self._again(newsletter.id, min(now + wait, end))
            if now - slot > LATE:
                async with self._store.transaction() as tx:
                    await say_waiting(tx, newsletter, slot, later[0], now)
            return None
        self._tries.pop(key, None)
        return doubts(read)

    async def _keep_slot(
        self, tx: Transaction, newsletter: Newsletter, first: datetime, now: datetime, doubt: Sequence[str]
    ) -> None:
        *skipped, slot = missed(newsletter.schedule, first, now)
        if too_late(newsletter, slot, now):
            skipped.append(slot)
        for each in skipped:
            await tx.newsletters.take_slot(newsletter.id, each, "skipped")
        if skipped:
            when = ", ".join(moment(Moment(each, zone=newsletter.schedule.zone)) for each in skipped)
            text = f"{count(len(skipped), 'issue was', 'issues were')} skipped, as the bot was away too long: {when}."
            await tell_editors(tx, newsletter, now, text)
        if slot not in skipped:
            await self._issue(tx, newsletter, slot, now, doubt)
        following = next_slot(newsletter.schedule, now, slot)
        scheduled = await schedule_next(tx, replace(newsletter, next_slot=following))
        ballot = await tx.ballots.current(newsletter.id)
        if ballot:
            await refresh(tx, scheduled, ballot, now)

    async def _issue(
        self,
        tx: Transaction,
        newsletter: Newsletter,
        slot: datetime,
        now: datetime,
        doubt: Sequence[str] = (),
    ) -> Issue | None:
        """Close the ballot and make its issue; without anything to print the ballot stays open."""
        waiting = await tx.issues.draft(newsletter.id)
        if waiting and printed(newsletter, waiting).entries:
            await self._publish(tx, newsletter, waiting, now)
        elif waiting:
            await tx.newsletters.take_slot(newsletter.id, slot, "empty")
            await tell_editors(tx, newsletter, now, f"No issue this time: the draft of {waiting.title} still waits.")
            return None
        ballot = await tx.ballots.current(newsletter.id)
        nominations = await tx.ballots.nominations(ballot.id) if ballot else ()
        election = elect(nominations, newsletter.rules)
        if ballot is None or not election.winners:
            await tx.newsletters.take_slot(newsletter.id, slot, "empty")
            text = "No issue this time: nothing on the ballot had votes enough. The vote goes on."
            await tell_editors(tx, newsletter, now, text)
            return None
        await tx.newsletters.take_slot(newsletter.id, slot, "draft" if newsletter.review else "published")
        number = await tx.issues.next_number(newsletter.id)
        issue = compose(newsletter, election.winners, number, slot, ballot)
        issue = replace(issue, dated=min(issue.dated, now.astimezone(newsletter.schedule.tz).date()))
        if now - slot > LATE:
            issue = replace(issue, late_since=slot)
        if newsletter.review:
            issue = replace(issue, deadline=now + newsletter.review)
        issue = await tx.issues.add(issue)
        over = [each for each in election.rest if each.carried >= newsletter.rules.carry]
        left = [f"Carried over often enough, and off the ballot now: {clip(each.heading, 80)}." for each in over]
        await tx.ballots.close(ballot.id, now, (*doubt, *election.receipt, *left))
        await refresh(tx, newsletter, await tx.ballots.get(ballot.id), now)
        if newsletter.review:
            await self._ask_editors(tx, newsletter, issue, now)
        else:
            issue = await self._publish(tx, newsletter, issue, now)
        await self._open_next(tx, newsletter, election.rest, now)
        return issue

    async def _open_next(
        self, tx: Transaction, newsletter: Newsletter, rest: Sequence[Nomination], now: datetime
    ) -> None:
        """Open the next ballot, with what is carried over."""
        following = replace(newsletter, next_slot=next_slot(newsletter.schedule, now, newsletter.next_slot))
        fresh = await tx.ballots.open(newsletter.id, now)
        for each in rest:
            if each.carried < newsletter.rules.carry:
                carried = replace(each, ballot_id=fresh.id, carried=each.carried + 1, votes=0)
                await tx.ballots.nominate(carried)
        await refresh(tx, following, fresh, now)

    async def _deadline(self, tx: Transaction, newsletter: Newsletter, draft: Issue, now: datetime) -> None:
        if printed(newsletter, draft).entries:
            await self._publish(tx, newsletter, draft, now)
            return
        await tx.issues.save(replace(draft, deadline=now + (newsletter.review or RETRY)))
        text = f"Everything in the draft of {draft.title} is dropped, so it did not go out; it waits for you."
        await tell_editors(tx, newsletter, now, text)

    async def _publish(self, tx: Transaction, newsletter: Newsletter, issue: Issue, now: datetime) -> Issue:
        issue = printed(newsletter, issue)
        if not issue.entries:
            raise Refused(f"Everything in the draft of {issue.title} is dropped: take something back in first.")
        issue = replace(issue, state=IssueState.PUBLISHED, published_at=now, deadline=None)
        await tx.issues.save(issue)
        await send_out(tx, self._fits, newsletter, issue)
        log.info("issue published", newsletter=newsletter.name, number=issue.number)
        return issue

    async def _ask_editors(self, tx: Transaction, newsletter: Newsletter, issue: Issue, now: datetime) -> None:
        assert issue.deadline is not None
        text = (
            f"The draft of {issue.title} is ready: it goes out by itself at "
            f"{moment(Moment(issue.deadline, zone=newsletter.schedule.zone))}."
        )
        buttons = (
            Button("Preview", "newsletter preview"),
            Button("Publish now", "newsletter publish", (("number", str(issue.number)),), primary=True),
        )
        head = issue_posts(newsletter, issue)[0]
        post = Post(text, (Paragraph((text,)), *head.blocks), buttons)
        await tell_editors(tx, newsletter, now, text, post, self._fits)

    async def publish_now(self, newsletter: Newsletter, number: int | None = None) -> Issue:
        """Publish the draft that waits or, without one, the coming issue ahead of its slot.

        The slot is used up with it. number: the issue that is meant, if one is. Raises `Refused` where there is
        nothing to publish, or where another issue is meant.
        """
        now = self._clock.now()
        async with self._store.snapshot() as tx:
            draft = await tx.issues.draft(newsletter.id)
            ballot = await tx.ballots.current(newsletter.id)
        read = Recount()
        if not draft and ballot:
            read = await self._voting.recount(ballot.id)
            later = next((each for each in read.unread if isinstance(each, SendLater)), None)
            if later:
                raise Refused(f"The votes cannot be read again just now, so nothing was published: {later}")
        async with self._store.transaction() as tx:
            fresh = await tx.newsletters.get(newsletter.id)
            draft = await tx.issues.draft(newsletter.id)
            if number is not None and number != (draft.number if draft else await tx.issues.next_number(fresh.id)):
                raise Refused(f"Issue {number} is not what comes next: it may be out already.")
            if draft:
                issue = await self._publish(tx, fresh, draft, now)
                await schedule_next(tx, fresh)
                return issue
            slot = fresh.next_slot or next_slot(fresh.schedule, now)
            made = await self._issue(tx, replace(fresh, review=None), slot, now, doubts(read))
            if made is None:
                raise Refused("There is nothing to publish: nothing on the ballot has votes enough, nothing is pinned.")
            await schedule_next(tx, replace(fresh, next_slot=next_slot(fresh.schedule, slot, slot)))
            return made

    async def coming(self, tx: Transaction, newsletter: Newsletter) -> Issue | None:
        """The issue as it would come out now: the draft that waits, else one from the open ballot."""
        draft = await tx.issues.draft(newsletter.id)
        ballot = await tx.ballots.current(newsletter.id)
        if draft or ballot is None:
            return draft
        election = elect(await tx.ballots.nominations(ballot.id), newsletter.rules)
        if not election.winners:
            return None
        slot = newsletter.next_slot or self._clock.now()
        return compose(newsletter, election.winners, await tx.issues.next_number(newsletter.id), slot, ballot)


async def schedule_next(tx: Transaction, newsletter: Newsletter) -> Newsletter:
    """Keep the newsletter with its `next_at` set by what comes first: a draft's deadline or the slot."""
    draft = await tx.issues.draft(newsletter.id)
    moments = [] if newsletter.paused else [newsletter.next_slot, draft.deadline if draft else None]
    scheduled = replace(newsletter, next_at=min((each for each in moments if each), default=None))
    await tx.newsletters.save(scheduled)
    return scheduled
