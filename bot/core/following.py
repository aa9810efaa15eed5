"""Feeds that newsletters follow: each is asked every hour, and its new entries become issues, once each."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.errors import NotANewsletter, Refused, StoreError, Unreadable
from bot.core.feeds import Feed, FeedAnswer, FeedEntry
from bot.core.importing import Importer
from bot.core.model import Newsletter
from bot.core.outbox import tell_editors
from bot.core.parsed import ParsedIssue
from bot.core.ports import Clock, NewsletterSource, Store, Transaction
from bot.core.text import clip

log = structlog.get_logger()

EVERY = timedelta(hours=1)
"""A feed is asked so often; one that has not changed answers with a line."""

LONGEST_WAIT = timedelta(hours=12)
"""A feed that fails is asked less and less often, but never less than this."""

LEASE = timedelta(minutes=10)
"""A feed that is being asked is left alone so long by other processes, and by this one after a crash."""

TELL_AFTER = timedelta(days=1)
"""The editors are told of a feed that has failed for so long; most come back within hours."""

GIVE_UP = timedelta(days=3)
"""An entry whose page does not come for so long is passed over."""

OLD = timedelta(days=2)
"""An entry dated so long before its feed was followed is an old one under a new name."""

MOST_FEEDS = 20
"""So many feeds one newsletter may follow."""

MOST_AT_ONCE = 5
"""So many entries become issues at one time; a feed with more has changed its names, or is no newsletter's."""


class Following:
    """Asks feeds, and has their new entries become issues; `wake` is called when there are some to be sent."""

    def __init__(
        self,
        store: Store,
        source: NewsletterSource,
        importer: Importer,
        clock: Clock,
        chance: random.Random,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._source = source
        self._importer = importer
        self._clock = clock
        self._chance = chance
        self._wake = wake

    async def baseline(self, feed: FeedAnswer) -> FeedAnswer:
        """A feed with the entries that it has now, which are not new to whoever follows it from now on.

        Raises `NotANewsletter` or `Unreadable` for one that cannot be read.
        """
        if feed.entries:
            return feed
        return await self._source.ask(Feed(0, 0, feed.url, self._clock.now())) or feed

    async def follow(
        self, tx: Transaction, newsletter: Newsletter, url: str, title: str, entries: Sequence[str]
    ) -> Feed:
        """Follow a feed from now on: those entries are not new. Raises `Refused` where it would be one too many."""
        now = self._clock.now()
        others = [each for each in await tx.feeds.of(newsletter.id) if each.url != url]
        if len(others) >= MOST_FEEDS:
            raise Refused(f"{newsletter.name} follows {MOST_FEEDS} feeds already: end one with follow:no first.")
        return await tx.feeds.follow(Feed(0, newsletter.id, url, now, title, next_at=now + EVERY), entries)

    async def work(self) -> int:
        """Ask every feed that is due; returns how many there were."""
        async with self._store.snapshot() as tx:
            due = await tx.feeds.due(self._clock.now())
        for feed in due:
            await self._attend(feed.id)
        return len(due)

    async def next_due(self) -> datetime | None:
        """When a feed is to be asked again."""
        async with self._store.snapshot() as tx:
            return await tx.feeds.next_due()

    async def _attend(self, feed_id: int) -> None:
        feed, newsletter = await self._claim(feed_id)
        if feed is None or newsletter is None:
            return
        try:
            answer = await self._source.ask(feed)
            late = await self._take_in(feed, newsletter, answer) if answer else None
        except (NotANewsletter, Unreadable) as error:
            await self._failed(feed, newsletter, str(error))
            return
        except StoreError:
            raise
        except Exception:  # one feed's trouble is not the others'
            log.exception("feed failed", feed=feed.url)
            await self._failed(feed, newsletter, "something went wrong here; the log says what")
            return
        if late:
            await self._failed(feed, newsletter, late)
        else:
            await self._settled(feed, newsletter, answer)

    async def _claim(self, feed_id: int) -> tuple[Feed | None, Newsletter | None]:
        """The feed, if it is still due and its newsletter publishes; nobody else asks it for a while then."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            feed = await tx.feeds.get(feed_id)
            if feed is None or feed.next_at is None or feed.next_at > now:
                return None, None
            newsletter = await tx.newsletters.get(feed.newsletter_id)
            await tx.feeds.save(replace(feed, next_at=now + (EVERY if newsletter.paused else LEASE)))
        return (None, None) if newsletter.paused else (feed, newsletter)

    async def _take_in(self, feed: Feed, newsletter: Newsletter, answer: FeedAnswer) -> str | None:
        """Make issues of the new entries, oldest first; returns why one of them has to be tried again, if so."""
        async with self._store.snapshot() as tx:
            known = await tx.feeds.known(feed.id)
        new = [each for each in reversed(answer.entries) if each.id not in known]
        # A feed of which not one entry is known has given all of them new names.
        renamed = known and len(answer.entries) > 1 and len(new) == len(answer.entries)
        oldest = (self._clock.now() if renamed else feed.since) - OLD
        fresh = [each for each in new if (each.dated > oldest if each.dated else not renamed)]
        skipped = fresh[:-MOST_AT_ONCE]
        await self._pass_over(feed, [each for each in new if each not in fresh[-MOST_AT_ONCE:]])
        if skipped:
            text = f"{feed.name} had {len(fresh)} new entries at once: only the latest {MOST_AT_ONCE} became issues."
            await self._tell(newsletter, text)
        late = None
        for entry in fresh[-MOST_AT_ONCE:]:
            late = await self._become_issue(feed, newsletter, entry) or late
        if fresh:
            self._wake()
        return late

    async def _become_issue(self, feed: Feed, newsletter: Newsletter, entry: FeedEntry) -> str | None:
        try:
            issues = await self._source.read_entry(entry)
            await self._keep(feed, newsletter, entry, issues)
        except NotANewsletter as error:
            await self._refuse(feed, newsletter, entry, str(error))
        except Unreadable as error:
            if feed.failing_since is None or self._clock.now() - feed.failing_since < GIVE_UP:
                return str(error)
            await self._refuse(feed, newsletter, entry, str(error))
        return None

    async def _keep(self, feed: Feed, newsletter: Newsletter, entry: FeedEntry, issues: Sequence[ParsedIssue]) -> None:
        """Keep an entry's issues in the transaction that marks it as dealt with, so that it happens once."""
        async with self._store.transaction() as tx:
            if not await tx.feeds.take(feed.id, entry.id):
                return
            for each in issues:
                kept = await self._importer.keep_within(tx, newsletter, each)
                log.info("issue from a feed", newsletter=newsletter.name, feed=feed.url, number=kept.issue.number)

    async def _refuse(self, feed: Feed, newsletter: Newsletter, entry: FeedEntry, reason: str) -> None:
        async with self._store.transaction() as tx:
            if await tx.feeds.take(feed.id, entry.id):
                text = f"“{clip(entry.title or entry.id, 100)}” of {feed.name} did not become an issue: {reason}"
                await tell_editors(tx, newsletter, self._clock.now(), _ended(text))

    async def _pass_over(self, feed: Feed, entries: Sequence[FeedEntry]) -> None:
        async with self._store.transaction() as tx:
            for each in entries:
                await tx.feeds.take(feed.id, each.id)

    async def _settled(self, feed: Feed, newsletter: Newsletter, answer: FeedAnswer | None) -> None:
        """Note that a feed was read to its end; only then is it asked for what changed since."""
        now = self._clock.now()
        if answer:
            feed = replace(feed, etag=answer.etag, modified=answer.modified, title=answer.title or feed.title)
        well = replace(feed, failures=0, failing_since=None, reason="", told=False)
        text = f"The feed {feed.name} can be read again." if feed.told else ""
        await self._save(replace(well, next_at=now + self._jittered(EVERY)), newsletter, text)

    async def _failed(self, feed: Feed, newsletter: Newsletter, reason: str) -> None:
        now = self._clock.now()
        since = feed.failing_since or now
        wait = self._jittered(min(EVERY * 2 ** min(feed.failures, 6), LONGEST_WAIT))
        tell = not feed.told and now - since >= TELL_AFTER
        failing = replace(feed, failures=feed.failures + 1, failing_since=since, reason=reason, next_at=now + wait)
        text = f"The feed {feed.name} has not been readable for a day; it is tried again: {reason}" if tell else ""
        await self._save(replace(failing, told=feed.told or tell), newsletter, text)
        log.warning("feed failed", feed=feed.url, failures=failing.failures, reason=reason)

    async def _save(self, feed: Feed, newsletter: Newsletter, text: str) -> None:
        """Keep what became of asking a feed and tell the editors, unless it is followed no longer."""
        async with self._store.transaction() as tx:
            if await tx.feeds.get(feed.id) is None:
                return
            await tx.feeds.save(feed)
            if text:
                await tell_editors(tx, newsletter, self._clock.now(), _ended(text))

    async def _tell(self, newsletter: Newsletter, text: str) -> None:
        async with self._store.transaction() as tx:
            await tell_editors(tx, newsletter, self._clock.now(), text)

    def _jittered(self, wait: timedelta) -> timedelta:
        return wait * self._chance.uniform(0.9, 1.1)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
