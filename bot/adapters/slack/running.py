"""The Slack adapter at work, over a socket or over HTTP, until it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.house import House
from bot.adapters.slack.http import Requests, make_server, serving
from bot.adapters.slack.installations import Installations, ManyWorkspaces, OneWorkspace
from bot.adapters.slack.oauth import OAuth
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.quiet import quietly
from bot.adapters.slack.scopes import missing
from bot.adapters.slack.socket import Socket
from bot.adapters.slack.underway import finishing
from bot.core.errors import BroadsheetError, SendLater
from bot.core.ports import Clock

log = structlog.get_logger()

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=2)
"""While Slack cannot be reached, it is asked who we are after pauses that grow from the first to the longest."""


class Returns:
    """Has open ballots read again after a time without events: once at a time, and once more if it comes meanwhile."""

    def __init__(self, installations: Installations, house: House) -> None:
        self._installations = installations
        self._house = house
        self._due = asyncio.Event()

    def __call__(self) -> None:
        """Events come again."""
        self._due.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._house.returned(await self._installations.teams())
            except BroadsheetError as error:
                log.error("ballots could not be read again", reason=str(error))
            except Exception:
                log.exception("ballots could not be read again")


async def run(
    app: AsyncApp,
    options: SlackOptions,
    installations: Installations,
    house: House,
    connection: Connection,
    clock: Clock,
) -> None:
    """Take Slack's events in until cancelled.

    Raises `SlackRefused` where Slack will not have the bot as it is, and `BroadsheetError` where our server's port is
    not to be had.
    """
    options.check()
    async with AsyncExitStack() as stack:
        stack.enter_context(quietly())
        await _prepare(installations, clock)
        returns = Returns(installations, house)
        await stack.enter_async_context(finishing(app))
        await stack.enter_async_context(_beside(returns.run()))
        oauth = None
        if isinstance(installations, ManyWorkspaces):
            oauth = OAuth(options, installations, connection, clock, house.joined)
        requests = Requests(app, options.signing_secret, clock) if options.mode == "http" else None
        if requests or oauth:
            await stack.enter_async_context(serving(make_server(requests, oauth), options.host, options.port))
        if options.mode == "socket":
            await Socket(app, options, connection, clock, returns).run()
        returns()
        await asyncio.get_running_loop().create_future()


async def _prepare(installations: Installations, clock: Clock) -> None:
    """Learn by which token we speak, or bring the kept ones under the newest key."""
    if isinstance(installations, ManyWorkspaces):
        renewed = await installations.rotate()
        if renewed:
            log.info("tokens were encrypted with the newest key", number=renewed)
    if isinstance(installations, OneWorkspace):
        await _learn(installations, clock)


async def _learn(installations: OneWorkspace, clock: Clock) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            known = await installations.learn()
        except SendLater as error:
            log.warning("Slack does not say who we are", reason=str(error))
            await clock.sleep_until(clock.now() + max(pause, error.retry_after or pause))
            pause = min(2 * pause, LONGEST_PAUSE)
            continue
        lacking = missing(known.scopes)
        if lacking:
            log.warning(
                "the app lacks scopes: paste its manifest again, then reinstall it",
                team=known.team,
                missing=", ".join(lacking),
            )
        return


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do this while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
