"""States of "Add to Slack": each stands for one visit, is good once, and for ten minutes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from bot.adapters.slack.installations import Keep
from bot.core.ports import Clock

PREFIX = "slack state "

LASTING = timedelta(minutes=10)
"""The life of an authorization code, and so of the visit that asks for one: RFC 6749, 4.1.2."""

SWEEP = timedelta(minutes=1)


class States:
    """Keeps the states where all processes find them."""

    def __init__(self, keep: Keep, clock: Clock) -> None:
        self._keep = keep
        self._clock = clock
        self._swept: datetime | None = None

    async def issue(self) -> str:
        """A new state."""
        await self._sweep()
        state = secrets.token_urlsafe(32)
        await self._keep.put(PREFIX + state, (self._clock.now() + LASTING).isoformat())
        return state

    async def redeem(self, state: str) -> bool:
        """Whether the state is good; it is not a second time."""
        until = await self._keep.take(PREFIX + state)
        return until is not None and self._clock.now() < datetime.fromisoformat(until)

    async def _sweep(self) -> None:
        """Forget the visits that led nowhere."""
        now = self._clock.now()
        if self._swept is not None and now - self._swept < SWEEP:
            return
        self._swept = now
        for key, until in (await self._keep.under(PREFIX)).items():
            if datetime.fromisoformat(until) <= now:
                await self._keep.take(key)
