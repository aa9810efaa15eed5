"""The long-running ways to start the bot: until a signal says stop."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bot import demo
from bot.adapters.discord.render import to_json
from bot.adapters.slack.render import message
from bot.adapters.web.chat import WebChat
from bot.adapters.web.clock import MovableClock
from bot.adapters.web.records import Person, RoomChannel
from bot.adapters.web.render import render
from bot.adapters.web.room import open_room
from bot.adapters.web.server import serve
from bot.app import FITS, Bot, SystemClock, build, working
from bot.config import Settings, StoreSettings
from bot.core.errors import BroadsheetError
from bot.core.plain import plain
from bot.core.ports import Chat, Store
from bot.core.post import Post
from bot.sides import Side, sides, slack_named

RENDERERS: Mapping[str, Callable[[Post], str]] = {
    "text": plain,
    "web": render,
    "discord": lambda post: "\n".join(json.dumps(to_json(each), ensure_ascii=False) for each in FITS["discord"](post)),
    "slack": lambda post: "\n".join(json.dumps(message(each), ensure_ascii=False) for each in FITS["slack"](post)),
}
"""A post as each platform gets it."""

LEAVING = 8.0
"""Seconds that what runs has to end in when the bot is told to stop; service managers kill after ten."""

log = structlog.get_logger()

NO_PLATFORM = """\
Broadsheet has no platform to run on yet. Set, in config.toml or in the environment:
  Discord: discord.token (BROADSHEET_DISCORD__TOKEN), from the developer portal, page Bot
  Slack:   slack.bot_token and slack.app_token (BROADSHEET_SLACK__BOT_TOKEN, BROADSHEET_SLACK__APP_TOKEN)
To see it work without any token: python -m bot demo"""


def until_stopped(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `main` with an event that SIGINT and SIGTERM set."""

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        await main(stop)

    asyncio.run(run())


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot on the platforms that the settings name, until `stop` is set.

    Raises `BroadsheetError` where none is named, or where one will not have the bot as it is.
    """
    if not (settings.discord.token.get_secret_value() or slack_named(settings.slack)):
        raise BroadsheetError(NO_PLATFORM)
    clock = SystemClock()
    there: dict[str, Side] = {}

    def chats(store: Store) -> Mapping[str, Chat]:
        there.update(sides(settings, store, clock))
        return {name: side.chat for name, side in there.items()}

    async with build(settings, chats, clock) as bot:
        events = [side.run(bot.desk) for side in there.values()]
        await _until_one_ends(*events, _work(bot, there.values()), stop.wait())


async def _work(bot: Bot, sides: Collection[Side]) -> None:
    await asyncio.gather(*(each.ready() for each in sides))
    await bot.run()


async def _until_one_ends(*work: Coroutine[Any, Any, object]) -> None:
    """Run all of these until the first one ends, then stop the others; an error of any is raised."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        _, stuck = await asyncio.wait(tasks, timeout=LEAVING)
        if stuck:
            log.warning("stopping without waiting for what does not end", tasks=len(stuck))
    for task in done:
        task.result()


@asynccontextmanager
async def demonstration(settings: Settings, data: Path, host: str, port: int) -> AsyncIterator[str]:
    """The bot in a chat on a web page, with people, papers and a clock that can be moved.

    data: the folder that keeps it all. Yields the page's address.
    """
    settings = settings.model_copy(update={"store": StoreSettings(path=data / "broadsheet.sqlite")})
    people = [Person(each.id, each.name, each.editor) for each in demo.PEOPLE]
    channels = [RoomChannel(name, topic) for name, topic in demo.CHANNELS.items()]
    async with open_room(data / "chat.sqlite", people, channels, SystemClock()) as room:
        clock = MovableClock(room)
        chat = WebChat(room, clock)
        async with build(settings, lambda _: {"web": chat}, clock, debounce=timedelta(0)) as bot:
            await demo.seed(bot.store, clock.now())
            async with (
                serve(bot.desk, room, clock, host, port, demo.figures(), _next_slot(bot)) as address,
                working(bot),
            ):
                yield address


def _next_slot(bot: Bot) -> Callable[[], Coroutine[Any, Any, datetime | None]]:
    async def ask() -> datetime | None:
        async with bot.store.snapshot() as tx:
            return await tx.newsletters.next_due()

    return ask
