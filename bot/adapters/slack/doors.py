"""What comes first with every request: whose workspace it is about, and whether it was taken in before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.adapters.slack.guard import NETWORK
from bot.adapters.slack.installations import Installations
from bot.adapters.slack.seen import Seen
from bot.core.errors import BroadsheetError

log = structlog.get_logger()

Body = Mapping[str, Any]
Next = Callable[[], Awaitable[BoltResponse]]


class Doors:
    """Bolt's middleware for every request."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations
        self._seen = Seen()

    async def settle(self, body: Body, context: AsyncBoltContext, next: Next) -> BoltResponse:  # noqa: A002  # Bolt's
        """Find the workspace that the bot is installed in: in a shared channel, people come from others too."""
        named = list(dict.fromkeys(each for each in (context.team_id, *_workspaces(body)) if each))
        for team in named if len(named) > 1 else ():
            if await self._installations.get(team) is not None:
                context["team_id"] = team
                break
        if not named:
            only = await self._installations.teams()
            context["team_id"] = only[0] if len(only) == 1 else None
        return await next()

    async def once(self, body: Body, context: AsyncBoltContext, next: Next) -> BoltResponse:  # noqa: A002  # Bolt's
        """Let pass what was not taken in before: Slack delivers at least once."""
        number = _number(body)
        if number and not self._seen.first((context.team_id, *number)):
            return BoltResponse(status=200, body="")
        return await next()


class Authorize(AsyncAuthorize):
    """Tells Bolt of the installation in a workspace."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    async def __call__(self, *, team_id: str | None, **_: Any) -> AuthorizeResult | None:
        """Who the bot is there, or None where it is not installed."""
        found = await self._installations.get(team_id) if team_id else None
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=found.enterprise or None,
            team_id=found.team,
            bot_user_id=found.bot_user,
            bot_id=found.bot or None,
            bot_token=found.token,
        )


async def failed(error: Exception, body: Body) -> None:
    """Log what went wrong while a request was taken in; unless it was acknowledged, Slack may bring it again."""
    event = body.get("event") or {}
    expected = isinstance(error, (BroadsheetError, *NETWORK))
    kind = event.get("type") or body.get("type") or body.get("command")
    log.error("a request was lost", kind=kind, reason=str(error), exc_info=None if expected else error)


def _workspaces(body: Body) -> Iterator[str]:
    """The workspaces that a request names, the likeliest first."""
    view, user, message = (body.get(name) or {} for name in ("view", "user", "message"))
    found = [each.get("team_id") for each in body.get("authorizations") or ()]
    found += [body.get("context_team_id"), body.get("team_id")]
    for each, name in ((view, "app_installed_team_id"), (view, "team_id"), (message, "team"), (user, "team_id")):
        found.append(each.get(name) if isinstance(each, Mapping) else None)
    return (each for each in found if isinstance(each, str))


def _number(body: Body) -> tuple[str, str] | None:
    """What tells a request from every other one, of those that are not to be taken in twice.

    An event has an id. What else happens has a trigger, and is the same again only when all that is told of it is.
    """
    kind = str(body.get("type") or "command")
    if kind == "event_callback":
        return (kind, str(body["event_id"])) if body.get("event_id") else None
    if kind == "block_suggestion" or not body.get("trigger_id"):
        return None
    told = json.dumps(body, sort_keys=True, default=str)
    return kind, hashlib.sha256(told.encode()).hexdigest()
