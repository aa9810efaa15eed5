"""The loopback Slack's views: modals, stacked three deep for each person, and App Homes."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.slack_blocks import IN_VIEW, Fetch, problems, refuse
from tests.fakes.slack_calls import Answer, Call, invalid
from tests.fakes.slack_elements import length, text_object
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Json, Refusal, User

DEEPEST = 3
LARGEST = 250_000
PATIENCE = timedelta(seconds=3)
"""How long a trigger can be exchanged."""


@dataclass
class View:
    """A view that somebody has open, or their App Home; `errors` are those of its last submission, by block_id."""

    id: str
    user: User
    body: Json
    hash: str
    root: str
    previous: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What stands above it."""
        return str((self.body.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        found: list[Json] = self.body["blocks"]
        return found


@dataclass
class _Trigger:
    user: User
    at: datetime
    exchanged: bool = False


class Views:
    """Answers the methods, and keeps what is open; `opened` is never forgotten, `stacks` and `homes` by person."""

    def __init__(self, state: State, fetch: Fetch) -> None:
        self.state = state
        self.fetch = fetch
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._triggers: dict[str, _Trigger] = {}
        self._numbers = itertools.count(1)

    def methods(self) -> dict[str, Answer]:
        """What answers each method."""
        return {
            "views.open": self._open,
            "views.push": self._push,
            "views.update": self._update,
            "views.publish": self._publish,
        }

    def trigger(self, user: User) -> str:
        """A trigger for a view, given with what a person just did."""
        made = f"{next(self._numbers)}.{len(self._triggers)}.{id(user):x}"
        self._triggers[made] = _Trigger(user, self.state.now())
        return made

    def _exchanged(self, call: Call) -> User:
        trigger = self._triggers.get(call.text("trigger_id"))
        if trigger is None or trigger.user.team_id != call.workspace.id:
            raise Refusal("invalid_trigger_id")
        if trigger.exchanged:
            raise Refusal("exchanged_trigger_id")
        if self.state.now() - trigger.at > PATIENCE:
            raise Refusal("expired_trigger_id")
        return trigger.user

    def _spend(self, call: Call) -> None:
        self._triggers[call.text("trigger_id")].exchanged = True

    def _given(self, call: Call, kind: str | None = None) -> Json:
        view = call.arguments.get("view")
        self.check(view, kind)
        assert isinstance(view, dict)
        return view

    def check(self, view: Any, kind: str | None = None) -> None:
        """Raise what Slack would answer to this view."""
        if not isinstance(view, dict):
            raise invalid("missing required field: view")
        refuse("invalid_arguments", list(self._problems(view, kind)))
        if len(repr(view)) > LARGEST:
            raise Refusal("view_too_large")

    def _problems(self, view: Json, kind: str | None) -> Iterator[str]:
        found = view.get("type")
        if found not in ("modal", "home") or (kind and found != kind):
            yield f"unsupported type: {found} [json-pointer:/view/type]"
            return
        yield from length(view.get("callback_id"), 0, 255, "/view/callback_id", needed=False)
        yield from length(view.get("private_metadata"), 0, 3000, "/view/private_metadata", needed=False)
        yield from length(view.get("external_id"), 0, 255, "/view/external_id", needed=False)
        blocks = view.get("blocks")
        yield from problems(blocks, "/view/blocks", IN_VIEW, self.fetch)
        if found == "home":
            return
        yield from text_object(view.get("title"), 24, "/view/title", plain=True)
        for name in ("submit", "close"):
            if view.get(name):
                yield from text_object(view[name], 24, f"/view/{name}", plain=True)
        asks = isinstance(blocks, list) and any(each.get("type") == "input" for each in blocks)
        if asks and not view.get("submit"):
            yield "missing required field: submit [json-pointer:/view]"

    def _made(self, user: User, body: Json, below: View | None = None) -> View:
        external = body.get("external_id")
        stack = self.stacks.get(user.id, [])
        if external and any(each.body.get("external_id") == external for each in stack):
            raise Refusal("duplicate_external_id")
        view_id = self.state.id("V")
        made = View(view_id, user, self._kept(body), self._hash(), below.root if below else view_id)
        made.previous = below.id if below else None
        return made

    def _kept(self, body: Json) -> Json:
        return copy.deepcopy(body) | {"blocks": self.state.numbered(body["blocks"])}

    def _hash(self) -> str:
        return f"{int(self.state.now().timestamp())}.{next(self._numbers):08x}"

    def _open(self, call: Call) -> Json:
        user, body = self._exchanged(call), self._given(call, "modal")
        view = self._made(user, body)
        self._spend(call)
        self.stacks[user.id] = [view]
        return {"view": self.payload(view)}

    def _push(self, call: Call) -> Json:
        user, body = self._exchanged(call), self._given(call, "modal")
        view = self.push(user, body)
        self._spend(call)
        return {"view": self.payload(view)}

    def push(self, user: User, body: Json) -> View:
        """Lay a view on top of what a person has open."""
        stack = self.stacks.get(user.id, [])
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= DEEPEST:
            raise Refusal("push_limit_reached")
        stack.append(self._made(user, body, stack[-1]))
        return stack[-1]

    def _update(self, call: Call) -> Json:
        body = self._given(call)
        view = self._find(call)
        if call.arguments.get("hash") and call.arguments["hash"] != view.hash:
            raise Refusal("hash_conflict")
        self.replace(view, body)
        return {"view": self.payload(view)}

    def replace(self, view: View, body: Json) -> None:
        """Show something else in an open view."""
        view.body, view.hash, view.errors = self._kept(body), self._hash(), {}

    def _find(self, call: Call) -> View:
        wanted, external = call.arguments.get("view_id"), call.arguments.get("external_id")
        if not wanted and not external:
            raise invalid("missing required field: view_id")
        there = [each for stack in self.stacks.values() for each in stack] + list(self.homes.values())
        for each in there:
            ours = each.user.team_id == call.workspace.id
            if ours and (each.id == wanted or (external and each.body.get("external_id") == external)):
                return each
        raise Refusal("not_found")

    def _publish(self, call: Call) -> Json:
        body = self._given(call, "home")
        user = call.workspace.users.get(call.text("user_id"))
        if user is None or user.deleted:
            raise Refusal("user_not_found")
        before = self.homes.get(user.id)
        if call.arguments.get("hash") and before and call.arguments["hash"] != before.hash:
            raise Refusal("hash_conflict")
        if before:
            self.replace(before, body)
        else:
            self.homes[user.id] = self._made(user, body)
        return {"view": self.payload(self.homes[user.id])}

    def payload(self, view: View, state: Json | None = None) -> Json:
        """A view as answers and payloads have it, with what is filled in."""
        workspace = self.state.workspaces[view.user.team_id]
        usual: Json = {"title": None, "submit": None, "close": None, "clear_on_close": False, "notify_on_close": False}
        known = usual | {"private_metadata": "", "callback_id": "", "external_id": ""} | copy.deepcopy(view.body)
        return known | {
            "id": view.id,
            "team_id": view.user.team_id,
            "app_id": self.state.app_id,
            "app_installed_team_id": view.user.team_id,
            "bot_id": workspace.bot.bot_id,
            "root_view_id": view.root,
            "previous_view_id": view.previous,
            "hash": view.hash,
            "state": {"values": state or {}},
        }
