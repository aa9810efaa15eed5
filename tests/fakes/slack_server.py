"""A small Slack on loopback, over real HTTP and real WebSockets, which the bot cannot tell from the real one.

Use it in `async with`; `api_url` is slack_sdk's `base_url`. People are set up through `state` (`workspace`, `user`,
`channel`), and act through the server's own methods: `type`, `write`, `mention`, `react`, `press`, `submit` and so on.
`python -m tests.fakes.slack_server` runs one as a process of its own, which slack_control.py lets others steer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.slack_accounts import Accounts
from tests.fakes.slack_calls import Answer, Call, basic, read, token
from tests.fakes.slack_chat import Chat
from tests.fakes.slack_control import Control, main
from tests.fakes.slack_delivery import Delivery
from tests.fakes.slack_directory import Directory
from tests.fakes.slack_faults import Fault, Faults, play
from tests.fakes.slack_interactions import Changes, Responses
from tests.fakes.slack_people import People
from tests.fakes.slack_places import Places
from tests.fakes.slack_reading import Reading
from tests.fakes.slack_socket import Socket
from tests.fakes.slack_state import State
from tests.fakes.slack_views import View, Views
from tests.fakes.slack_world import Json, Message, Poverty, Refusal, User, Workspace

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it came: the method, its arguments without the token, the workspace if known, the answer's error."""

    method: str
    arguments: Json
    team: str
    error: str = ""


class SlackServer(People, Places):
    """The server. `state` is what it knows, `socket` and `delivery` how it reaches the bot, `views` what is open.

    now: its present: a moment, which a test may set; what tells it; or None for the real one. without: methods that it
    does not know; the other modes of a poorer server are in `poverty`. pictures: whether the picture at an address can
    be fetched. alter: what becomes of a method's answer on its way out. `asked` lists the calls that came, `faults`
    those that go wrong by chance. `watch` is told of each call twice: as it comes, and when its answer is about to go
    out.
    """

    def __init__(
        self,
        *,
        now: datetime | Callable[[], datetime] | None = MORNING,
        without: Collection[str] = (),
        ignores_metadata: bool = False,
        ignores_paging: bool = False,
        repeats_pages: bool = False,
        paced: bool = False,
        port: int = 0,
    ) -> None:
        self.now = now
        self.poverty = Poverty(frozenset(without), ignores_metadata, ignores_paging, repeats_pages, paced=paced)
        self.pictures: Callable[[str], bool] = lambda url: not url.partition("?")[0].endswith(".webp")
        self.alter: Callable[[str, Json], Json] = lambda _, answer: answer
        self.asked: list[Asked] = []
        self.watch: Callable[[str], None] = lambda _: None
        self.faults = Faults()
        self.changes = Changes()
        self.state = State(self.present, self._emit)
        self.accounts = Accounts(self.state)
        self.socket = Socket(self.state.app_id)
        self.delivery = Delivery(self.state, self.accounts, self.socket)
        self.views = Views(self.state, self._fetch)
        self.responses = Responses(self.state, self.changes, self._fetch)
        self.root = ""
        self._methods = self._table()
        self._port = port
        self._runner: web.AppRunner | None = None

    def present(self) -> datetime:
        """What time it is here."""
        if self.now is None:
            return datetime.now(UTC)
        return self.now if isinstance(self.now, datetime) else self.now()

    def _emit(self, team_id: str, event: Json) -> None:
        self.delivery.emit(team_id, event)

    def _fetch(self, url: str) -> bool:
        return self.pictures(url)

    def _table(self) -> dict[str, Answer]:
        parts = (Chat(self.state, self.poverty, self._fetch), Reading(self.state, self.poverty), Directory(self.state))
        methods: dict[str, Answer] = {}
        for part in (*parts, self.views, self.accounts):
            methods |= part.methods()
        return methods

    @property
    def api_url(self) -> str:
        """What stands before every method."""
        return f"{self.root}/api/"

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return self.accounts.app_token

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10_000_000)
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        address = f"127.0.0.1:{self._port}"
        self.root, self.socket.url = f"http://{address}", f"ws://{address}/link"
        self.responses.base = f"{self.root}/response"
        return self

    def add_routes(self, app: web.Application) -> None:
        """Everything that can be asked."""
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self.socket.connect)
        app.router.add_post("/response/{number}", self.responses.take)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        Control(self).add_routes(app)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.delivery.close()
        if self._runner:
            await self._runner.cleanup()

    # What tests look at.

    def script(self, *faults: Fault) -> None:
        """Have calls go wrong: each fault meets the first call that fits it and no earlier one."""
        self.faults.waiting.extend(faults)

    def calls(self, method: str) -> list[Asked]:
        """The calls of a method that came, those that failed too."""
        return [each for each in self.asked if each.method == method]

    async def until(self, holds: Callable[[], Any]) -> None:
        """Return as soon as it holds, looked at after every call and answer; a test that waits in vain fails."""
        await self.changes.until(holds)

    def messages(self, channel_id: str, thread: str | None = None) -> list[Message]:
        """What everybody sees in a channel or a thread, oldest first."""
        found = (each.channels.get(channel_id) for each in self.state.workspaces.values())
        channel = next(each for each in found if each)
        return channel.top() if thread is None else channel.thread(thread)

    def open_views(self, user: User) -> list[View]:
        """The views that a person has open, the one on top last."""
        return self.views.stacks.get(user.id, [])

    def home(self, user: User) -> View | None:
        """What a person's App Home shows."""
        return self.views.homes.get(user.id)

    # How it answers.

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await read(request)
        except Refusal as refusal:
            return web.json_response(refusal.body)
        self.watch(method)
        fault = self.faults.next(method)
        if fault and not fault.proper:
            proper = web.Response()
            self.asked.append(Asked(method, arguments, "", fault.error or "fault"))
        else:
            proper = self._proper(request, method, arguments)
        await self.changes.tell()
        self.watch(method)
        return proper if fault is None else await play(fault, request, proper)

    def _proper(self, request: web.Request, method: str, arguments: Json) -> web.Response:
        headers: dict[str, str] = {}
        team = ""
        try:
            secret = token(request, arguments)
            team, answer = self._open(request, method, arguments, secret)
            if answer is None:
                grant = self.accounts.grant(secret)
                team, headers["X-OAuth-Scopes"] = grant.team_id, ",".join(grant.scopes)
                call = Call(method, arguments, self.state.workspaces[team], grant)
                answer = self._answer(call)
        except Refusal as refusal:
            self.asked.append(Asked(method, arguments, team, refusal.error))
            limited = refusal.error == "ratelimited"
            headers |= {"Retry-After": "1"} if limited else {}
            return web.json_response(refusal.body, status=429 if limited else 200, headers=headers)
        self.asked.append(Asked(method, arguments, team))
        return web.json_response(self.alter(method, {"ok": True} | answer), headers=headers)

    def _open(self, request: web.Request, method: str, arguments: Json, secret: str) -> tuple[str, Json | None]:
        """The answer to a method that asks for no bot token, if it is one."""
        if method in self.poverty.without:
            raise Refusal("unknown_method", req_method=method)
        if method == "api.test":
            return "", {"args": arguments}
        if method == "oauth.v2.access":
            return "", self.accounts.exchange(arguments, basic(request))
        if method == "apps.connections.open":
            self.accounts.check_app_token(secret)
            return "", {"url": self.socket.ticket()}
        return "", None

    def _answer(self, call: Call) -> Json:
        answer = self._methods.get(call.method)
        if answer is None:
            raise Refusal("unknown_method", req_method=call.method)
        if not call.method.startswith("conversations."):
            call.need()
        return answer(call)

    async def _download(self, request: web.Request) -> web.Response:
        try:
            grant = self.accounts.grant(token(request, {}))
        except Refusal:
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        found = self.state.workspaces[grant.team_id].files.get(request.match_info["file"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found["content"], content_type=found["mimetype"])

    async def _authorize(self, request: web.Request) -> web.Response:
        """Slack's page that asks whether to allow the app: whoever opens it allows it, in the workspace named."""
        workspace = self.state.workspaces.get(request.query.get("team", "")) or self._any()
        installer = next(each for each in workspace.users.values() if not each.bot)
        raise web.HTTPFound(self.accounts.authorize(workspace, installer, dict(request.query)))

    def _any(self) -> Workspace:
        return next(iter(self.state.workspaces.values()))


if __name__ == "__main__":
    main(lambda port: SlackServer(now=None, port=port))
