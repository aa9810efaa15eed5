"""The Home tab, as each member finds it."""

from __future__ import annotations

from typing import Any

import structlog

from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.fitting import fit
from bot.adapters.slack.render import to_blocks
from bot.adapters.slack.tools import Tools
from bot.core.errors import BroadsheetError
from bot.core.model import Member
from bot.core.post import Post
from bot.core.publishing import without_pictures

log = structlog.get_logger()

MOST_BLOCKS = 100
"""Slack's limit on a view."""


async def show(tools: Tools, team: str, user: str) -> None:
    """Show a member their Home as it is now; what goes wrong is one line in the log."""
    try:
        post = await tools.front.home(Member(PLATFORM, team, user))
        await tools.wire.ask(team, "views.publish", user_id=user, view=view(tools.say(post)))
    except BroadsheetError as error:
        log.warning("a Home could not be shown", team=team, member=user, reason=str(error))


def view(post: Post) -> dict[str, Any]:
    """A post as a Home tab."""
    blocks = [block for each in fit(without_pictures(post)) for block in to_blocks(each)]
    return {"type": "home", "blocks": blocks[:MOST_BLOCKS]}
