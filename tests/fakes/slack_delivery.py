"""How the loopback Slack brings things to the bot: over Socket Mode, or as signed requests to an address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack_accounts import Accounts
from tests.fakes.slack_socket import NobodyThere, NotAcknowledged, Socket
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Json

SUBSCRIBED = frozenset(
    (
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
        "member_joined_channel",
        "reaction_added",
        "reaction_removed",
    )
)
"""Events that the bot is told of unless a test says otherwise; one without a listener is never acknowledged by Bolt."""

_LAST = frozenset({"app_uninstalled", "tokens_revoked"})


class Delivery:
    """Brings events, commands and interactions.

    address: where signed requests go; None means Socket Mode. queues: whether events wait while nobody is connected,
    instead of being lost. twice: every event comes a second time, as if its acknowledgement had been overlooked.
    patience: how long the bot has to acknowledge. retries: how often an event that is not comes again.
    signed_at: the time that signatures bear. trim: makes of a payload the poorer one that is sent.
    events: each event that happened, with its envelope; lost: those that the bot never acknowledged.
    """

    def __init__(self, state: State, accounts: Accounts, socket: Socket) -> None:
        self.state = state
        self.accounts = accounts
        self.socket = socket
        self.address: str | None = None
        self.queues = False
        self.twice = False
        self.retries = 3
        self.subscribed: frozenset[str] = SUBSCRIBED
        self.signed_at: Callable[[], float] = time.time
        self.trim: Callable[[Json], Json] = lambda payload: payload
        self.patience = timedelta(seconds=5)
        self.events: list[Json] = []
        self.lost: list[Json] = []
        self.requests: list[tuple[dict[str, str], str]] = []
        self._held: list[Json] | None = None
        self._queue: list[Json] = []
        self._pending: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None
        socket.on_connect = self._flush

    async def close(self) -> None:
        """Stop whatever is on its way."""
        for task in self._pending:
            task.cancel()
        await asyncio.gather(*self._pending, return_exceptions=True)
        if self._session:
            await self._session.close()

    # Events.

    def emit(self, team_id: str, event: Json) -> None:
        """Let the bot know of an event, if it subscribed to its kind and may know of it."""
        workspace = self.state.workspaces[team_id]
        if event["type"] not in self.subscribed or workspace.grant is None:
            return
        if workspace.grant.refused and event["type"] not in _LAST:
            return
        place = workspace.channels.get((event.get("item") or {}).get("channel") or event.get("channel", ""))
        if place and event["type"].startswith(("reaction", "message")) and workspace.bot.id not in place.members:
            return
        envelope = self._envelope(team_id, workspace.bot.id, event)
        self.events.append(envelope)
        if self._held is not None:
            self._held.append(envelope)
        else:
            self._start(envelope)

    def _envelope(self, team_id: str, bot_user: str, event: Json) -> Json:
        number = next(self._numbers)
        who = {"enterprise_id": None, "team_id": team_id, "user_id": bot_user, "is_bot": True}
        return {
            "token": self.accounts.verification,
            "team_id": team_id,
            "context_team_id": team_id,
            "context_enterprise_id": None,
            "api_app_id": self.state.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:09d}",
            "event_time": int(self.state.now().timestamp()),
            "authorizations": [who | {"is_enterprise_install": False}],
            "is_ext_shared_channel": False,
            "event_context": f"4-{number}",
        }

    def hold(self) -> None:
        """Keep events back until `release`."""
        self._held = []

    async def release(self, *, backwards: bool = False, times: int = 1) -> None:
        """Bring the events that were kept back, in order or the other way round, each so often."""
        held, self._held = self._held or [], None
        for envelope in (held[::-1] if backwards else held) * times:
            self._start(envelope)
        await self.settled()

    async def again(self, envelope: Json) -> None:
        """Bring an event of `events` once more, with the same id."""
        self._start(envelope, 1)
        await self.settled()

    async def settled(self) -> None:
        """Return once every event so far is acknowledged, lost or queued."""
        while self._pending:
            await asyncio.gather(*self._pending)

    def _start(self, envelope: Json, attempt: int = 0) -> None:
        for number in (attempt, 1) if self.twice else (attempt,):
            task = asyncio.get_running_loop().create_task(self._bring(envelope, number))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def _bring(self, envelope: Json, attempt: int) -> None:
        reason = "http_timeout" if attempt else ""
        for number in range(attempt, self.retries + 1):
            try:
                await self.send("events_api", envelope, number, reason)
                return
            except NobodyThere:
                (self._queue if self.queues else self.lost).append(envelope)
                return
            except NotAcknowledged as failure:
                reason = failure.reason
                if reason == "no_retry":
                    break
        self.lost.append(envelope)

    def _flush(self) -> None:
        queue, self._queue = self._queue, []
        for envelope in queue:
            self._start(envelope)

    # Anything.

    async def send(self, kind: str, payload: Json, attempt: int = 0, reason: str = "") -> Json:
        """Send a payload once: events_api, slash_commands or interactive; returns what the acknowledgement says."""
        payload = self.trim(payload)
        if self.address is None:
            return await self.socket.send(kind, payload, self.patience, attempt, reason)
        if kind == "events_api":
            body, content = json.dumps(payload), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, content = urlencode(form), "application/x-www-form-urlencoded"
        headers = self.signed(body) | {"Content-Type": content}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        self.requests.append((headers, body))
        return await self._post(self.address, headers, body)

    def signed(self, body: str) -> dict[str, str]:
        """The headers that say that a request is Slack's."""
        stamp = str(int(self.signed_at()))
        digest = hmac.new(self.accounts.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}

    async def _post(self, address: str, headers: dict[str, str], body: str) -> Json:
        self._session = self._session or aiohttp.ClientSession()
        patience = aiohttp.ClientTimeout(total=self.patience.total_seconds())
        try:
            async with self._session.post(address, data=body.encode(), headers=headers, timeout=patience) as answer:
                text = await answer.text()
                if answer.status // 100 != 2:
                    stop = answer.headers.get("X-Slack-No-Retry") == "1"
                    raise NotAcknowledged("no_retry" if stop else "http_error")
        except TimeoutError:
            raise NotAcknowledged("http_timeout") from None
        except aiohttp.ClientError:
            raise NotAcknowledged("connection_failed") from None
        if not text:
            return {}
        parsed = json.loads(text) if answer.content_type == "application/json" else {"text": text}
        assert isinstance(parsed, dict)
        return parsed
