"""The Home tab, as each member finds it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import structlog

from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.commands import Prefixed
from bot.adapters.slack.fitting import fit
from bot.adapters.slack.render import to_blocks
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError
from bot.core.front import Front
from bot.core.model import Member
from bot.core.post import Post
from bot.core.publishing import without_pictures

log = structlog.get_logger()

MOST_BLOCKS = 100
"""Slack's limit on a view."""

MOST_OPENED = 5_000


class Homes:
    """Shows members their Home, as it is when they open it and after what they do later."""

    def __init__(self, front: Front, wire: Wire, say: Prefixed) -> None:
        self._front = front
        self._wire = wire
        self._say = say
        self._opened: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def opened(self, team: str, user: str) -> None:
        """Show a member their Home."""
        self._opened[team, user] = None
        if len(self._opened) > MOST_OPENED:
            self._opened.popitem(last=False)
        await self._show(team, user)

    async def changed(self, team: str, user: str) -> None:
        """Show a member their Home as it is now, if they have opened it."""
        if (team, user) in self._opened:
            await self._show(team, user)

    async def _show(self, team: str, user: str) -> None:
        """What goes wrong is one line in the log."""
        try:
            post = await self._front.home(Member(PLATFORM, team, user))
            await self._wire.ask(team, "views.publish", user_id=user, view=view(self._say(post)))
        except BroadsheetError as error:
            log.warning("a Home could not be shown", team=team, member=user, reason=str(error))


def view(post: Post) -> dict[str, Any]:
    """A post as a Home tab."""
    blocks = [block for each in fit(without_pictures(post)) for block in to_blocks(each)]
    return {"type": "home", "blocks": blocks[:MOST_BLOCKS]}
