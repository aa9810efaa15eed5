"""The Bolt app: everything that Slack may send, and who takes it; built without the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.adapters.slack.answers import LOOK_UP_PAPER, NOMINATE_LINK, Answers, team
from bot.adapters.slack.callers import People
from bot.adapters.slack.comings import Comings
from bot.adapters.slack.commands import Prefixed
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.doors import Authorize, Doors, failed
from bot.adapters.slack.files import Files
from bot.adapters.slack.home import Homes
from bot.adapters.slack.hooks import Hooks
from bot.adapters.slack.house import House
from bot.adapters.slack.installations import Installations
from bot.adapters.slack.reactions import Reactions
from bot.adapters.slack.submissions import Submissions
from bot.adapters.slack.tools import Tools
from bot.adapters.slack.wire import Wire
from bot.core.front import Front
from bot.core.ports import Clock

NOT_INSTALLED = "I am not installed in this workspace any more: whoever runs it can add me again."

ANY = re.compile("")


def make_app(
    front: Front,
    house: House,
    wire: Wire,
    installations: Installations,
    connection: Connection,
    clock: Clock,
    prefix: str = "",
) -> AsyncApp:
    """An app that brings whatever Slack sends to the front.

    prefix: what the names of our slash commands begin with. A request over HTTP must have had its signature checked
    before it comes here.
    """
    doors = Doors(installations)
    app = AsyncApp(
        name="broadsheet",
        client=connection.client(),
        before_authorize=doors.settle,
        authorize=Authorize(installations),  # type: ignore[arg-type]  # Bolt takes one of its own classes too
        user_facing_authorize_error_message=NOT_INSTALLED,
        # Our own server has checked it, by our own clock.
        request_verification_enabled=False,
    )
    app.middleware(doors.once)
    app.error(failed)
    say = Prefixed(front.commands, prefix)
    files = Files(wire, connection)
    homes = Homes(front, wire, say)
    tools = Tools(front, wire, People(wire, clock), Hooks(connection), files, homes, clock, prefix, say)
    _interactions(app, tools)
    _events(app, tools, house, installations)
    return app


def _interactions(app: AsyncApp, tools: Tools) -> None:
    answers, submissions = Answers(tools), Submissions(tools)
    app.command(ANY)(answers.command)
    app.message_shortcut(NOMINATE_LINK)(answers.nominate)
    app.global_shortcut(LOOK_UP_PAPER)(answers.look_up)
    app.shortcut(ANY)(answers.unknown)
    app.block_action(ANY)(answers.pressed)
    app.view_submission(ANY)(submissions.submitted)
    app.view_closed(ANY)(_acknowledged)
    app.block_suggestion(ANY)(submissions.suggested)


def _events(app: AsyncApp, tools: Tools, house: House, installations: Installations) -> None:
    reactions, comings = Reactions(tools), Comings(tools, house, installations)

    async def home(event: Mapping[str, Any], context: AsyncBoltContext) -> None:
        if event.get("tab", "home") == "home":
            await tools.homes.opened(team(context), str(event.get("user") or ""))

    for kind in ("reaction_added", "reaction_removed"):
        app.event(kind)(reactions.changed)
    for kind in ("app_uninstalled", "tokens_revoked"):
        app.event(kind)(comings.removed)
    app.event("member_joined_channel")(comings.added)
    app.event("app_home_opened")(home)
    # What nobody takes is acknowledged all the same, or Slack would bring it again.
    app.event(ANY)(_acknowledged)


async def _acknowledged(ack: AsyncAck) -> None:
    await ack()
