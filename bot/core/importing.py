"""Newsletters written elsewhere, kept as issues of a newsletter here and sent to its channels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.issues import read_in, send_again, send_out
from bot.core.model import Issue, Newsletter
from bot.core.parsed import ParsedIssue
from bot.core.ports import Clock, Fits, Store, Transaction


@dataclass(frozen=True, slots=True)
class Kept:
    """An issue as it was kept, and whether it is new rather than brought up to date."""

    issue: Issue
    new: bool


class Importer:
    """Keeps what was read in: once each, by its address or, where it has none, by its title."""

    def __init__(self, store: Store, clock: Clock, fits: Fits) -> None:
        self._store = store
        self._fits = fits
        self._clock = clock

    async def keep(self, newsletter: Newsletter, parsed: ParsedIssue) -> Kept:
        """Keep an issue that was read in, in a transaction of its own; see `keep_within`."""
        async with self._store.transaction() as tx:
            return await self.keep_within(tx, newsletter, parsed)

    async def keep_within(
        self, tx: Transaction, newsletter: Newsletter, parsed: ParsedIssue, *, posted: bool = True
    ) -> Kept:
        """Keep an issue that was read in; a new one is posted, a known one brought up to date in place.

        It keeps the number that its text names where that is free, and gets the next one otherwise. posted: without it
        a new one is kept for reading alone.
        """
        kept = await self.planned(tx, newsletter, parsed)
        if not kept.new:
            await tx.issues.save(kept.issue)
            await send_again(tx, self._fits, newsletter, kept.issue, self._clock.now())
            return kept
        issue = await tx.issues.add(kept.issue)
        if posted:
            await send_out(tx, self._fits, newsletter, issue)
        return Kept(issue, new=True)

    async def planned(self, tx: Transaction, newsletter: Newsletter, parsed: ParsedIssue) -> Kept:
        """What would be kept of an issue; nothing is written."""
        issue = read_in(newsletter, parsed, await tx.issues.next_number(newsletter.id), self._clock.now())
        if issue.source_url:
            known = await tx.issues.by_source(newsletter.id, issue.source_url)
        else:
            known = await tx.issues.by_title(newsletter.id, issue.title)
        if known and _same(known, issue):
            # A day that stands for none in the text is that on which it was first read in.
            dated = issue.dated if is_dated(parsed) else known.dated
            updated = replace(issue, id=known.id, number=known.number, dated=dated, slot=known.slot)
            return Kept(replace(updated, published_at=known.published_at), new=False)
        if issue.number is not None and await tx.issues.has_number(newsletter.id, issue.number):
            issue = replace(issue, number=await tx.issues.next_number(newsletter.id))
        return Kept(issue, new=True)


def is_dated(parsed: ParsedIssue) -> bool:
    """Whether the text says when its issue is from."""
    return parsed.dated is not None or (parsed.year is not None and (parsed.week or parsed.month) is not None)


def _same(known: Issue, read: Issue) -> bool:
    """Whether what was read is the known issue again: from its address or, under its title, with items of its own."""
    if known.source_url and known.source_url == read.source_url:
        return True
    return known.week == read.week and not {each.url for each in known.entries}.isdisjoint(
        each.url for each in read.entries
    )
