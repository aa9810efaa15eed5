"""A call of the loopback Slack's Web API: its arguments, however they were sent, and who may make it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.slack_world import Grant, Json, Refusal, Workspace

_TS = re.compile(r"\d{1,12}\.\d{6}")

STRUCTURED = {
    "blocks": "invalid_blocks_format",
    "view": "invalid_arguments",
    "metadata": "invalid_metadata_format",
    "attachments": "invalid_attachments",
}
"""Arguments that a form carries as JSON, and what is answered where it is none."""

SCOPE = {
    "chat.postMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "reactions.get": ("reactions:read",),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "conversations.info": ("channels:read", "groups:read", "im:read"),
    "conversations.list": ("channels:read", "groups:read", "im:read"),
    "conversations.members": ("channels:read", "groups:read", "im:read"),
    "conversations.open": ("im:write",),
    "conversations.join": ("channels:join",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "files.info": ("files:read",),
    "bots.info": ("users:read",),
    "team.info": ("team:read",),
}
"""The scope that a method asks for; where there are several, the one of the channel's kind."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its method, its arguments, the workspace whose token it came with."""

    method: str
    arguments: Json
    workspace: Workspace
    grant: Grant
    given: frozenset[str] = field(default_factory=frozenset)

    def text(self, name: str, *, needed: bool = True) -> str:
        """An argument that is a text; refused where it is needed and missing."""
        found = self.arguments.get(name)
        if found in (None, "") and needed:
            raise invalid(f"missing required field: {name}")
        return "" if found is None else str(found)

    def flag(self, name: str) -> bool:
        """An argument that is yes or no."""
        return self.arguments.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, usual: int, most: int) -> int:
        """An argument that is a whole number from 1 to `most`."""
        found = self.arguments.get(name)
        if found in (None, "", 0, "0"):
            return usual
        try:
            value = int(found)
        except (TypeError, ValueError):
            raise Refusal("invalid_limit") from None
        if not 1 <= value <= most:
            raise Refusal("invalid_limit")
        return value

    def ts(self, name: str, error: str) -> str:
        """An argument that is a message's ts."""
        found = self.text(name)
        if not _TS.fullmatch(found):
            raise Refusal(error)
        return found

    def need(self, kind: str = "channels") -> None:
        """Refuse unless the token has the scope for a channel of this kind."""
        scopes = SCOPE.get(self.method, ())
        needed = next((each for each in scopes if each.startswith(f"{kind}:")), scopes[0] if scopes else None)
        if needed and needed not in self.grant.scopes:
            raise missing(needed, self.grant)


Answer = Callable[[Call], Json]


def missing(needed: str, grant: Grant) -> Refusal:
    """The answer to a call for which the token lacks a scope."""
    return Refusal("missing_scope", needed=needed, provided=",".join(grant.scopes))


def invalid(*problems: str) -> Refusal:
    """The answer to arguments that do not fit."""
    return Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in problems]})


async def read(request: web.Request) -> Json:
    """The arguments of a request: in the address, in a form or in JSON; with the token, if one stands among them."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        body = _parsed(await request.text() or "{}", "invalid_json")
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        return found | body
    if request.can_read_body:
        form = await request.post()
        found |= {name: value for name, value in form.items() if isinstance(value, str)}
    for name, error in STRUCTURED.items():
        if isinstance(found.get(name), str):
            found[name] = _parsed(found[name], error)
    return found


def _parsed(text: str, error: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(error) from None


def basic(request: web.Request) -> tuple[str, str] | None:
    """The name and the secret of an app that says who it is in the header for that."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return None
    name, _, secret = base64.b64decode(value).decode().partition(":")
    return name, secret


def token(request: web.Request, arguments: Json) -> str:
    """The token that a request came with, or nothing."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if kind == "Bearer" else str(arguments.pop("token", ""))
