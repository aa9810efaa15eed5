"""Newsletters written elsewhere, kept as issues of a newsletter here and sent to its channels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.issues import read_in, send_again, send_out
from bot.core.model import Issue, Newsletter
from bot.core.parsed import ParsedIssue
from bot.core.ports import Clock, Fits, Store


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
        """Keep an issue that was read in; a new one is posted, a known one brought up to date in place.

        It keeps the number that its text names where that is free, and gets the next one otherwise.
        """
        async with self._store.transaction() as tx:
            issue = read_in(newsletter, parsed, await tx.issues.next_number(newsletter.id), self._clock.now())
            if issue.source_url:
                known = await tx.issues.by_source(newsletter.id, issue.source_url)
            else:
                known = await tx.issues.by_title(newsletter.id, issue.title)
            if known and _same(known, issue):
                updated = replace(
                    issue, id=known.id, number=known.number, published_at=known.published_at, slot=known.slot
                )
                await tx.issues.save(updated)
                await send_again(tx, self._fits, newsletter, updated, self._clock.now())
                return Kept(updated, new=False)
            taken = issue.number is not None and await tx.issues.has_number(newsletter.id, issue.number)
            if taken:
                issue = replace(issue, number=await tx.issues.next_number(newsletter.id))
            issue = await tx.issues.add(issue)
            await send_out(tx, self._fits, newsletter, issue)
            return Kept(issue, new=True)


def _same(known: Issue, read: Issue) -> bool:
    """Whether what was read is the known issue again: from its address or, under its title, with items of its own."""
    if known.source_url and known.source_url == read.source_url:
        return True
    return known.week == read.week and not {each.url for each in known.entries}.isdisjoint(
        each.url for each in read.entries
    )
