"""The one place where everything is built and wired, started and stopped."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.adapters.discord.fitting import fit as discord_fit
from bot.adapters.slack.fitting import fit as slack_fit
from bot.config import DoiSettings, OpenReviewSettings, PagesSettings, SemanticScholarSettings, Settings
from bot.core.ballots import DEBOUNCE
from bot.core.communities import Communities
from bot.core.desk import Desk
from bot.core.extras import ExtrasShelf
from bot.core.following import Following
from bot.core.importing import Importer
from bot.core.issues import one_message
from bot.core.lanes import StoreLanes
from bot.core.nominations import Nominations
from bot.core.papers import Library
from bot.core.ports import Chat, Clock, Fits, Store
from bot.core.publishing import Publisher
from bot.core.references import ReferenceKind
from bot.core.voting import Voting
from bot.core.week import Week
from bot.loops import Bell, Every, Work, keep_working
from bot.sources.arxiv import ArxivSource
from bot.sources.citation_tags import PageSource
from bot.sources.doi import DoiSource
from bot.sources.fetching import Fetcher
from bot.sources.newsletters import LARGEST, NewsletterReader
from bot.sources.openreview import OpenReviewSource
from bot.sources.semantic_scholar import SemanticScholar
from bot.sources.services import services
from bot.sources.webpage import WebPages
from bot.store import SqlStore, open_store

log = structlog.get_logger()

FITS: Fits = {"web": one_message, "discord": discord_fit, "slack": slack_fit}
"""How each platform's adapter fits a post into its messages."""


READ_AGAIN = timedelta(hours=1)
"""Open ballots are read again so often: an event may be lost without notice, a message deleted."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Return at the moment, or at once if it has passed."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


@dataclass(frozen=True)
class Bot:
    """The bot, wired: the desk that adapters bring their events to, and what works by itself."""

    store: SqlStore
    desk: Desk
    clock: Clock
    works: Sequence[Work]
    bell: Bell

    async def run(self) -> None:
        """Do what falls due, until cancelled."""
        await keep_working(self.works, self.bell, self.clock)


def openreview_source(settings: OpenReviewSettings, clock: Clock) -> OpenReviewSource:
    """OpenReview, as the settings have it."""
    return OpenReviewSource(str(settings.api2_url), str(settings.api1_url), _span(settings.timeout), clock)


def doi_source(settings: DoiSettings, clock: Clock) -> DoiSource:
    """The registries of DOIs, as the settings have them."""
    crossref, datacite = str(settings.crossref_url), str(settings.datacite_url)
    return DoiSource(crossref, datacite, _span(settings.timeout), clock, contact=settings.contact)


def semantic_scholar(settings: SemanticScholarSettings, clock: Clock) -> SemanticScholar | None:
    """Semantic Scholar, unless the settings leave it out."""
    if not settings.api_url:
        return None
    key = settings.api_key.get_secret_value()
    return SemanticScholar(str(settings.api_url), _span(settings.timeout), clock, key=key)


def web_pages(settings: PagesSettings) -> WebPages | None:
    """The reader of pages, unless the settings leave them closed."""
    asked = services(str(settings.youtube_url), str(settings.vimeo_url), str(settings.github_url))
    return WebPages(Fetcher(), asked) if settings.enabled else None


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@asynccontextmanager
async def build(
    settings: Settings,
    platforms: Callable[[Store], Mapping[str, Chat]],
    clock: Clock,
    *,
    debounce: timedelta = DEBOUNCE,
    alone: bool = True,
) -> AsyncIterator[Bot]:
    """Build the bot on its store and close everything afterwards.

    platforms: makes the platforms' adapters by name, for this store. alone: refuse to start beside another process.
    """
    async with open_store(settings.store.path, lock=alone) as store:
        chats = platforms(store)
        chance = random.Random()  # noqa: S311  # jitter, not secrets
        arxiv = ArxivSource(str(settings.arxiv.api_url), _span(settings.arxiv.timeout), clock, lanes=StoreLanes(store))
        openreview = openreview_source(settings.openreview, clock)
        doi = doi_source(settings.doi, clock)
        scholar = semantic_scholar(settings.semantic_scholar, clock)
        library = Library(
            store,
            arxiv,
            clock,
            index=arxiv,
            elsewhere={
                ReferenceKind.OPENREVIEW: openreview,
                ReferenceKind.DOI: doi,
                **({ReferenceKind.PAGE: PageSource(Fetcher())} if settings.pages.enabled else {}),
            },
            extras=ExtrasShelf(store, scholar, clock) if scholar else None,
        )
        voting = Voting(store, chats)
        week = Week(store, voting, clock, FITS)
        bell = Bell()
        importer = Importer(store, clock, FITS)
        letters = NewsletterReader(Fetcher(largest=LARGEST))
        following = Following(store, letters, importer, clock, chance, bell.ring)
        desk = Desk(
            store=store,
            clock=clock,
            library=library,
            nominations=Nominations(store, library, clock, debounce, pages=web_pages(settings.pages)),
            voting=voting,
            week=week,
            importer=importer,
            communities=Communities(store, clock),
            defaults=settings.newsletter.newsletter(),
            letters=letters,
            following=following,
            wake=bell.ring,
        )
        publisher = Publisher(store, chats, clock, chance)
        if alone:
            await publisher.take_over()
        reading = Every(READ_AGAIN, voting.read_all, clock)
        works = (
            Work("week", week.work, week.next_due),
            Work("publishing", publisher.work, publisher.next_due),
            Work("ballots", reading.work, reading.next_due),
            Work("feeds", following.work, following.next_due),
            Work("communities", desk.communities.work),
        )
        try:
            yield Bot(store, desk, clock, works, bell)
        finally:
            await library.close()
            for source in (arxiv, openreview, doi):
                await source.close()
            if scholar:
                await scholar.close()


@asynccontextmanager
async def working(bot: Bot) -> AsyncIterator[None]:
    """Have the bot do what falls due while the block runs."""
    task = asyncio.create_task(bot.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
