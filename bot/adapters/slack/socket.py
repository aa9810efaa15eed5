"""Socket Mode: a websocket to Slack that is opened anew whenever it ends, and before it does where Slack says so.

slack_sdk's own client stays out of this: it tries one single-use address over and over, whatever the reason, with a
traceback each time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.line import Line
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.refusals import APP_TOKEN, UNREACHABLE, SlackRefused, refused
from bot.core.errors import SendLater
from bot.core.ports import Clock

log = structlog.get_logger()

STEADY = timedelta(minutes=1)
"""A line that lasted so long owes its end to no lasting trouble: the next one is opened at once."""

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

CLOSING = aiohttp.ClientWSTimeout(ws_close=1.0)
"""Slack does not answer a farewell, so it is not waited for."""

SWITCHED_OFF = "link_disabled"
"""Slack's reason when Socket Mode is switched off for the app."""


class Socket:
    """Keeps a line to Slack.

    back: is called whenever events come again after a time without them, the first time too.
    """

    def __init__(
        self, app: AsyncApp, options: SlackOptions, connection: Connection, clock: Clock, back: Callable[[], None]
    ) -> None:
        self._app = app
        self._options = options
        self._client = connection.client()
        self._client.retry_handlers = []  # trying again is what `run` does
        self._clock = clock
        self._back = back
        self._lines: list[Line] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._troubles = 0

    async def run(self) -> None:
        """Stay connected until cancelled.

        Raises `SlackRefused` where Slack will not have the bot as it is: trying again would not help.
        """
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    await self._spell(session)
            finally:
                await asyncio.gather(*(each.end() for each in self._lines), *self._ending, return_exceptions=True)

    async def _spell(self, session: aiohttp.ClientSession) -> None:
        """Open a line, let the one before it end, and return when another one is needed."""
        began = self._clock.now()
        try:
            line = await self._open(session)
        except SendLater as error:
            self._troubles += 1
            # A trouble that lasts is told of ever more rarely: the first time, the second, the fourth.
            if self._troubles.bit_count() == 1:
                log.warning("no line to Slack", reason=str(error), tries=self._troubles)
            await self._pause(error.retry_after or timedelta(0))
            return
        self._lines.append(line)
        await line.ready()
        for each in self._lines[:-1]:
            self._end(each)
        self._lines = [line]
        if line.reason != SWITCHED_OFF:
            log.info("connected to Slack")
            self._back()
        await line.over.wait()
        if line.reason == SWITCHED_OFF:
            raise SlackRefused("Socket Mode is switched off for the app: switch it on, on the app's page Socket Mode.")
        log.info("another line to Slack is needed", reason=line.reason)
        steady = self._clock.now() - began >= STEADY
        self._troubles = 0 if steady else self._troubles + 1
        if not steady:
            await self._pause(timedelta(0))

    async def _open(self, session: aiohttp.ClientSession) -> Line:
        """A line to an address of its own; raises `SendLater`, or `SlackRefused` where the token will not do."""
        try:
            answer = await self._client.apps_connections_open(app_token=self._options.app_token.strip())
            socket = await session.ws_connect(
                str(answer["url"]),
                heartbeat=self._options.ping_interval,
                proxy=self._client.proxy,
                timeout=CLOSING,
            )
        except UNREACHABLE as error:
            raise refused(error, APP_TOKEN) from error
        return Line(self._app, socket)

    def _end(self, line: Line) -> None:
        task = asyncio.create_task(line.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _pause(self, least: timedelta) -> None:
        """Wait before trying again: longer each time, and not in step with other processes."""
        grown = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._troubles - 1, 10))
        pause = timedelta(seconds=grown * random.uniform(0.5, 1))  # noqa: S311  # jitter, not secrets
        await self._clock.sleep_until(self._clock.now() + max(least, pause))
