"""Lanes: ways to outside services that one may take at a time."""

from __future__ import annotations

from datetime import datetime

from bot.core.ports import Store


class StoreLanes:
    """The port `Lanes`, each call in a transaction of its own: it holds over all processes that share the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, name: str, now: datetime, until: datetime) -> datetime:
        """Take the lane until then at the latest, if it is free; returns `now`, else when it will be."""
        async with self._store.transaction() as tx:
            return await tx.lanes.take(name, now, until)

    async def free(self, name: str, now: datetime, at: datetime) -> None:
        """Let the next one take the lane from `at` on."""
        async with self._store.transaction() as tx:
            await tx.lanes.free(name, now, at)


class OwnLanes:
    """The port `Lanes` for one process without a store."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[datetime, datetime]] = {}

    async def take(self, name: str, now: datetime, until: datetime) -> datetime:
        """Take the lane until then at the latest, if it is free; returns `now`, else when it will be."""
        since, free_at = self._spans.get(name, (now, now))
        if since > now:
            since, free_at = now, now + (free_at - since)
        if free_at > now:
            self._spans[name] = (since, free_at)
            return free_at
        self._spans[name] = (now, until)
        return now

    async def free(self, name: str, now: datetime, at: datetime) -> None:
        """Let the next one take the lane from `at` on."""
        self._spans[name] = (now, at)
