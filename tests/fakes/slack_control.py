"""The loopback Slack as a process of its own: what another process can ask of it, and have happen in it.

GET /_control tells addresses, tokens, workspaces and how often each method was called; GET /_control/messages what
stands in a channel (`?channel=`), in a thread (`&thread=`) or everywhere; POST /_control/faults takes
`{"faults": [{"method": …}], "chance": 0.1, "seed": 7}`, each once, or by chance where one is given; POST /_control/do
has a person act: `{"do": "type", "channel": …, "user": …, "command": "/paper", "text": "…"}`, or `react`, `unreact`,
`press`, `write`, `archive`, `disconnect`, `queue` (whether events wait while nobody is connected), each with what its
branch below takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from tests.fakes.slack_faults import Fault
from tests.fakes.slack_socket import NotAcknowledged
from tests.fakes.slack_world import Channel, Json, Message, Refusal, User, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack_server import SlackServer


class Control:
    """Answers other processes."""

    def __init__(self, server: SlackServer) -> None:
        self.server = server

    def add_routes(self, app: web.Application) -> None:
        """Everything that can be asked."""
        app.router.add_get("/_control", self._about)
        app.router.add_get("/_control/messages", self._messages)
        app.router.add_post("/_control/faults", self._faults)
        app.router.add_post("/_control/do", self._do)

    def about(self) -> Json:
        """Where everything is, and what it takes to get in."""
        accounts, server = self.server.accounts, self.server
        return {
            "api_url": server.api_url,
            "app_token": accounts.app_token,
            "signing_secret": accounts.signing_secret,
            "client_id": accounts.client_id,
            "client_secret": accounts.client_secret,
            "workspaces": [_workspace(each) for each in server.state.workspaces.values()],
            "connections": len(server.socket.connections),
            "calls": Counter(each.method for each in server.asked),
            "events_lost": len(server.delivery.lost),
        }

    async def _about(self, _: web.Request) -> web.Response:
        return web.json_response(self.about())

    async def _messages(self, request: web.Request) -> web.Response:
        wanted, thread = request.query.get("channel"), request.query.get("thread")
        if wanted:
            return web.json_response([_message(each) for each in self.server.messages(wanted, thread)])
        channels = [each for workspace in self.server.state.workspaces.values() for each in workspace.channels.values()]
        return web.json_response({each.id: [_with_replies(message) for message in each.top()] for each in channels})

    async def _faults(self, request: web.Request) -> web.Response:
        body = await request.json()
        faults = [Fault(**each) for each in body.get("faults", ())]
        if "chance" in body:
            self.server.faults.by_chance(body["chance"], *faults, seed=body.get("seed", 0))
        else:
            self.server.script(*faults)
        return web.json_response({"ok": True})

    async def _do(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            return web.json_response({"ok": True, **await self._done(body)})
        except NotAcknowledged as failure:
            return web.json_response({"ok": False, "error": failure.reason})
        except Refusal as refusal:
            return web.json_response(refusal.body)

    async def _done(self, body: Json) -> Json:
        server, what = self.server, body["do"]
        if what == "disconnect":
            await (server.socket.drop() if body.get("reason") is None else server.socket.disconnect(body["reason"]))
            return {}
        if what == "queue":
            server.delivery.queues = body["on"]
            return {}
        workspace, channel = self._channel(body["channel"])
        user = self._user(workspace, body.get("user", ""))
        if what == "type":
            done = await server.type(workspace, channel, user, body["command"], body.get("text", ""))
            return {"ack": done.ack}
        if what == "write":
            return {"ts": (await server.write(channel, user, body["text"], body.get("thread"))).ts}
        if what == "archive":
            await server.archive(channel)
            return {}
        message = server.state.find_message(channel, body["ts"])
        if what == "press":
            return {"ack": (await server.press(message, body["name"], user)).ack}
        await (server.react if what == "react" else server.unreact)(message, user, body["name"])
        return {}

    def _channel(self, channel_id: str) -> tuple[Workspace, Channel]:
        for workspace in self.server.state.workspaces.values():
            if channel_id in workspace.channels:
                return workspace, workspace.channels[channel_id]
        raise Refusal("channel_not_found")

    def _user(self, workspace: Workspace, name: str) -> User:
        people = [each for each in workspace.users.values() if not each.bot]
        return next((each for each in people if name in (each.id, each.name)), people[0])


def _workspace(workspace: Workspace) -> Json:
    grant = workspace.grant
    return {
        "id": workspace.id,
        "name": workspace.name,
        "token": grant.token if grant else None,
        "bot_user": workspace.bot.id,
        "channels": [{"id": each.id, "name": each.name} for each in workspace.channels.values()],
        "users": [{"id": each.id, "name": each.name, "admin": each.admin} for each in workspace.users.values()],
    }


def _message(message: Message) -> Json:
    names = ("ts", "text", "blocks", "metadata", "thread_ts", "reactions", "edits")
    return {name: getattr(message, name) for name in names} | {"user": message.user.id, "key": message.key}


def _with_replies(message: Message) -> Json:
    return _message(message) | {"replies": [_message(each) for each in message.channel.thread(message.ts)]}


def populate(server: SlackServer, channels: int) -> None:
    """A workspace with so many channels, and three people, of whom Ada is an admin."""
    workspace = server.state.workspace()
    for number in range(1, channels + 1):
        server.state.channel(workspace, f"papers-{number}")
    for name in ("Ada", "Ben", "Chen"):
        server.state.user(workspace, name, admin=name == "Ada")


async def serve(server: SlackServer, channels: int, state: Path | None) -> None:
    """Run until cancelled; what `GET /_control` tells is printed first, and written to the file `state`."""
    async with server:
        populate(server, channels)
        about = json.dumps(Control(server).about(), indent=1)
        if state:
            await asyncio.to_thread(state.write_text, about, encoding="utf-8")
        sys.stdout.write(about + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main(make: Callable[[int], SlackServer]) -> None:
    """Run the server that is made for a port, by the command line's arguments."""
    parser = argparse.ArgumentParser(description="A small Slack on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--state", type=Path, help="where to write addresses and tokens")
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(make(given.port), given.channels, given.state))
