"""Communities that the bot comes to and leaves: what is suspended, and what is deleted later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import structlog

from bot.core.ports import Clock, Store

log = structlog.get_logger()

KEPT = timedelta(days=30)
"""For so long the data of a community that the bot was removed from is kept, in case it comes back."""

REMOVED = "the bot was removed from this community"


class Communities:
    """Follows the bot's comings and goings."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def left(self, platform: str, community: str) -> None:
        """Suspend the community's channels; `work` deletes what is kept of it when it stays away."""
        async with self._store.transaction() as tx:
            await tx.communities.left(platform, community, self._clock.now())
            for newsletter in await tx.newsletters.of_community(platform, community):
                for each in await tx.newsletters.subscriptions(newsletter.id):
                    if (each.channel.platform, each.channel.community) == (platform, community):
                        await tx.newsletters.suspend(each.channel, REMOVED)
        log.info("community left", platform=platform, community=community)

    async def known(self, platform: str) -> frozenset[str]:
        """The platform's communities that have a channel and that the bot has not left, as far as it knows."""
        async with self._store.snapshot() as tx:
            gone = await tx.communities.left_before(self._clock.now())
            channels = [
                each.channel
                for newsletter in await tx.newsletters.all()
                for each in await tx.newsletters.subscriptions(newsletter.id)
            ]
        known = {each.community for each in channels if each.platform == platform}
        return frozenset(known - {community for there, community in gone if there == platform})

    async def present(self, platform: str, communities: Collection[str]) -> None:
        """Take up again those of these communities that the bot had left: it came back while nobody listened."""
        async with self._store.snapshot() as tx:
            gone = await tx.communities.left_before(self._clock.now())
        for community in communities:
            if (platform, community) in gone:
                await self.joined(platform, community)

    async def joined(self, platform: str, community: str) -> None:
        """Take up again what was suspended when the bot was removed."""
        async with self._store.transaction() as tx:
            await tx.communities.returned(platform, community)
            for newsletter in await tx.newsletters.of_community(platform, community):
                for each in await tx.newsletters.subscriptions(newsletter.id):
                    here = (each.channel.platform, each.channel.community) == (platform, community)
                    if here and each.suspended == REMOVED:
                        await tx.newsletters.subscribe(each)

    async def work(self) -> int:
        """Delete what is kept of communities that were left too long ago; returns how many there were."""
        async with self._store.snapshot() as tx:
            gone = await tx.communities.left_before(self._clock.now() - KEPT)
        for platform, community in gone:
            async with self._store.transaction() as tx:
                await tx.communities.forget(platform, community)
            log.info("community forgotten", platform=platform, community=community)
        return len(gone)
