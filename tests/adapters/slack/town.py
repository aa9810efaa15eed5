"""A whole bot in the loopback Slack: the real core, store and adapter, with people who do what people do there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.adapters.slack import paths
from bot.adapters.slack.app import make_app
from bot.adapters.slack.chat import SlackChat
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.fitting import fit
from bot.adapters.slack.http import Requests, make_server, serving
from bot.adapters.slack.installations import Installation
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.socket import Socket
from bot.adapters.slack.wire import Wire
from bot.core.communities import Communities
from bot.core.desk import Desk
from bot.core.following import Following
from bot.core.importing import Importer
from bot.core.model import Newsletter, Schedule
from bot.core.nominations import Nominations
from bot.core.papers import Library
from bot.core.publishing import Publisher
from bot.core.voting import Voting
from bot.core.week import Week
from bot.sides import slack_house
from bot.store import SqlStore, open_store
from tests.fakes.clock import FakeClock
from tests.fakes.letters import FakeLetters
from tests.fakes.slack_interactions import Interaction
from tests.fakes.slack_server import SlackServer
from tests.fakes.slack_views import View
from tests.fakes.slack_world import Channel, Json, Message, User, Workspace
from tests.world import INVOLUTION, SUNDAY, FakeSource

READ = "https://example.org/a-good-long-read"
OTHER = "https://example.org/some-other-long-read"


class Listeners(AsyncListenerStartHandler):
    """What Bolt's listeners are doing, so that a test can wait until they have done it."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def idle(self) -> None:
        """Return when nothing is being done; a test that waits for it in vain fails."""
        await asyncio.sleep(0)  # one that has just acknowledged may not have started yet
        async with asyncio.timeout(10):
            while self.tasks:
                await asyncio.gather(*self.tasks)


class Installed:
    """The port `Installations`: what the loopback Slack has granted."""

    def __init__(self, slack: SlackServer) -> None:
        self._slack = slack
        self.forgotten: list[str] = []

    async def get(self, team: str) -> Installation | None:
        found = self._slack.state.workspaces.get(team)
        if found is None or found.grant is None or team in self.forgotten:
            return None
        return Installation(team, found.grant.token, found.bot.id, found.bot.bot_id, found.name)

    async def teams(self) -> tuple[str, ...]:
        return tuple([each for each in self._slack.state.workspaces if await self.get(each)])

    async def forget(self, team: str) -> None:
        self.forgotten.append(team)


@dataclass
class Town:
    """The loopback Slack, and the bot in it."""

    slack: SlackServer
    clock: FakeClock
    store: SqlStore
    source: FakeSource
    installed: Installed
    desk: Desk
    week: Week
    publisher: Publisher
    wire: Wire
    listeners: Listeners = field(default_factory=Listeners)

    async def work(self) -> None:
        """Do everything that is due now."""
        await self.week.work()
        await self.publisher.work()

    async def idle(self) -> None:
        """Return when every event was brought, and the bot has done with it."""
        await self.slack.delivery.settled()
        await self.listeners.idle()

    async def standing(self, workspace: Workspace) -> dict[str, int]:
        """The votes on the open ballot of a workspace's newsletter, by title."""
        async with self.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.of_community("slack", workspace.id)
            ballot = await tx.ballots.current(newsletter.id)
            assert ballot
            return {each.heading: each.votes for each in await tx.ballots.nominations(ballot.id)}


@dataclass
class Club:
    """A workspace with a channel for the paper, and people in it; Ada is its admin."""

    town: Town
    workspace: Workspace
    paper: Channel
    ada: User
    ben: User
    chen: User

    async def type(self, user: User, command: str, text: str = "", channel: Channel | None = None) -> str:
        """Type a command; what comes back, or nothing where a form opens."""
        done = await self.town.slack.type(self.workspace, channel or self.paper, user, command, text)
        await self.town.idle()
        return answer(done)

    async def form(self, user: User, command: str, text: str = "", channel: Channel | None = None) -> View:
        """Type a command that opens a form."""
        told = await self.type(user, command, text, channel)
        assert self.town.slack.open_views(user), f"no form was opened: {told}"
        return self.town.slack.open_views(user)[-1]

    async def submit(self, view: View, **values: Any) -> Interaction:
        """Fill a form in, and send it."""
        done = await self.town.slack.submit(view, values)
        await self.town.idle()
        return done

    async def press(self, message: Message | View, label: str, user: User | None = None) -> str:
        """Press a button; what comes back."""
        done = await self.town.slack.press(message, label, user)
        await self.town.idle()
        return answer(done)

    async def shortcut(self, user: User, callback_id: str, message: Message | None = None) -> str:
        """Use a shortcut; what comes back."""
        done = await self.town.slack.shortcut(user, callback_id, message)
        await self.town.idle()
        return answer(done)

    async def react(self, message: Message, user: User, name: str) -> None:
        """Leave a reaction."""
        await self.town.slack.react(message, user, name)
        await self.town.idle()

    async def unreact(self, message: Message, user: User, name: str) -> None:
        """Take a reaction back."""
        await self.town.slack.unreact(message, user, name)
        await self.town.idle()

    async def set_up(self, text: str = "name:Readers Weekly") -> str:
        """Ada sets a newsletter up, Mondays at nine, and the bot posts its ballot."""
        told = await self.type(self.ada, "/newsletter", f"setup {text}")
        await self.town.work()
        return told

    async def nominate(self, *links: str) -> None:
        """Ben nominates these, and the ballot shows them."""
        for link in links:
            await self.type(self.ben, "/nominate", link)
        await self.town.work()

    def ballot(self) -> Message:
        """The ballot's message."""
        return next(each for each in self.messages() if ": ballot 1" in said(each.blocks, each.text))

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """What everybody sees in the paper's channel, oldest first."""
        return self.town.slack.messages((channel or self.paper).id)

    def whispers(self, user: User, channel: Channel | None = None) -> list[str]:
        """What only this person sees in the paper's channel, oldest first."""
        return [said(each.blocks, each.text) for each in (channel or self.paper).ephemeral(user.id)]

    def direct(self, user: User) -> list[str]:
        """What the bot told this person directly."""
        channel = self.town.slack.state.direct(self.workspace, user)
        return [said(each.blocks, each.text) for each in channel.top()]


def club(town: Town, name: str = "Readers", **facts: Any) -> Club:
    """A workspace with its people."""
    state = town.slack.state
    workspace = state.workspace(name, **facts)
    ada = state.user(workspace, "Ada", admin=True)
    ben, chen = (state.user(workspace, each) for each in ("Ben", "Chen"))
    return Club(town, workspace, state.channel(workspace, "the-paper"), ada, ben, chen)


@asynccontextmanager
async def town(
    folder: Path, mode: str = "socket", prefix: str = "", source: FakeSource | None = None, **poverty: Any
) -> AsyncIterator[Town]:
    """A town on a store in this folder, with nobody in it yet."""
    clock = FakeClock(SUNDAY)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackServer(now=clock.now, **poverty))
        made = await _build(stack, folder, slack, clock, source or FakeSource(INVOLUTION))
        connection = Connection(slack.api_url)
        app = make_app(made.desk, slack_house(made.desk), made.wire, made.installed, connection, clock, prefix)
        app.listener_runner.listener_start_handler = made.listeners
        way = _http if mode == "http" else _socket
        await stack.enter_async_context(way(app, slack, connection, clock))
        yield made
        await made.idle()


async def _build(stack: AsyncExitStack, folder: Path, slack: SlackServer, clock: FakeClock, source: FakeSource) -> Town:
    store = await stack.enter_async_context(open_store(folder / "broadsheet.sqlite"))
    library = Library(store, source, clock)
    stack.push_async_callback(library.close)
    installed = Installed(slack)
    wire = Wire(installed, clock, Connection(slack.api_url))
    # What paces messages waits for nobody here.
    chats = {"slack": SlackChat(wire, FakeClock(SUNDAY, hurried=True))}
    voting = Voting(store, chats)
    fits = {"slack": fit}
    letters, importer = FakeLetters(), Importer(store, clock, fits)
    chance = random.Random(7)  # noqa: S311  # jitter, not secrets
    week = Week(store, voting, clock, fits)
    desk = Desk(
        store,
        clock,
        library,
        Nominations(store, library, clock, timedelta(0)),
        voting,
        week,
        importer,
        Communities(store, clock),
        Newsletter(0, "The Paper", Schedule(0, time(9), "UTC")),
        letters,
        Following(store, letters, importer, clock, chance, lambda: None),
        lambda: None,
    )
    publisher = Publisher(store, chats, clock, chance)
    return Town(slack, clock, store, source, installed, desk, week, publisher, wire)


@asynccontextmanager
async def _socket(app: AsyncApp, slack: SlackServer, connection: Connection, clock: FakeClock) -> AsyncIterator[None]:
    options = SlackOptions(api_url=slack.api_url, app_token=slack.app_token, bot_token="xoxb-unused")
    task = asyncio.create_task(Socket(app, options, connection, clock, lambda: None).run())
    try:
        await slack.socket.ready()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _http(app: AsyncApp, slack: SlackServer, connection: Connection, clock: FakeClock) -> AsyncIterator[None]:
    requests = Requests(app, slack.accounts.signing_secret, clock)
    slack.delivery.signed_at = lambda: clock.now().timestamp()
    async with serving(make_server(requests, None), "127.0.0.1", 0) as address:
        slack.delivery.address = f"{address}{paths.EVENTS}"
        yield


def answer(done: Interaction) -> str:
    """What an interaction was answered with by its response_url."""
    return "\n".join(said(each.get("blocks") or [], each.get("text") or "") for each in done.answers)


def said(blocks: list[Json], text: str = "") -> str:
    """What a message shows, a line for each block."""
    return "\n".join("".join(_texts(each)) for each in blocks) or text


def _texts(value: Any) -> Iterator[str]:
    """The words of a block, whatever it is made of, in the order in which they stand there."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        elif value.get("type") == "link":
            yield value["url"]
        for name in ("text", "elements", "fields", "accessory"):
            if isinstance(value.get(name), list | dict):
                yield from _texts(value[name])
