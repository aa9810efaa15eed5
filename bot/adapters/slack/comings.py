"""The bot's own comings and goings: into channels, and out of workspaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.context.async_context import AsyncBoltContext

from bot.adapters.slack.answers import team
from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.house import House
from bot.adapters.slack.installations import Installations
from bot.adapters.slack.render import message
from bot.adapters.slack.tools import Tools
from bot.core.errors import BroadsheetError
from bot.core.model import Channel
from bot.core.post import Paragraph, Post, Small, Strong

log = structlog.get_logger()

HELLO = Post(
    "Hello",
    (
        Paragraph(("Hello! I run a weekly paper: nominate what you read, vote, and once a week I post what won.",)),
        Paragraph(
            (
                "Whoever runs this workspace can start with ",
                Strong("/newsletter setup"),
                " in the channel that is to get it.",
            )
        ),
        Small(("/paper looks up a paper right away; /help says what else I can do.",)),
    ),
)


class Comings:
    """Greets where the bot is added first, and forgets workspaces that remove it."""

    def __init__(self, tools: Tools, house: House, installations: Installations) -> None:
        self._tools = tools
        self._house = house
        self._installations = installations

    async def added(self, event: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Say hello, once, where the bot itself was added to a channel of a workspace without a newsletter."""
        channel = Channel(PLATFORM, team(context), str(event.get("channel") or ""))
        if not context.bot_user_id or event.get("user") != context.bot_user_id:
            return
        if await self._tools.front.newsletter(channel) is not None:
            return
        if not await self._house.first_time(channel.community):
            return
        made = message(self._tools.say(HELLO))
        try:
            await self._tools.wire.ask(channel.community, "chat.postMessage", posts=True, channel=channel.id, **made)
        except BroadsheetError as error:
            log.warning("a hello did not reach Slack", team=channel.community, reason=str(error))

    async def removed(self, event: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """The app was taken out of a workspace, or the bot's token there was revoked."""
        revoked = (event.get("tokens") or {}).get("bot")
        if event.get("type") == "tokens_revoked" and not revoked:
            return
        await self._installations.forget(team(context))
        await self._house.left(team(context))
