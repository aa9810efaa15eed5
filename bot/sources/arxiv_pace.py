"""When arXiv may be asked: one at a time, at its pace, over all processes; later where it wants to be left alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from bot.core.errors import NoSuchPaper, SourceDown, StoreError
from bot.core.ports import Clock, Lanes
from bot.sources.arxiv_answer import Passing, down

log = structlog.get_logger()

LANE = "arxiv"

TRIES = 3

_FIRST_WAIT = timedelta(seconds=2)

T = TypeVar("T")


class Pace:
    """Lets one question through at a time, and asks again what may be answered later.

    pace: between two requests of all processes that share the lanes. limit: for one of them at most.
    patience: how long after it was first asked a question is asked again.
    """

    def __init__(
        self,
        clock: Clock,
        lanes: Lanes,
        *,
        pace: timedelta,
        limit: timedelta,
        patience: timedelta,
        chance: random.Random,
    ) -> None:
        self._clock = clock
        self._lanes = lanes
        self._pace = pace
        self._limit = limit
        self._patience = patience
        self._chance = chance
        self._turn = asyncio.Lock()
        self._held_until = datetime.min.replace(tzinfo=UTC)
        self._failing = self._closed = False

    async def ask(self, question: str, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` returns, once its turn has come; raises what it raises, `SourceDown` after some tries."""
        give_up_at = self._clock.now() + self._patience
        tries = 0
        while True:
            tries += 1
            try:
                return await self._attempt(ask, give_up_at)
            except SourceDown as failure:
                cause = repr(failure.__cause__)
                log.warning("arXiv gave no answer", asked=question, tries=tries, reason=str(failure), cause=cause)
                again_at = self._again_at(failure, tries)
                if again_at is None or again_at > give_up_at:
                    raise
            await self._clock.sleep_until(again_at)

    def close(self) -> None:
        """Let nothing through any more."""
        self._closed = True

    def _again_at(self, failure: SourceDown, tries: int) -> datetime | None:
        """When to try again, if at all: later each time, never quite the same, and as late as arXiv asks."""
        if not isinstance(failure, Passing) or tries == TRIES:
            return None
        wait = _FIRST_WAIT * ((1 << (tries - 1)) * self._chance.uniform(0.75, 1.25))
        return self._clock.now() + (failure.hold or wait)

    async def _attempt(self, ask: Callable[[], Awaitable[T]], give_up_at: datetime) -> T:
        async with self._turn:
            self._check(give_up_at)
            await self._clock.sleep_until(self._held_until)
            await self._take(give_up_at)
            hold = timedelta(0)
            try:
                answer = await ask()
                self._failing = False
            except Passing as failure:
                self._failing = True
                hold = failure.hold or hold
                self._held_until = max(self._held_until, self._clock.now() + hold)
                raise
            except NoSuchPaper:
                self._failing = False
                raise
            finally:
                await self._give_back(max(self._pace, hold))
            return answer

    def _check(self, give_up_at: datetime) -> None:
        now = self._clock.now()
        if self._closed:
            raise SourceDown("The bot is about to stop: please ask again in a minute.")
        if self._held_until > now + self._patience:
            raise down("it asked us to wait for a while")
        if self._failing and now > give_up_at:
            raise down("it has not answered those before you either")

    async def _take(self, give_up_at: datetime) -> None:
        """Wait for the lane, and take it for as long as a request may last."""
        while True:
            now = self._clock.now()
            free_at = await self._lanes.take(LANE, now, now + self._limit + self._pace)
            if free_at <= now:
                return
            if free_at > now + self._patience:
                raise down("it asked us to wait for a while")
            # Another process may give the lane back sooner than it said.
            await self._clock.sleep_until(min(free_at, now + self._pace))
            self._check(give_up_at)

    async def _give_back(self, wait: timedelta) -> None:
        now = self._clock.now()
        try:
            await self._lanes.free(LANE, now, now + wait)
        except StoreError as error:
            log.warning("arXiv's lane is not free before its time is over", reason=str(error))
