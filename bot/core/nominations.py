"""Nominations: from a link to an item on the open ballot."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.core.ballots import DEBOUNCE, refresh
from bot.core.describing import SUMMARY_LENGTH, describe, is_stand_in, section_for, written_title
from bot.core.errors import NoSuchPaper, Refused, SourceDown, Unreadable
from bot.core.identity import same, spellings
from bot.core.model import Issue, Item, Kind, Member, Newsletter, Nomination, Page
from bot.core.paper_pages import named
from bot.core.papers import Library
from bot.core.ports import Clock, PageReader, Store, Transaction
from bot.core.references import Reference, ReferenceKind
from bot.core.text import clip, day, one_line, without_tail
from bot.core.tldr import tldr
from bot.core.urls import canonical, site

log = structlog.get_logger()

NOTE_LENGTH = 500

PATIENCE = timedelta(seconds=4)
"""For what a page says of itself: somebody is waiting, and its address will do."""

_LABELLED = re.compile(r"<(https?://[^\s|<>]+)\|[^<>]*>", re.IGNORECASE)
"""A link with its words, as Slack writes it."""


@dataclass(frozen=True, slots=True)
class Nominated:
    """What came of a nomination: the one on the ballot, and whether it is new there."""

    nomination: Nomination
    new: bool


class Nominations:
    """Puts what members propose on the open ballot, each thing once, by whichever of its addresses.

    pages: reads what is linked to; without it, and where it takes longer than `patience`, an item is made from its
    address.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        debounce: timedelta = DEBOUNCE,
        *,
        pages: PageReader | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._store = store
        self._library = library
        self._clock = clock
        self._debounce = debounce
        self._pages = pages
        self._patience = patience

    async def nominate(
        self, newsletter: Newsletter, link: str, member: Member, section: str = "", note: str = ""
    ) -> Nominated:
        """Nominate what the link leads to.

        section: the first fitting one when empty. note: why it is worth reading, at most `NOTE_LENGTH`
        characters of it are kept. Raises `Refused` where there is no link, no open ballot, or an earlier
        issue had the item.
        """
        item = await self.item(link)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            ballot = await tx.ballots.current(newsletter.id)
            if ballot is None:
                raise Refused("No ballot is open just now: an editor can start one with /newsletter setup.")
            await _refuse_printed(tx, newsletter, item)
            item = await tx.items.ensure(item)
            there = next((n for n in await tx.ballots.nominations(ballot.id) if same(n.item.url, item.url)), None)
            if there:
                await refresh(tx, newsletter, ballot, now + self._debounce)
                return Nominated(there, new=False)
            nomination = await tx.ballots.nominate(
                Nomination(
                    id=0,
                    ballot_id=ballot.id,
                    item=item,
                    position=0,
                    section=section or section_for(item.kind, newsletter.sections),
                    at=now,
                    by=member,
                    note=clip(one_line(note), NOTE_LENGTH),
                )
            )
            await refresh(tx, newsletter, ballot, now + self._debounce)
        return Nominated(nomination, new=True)

    async def item(self, link: str) -> Item:
        """The item that a link or a paper's reference stands for; raises `Refused` where it is neither."""
        found = named(link)
        if found and (paper := await self._paper(found)):
            return paper
        url = found.url if found else first_link(link)
        if not url:
            raise Refused(f"“{clip(link, 60)}” is no link: give one that begins with https:// or a paper's id.")
        async with self._store.snapshot() as tx:
            kept = await _kept(tx, url)
        if kept and not is_stand_in(kept):
            return kept
        page = await self._page(url)
        if kept:
            return replace(describe(kept.url, page), id=kept.id) if page and page.title else kept
        if found or page is None:
            return describe(url, page, written_title(link))
        led = named(page.url)
        if led and (paper := await self._paper(led)):
            return paper
        async with self._store.snapshot() as tx:
            return await _kept(tx, page.url) or describe(page.url, page, written_title(link))

    async def _paper(self, found: Reference) -> Item | None:
        """The paper as an item; None where it is told by its page, as papers elsewhere than on arXiv may be."""
        arxiv = found.kind is ReferenceKind.ARXIV
        if not self._library.knows(found.kind):
            return None
        try:
            paper = (await self._library.look_up(replace(found, version=None))).paper
        except SourceDown:
            return Item(0, found.url, f"arXiv {found.id}", "arxiv.org", Kind.PAPER, paper=found.id) if arxiv else None
        except NoSuchPaper as error:
            if not arxiv:
                return None
            raise Refused(str(error)) from error
        if paper.withdrawn:
            raise Refused(f"“{clip(paper.title, 100)}” was withdrawn by its authors.")
        summary = clip(tldr(paper.abstract, paper.title), SUMMARY_LENGTH)
        return Item(0, paper.url, paper.title, site(paper.url), Kind.PAPER, summary, paper=str(paper.reference))

    async def _page(self, url: str) -> Page | None:
        if self._pages is None:
            return None
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._pages.read(url)
        except Unreadable as error:
            log.info("page not read", url=url, reason=str(error))
        except TimeoutError:
            log.info("page not read", url=url, reason="it took too long")
        return None


async def _kept(tx: Transaction, url: str) -> Item | None:
    """The item that is kept for what an address leads to, whichever of its addresses it is kept by."""
    for each in spellings(url):
        if kept := await tx.items.by_url(each):
            return kept
    return None


async def _refuse_printed(tx: Transaction, newsletter: Newsletter, item: Item) -> None:
    """Raise `Refused` where an issue has had the item, or is about to."""
    for each in spellings(item.url):
        if earlier := await tx.issues.having(newsletter.id, each):
            raise Refused(f"“{clip(item.title, 100)}” was in {_named(earlier[0])} already.")
    draft = await tx.issues.draft(newsletter.id)
    if draft and any(same(entry.url, item.url) for entry in draft.entries):
        raise Refused(f"“{clip(item.title, 100)}” is in the issue that is about to come out.")


def first_link(text: str) -> str:
    """The first http(s) address in a text, in its canonical form, or an empty string."""
    for word in _LABELLED.sub(r" \1 ", text).replace("<", " ").replace(">", " ").split():
        match = re.search(r"https?://", word)
        url = canonical(without_tail(word[match.start() :])) if match else ""
        if _public_name(site(url)):
            return url
    return ""


def _public_name(host: str) -> bool:
    """Whether a host is named as one that others can reach: two words at least, and no blanks."""
    return bool(re.fullmatch(r"[^\s%./:@]+(\.[^\s%./:@]+)+", host))


def _named(issue: Issue) -> str:
    number = f"issue {issue.number}" if issue.number is not None else issue.title
    return f"{number} of {day(issue.dated)}"
