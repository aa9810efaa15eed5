"""Which members are bots, remembered, as nobody becomes one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import structlog

from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.escapes import undone
from bot.adapters.slack.failures import absent
from bot.adapters.slack.paging import pages
from bot.adapters.slack.wire import Wire
from bot.core.errors import BroadsheetError, SendLater
from bot.core.model import Member

log = structlog.get_logger()

SLACKBOT = "USLACKBOT"
"""Slack's own bot, which users.info tells for a person."""

MANY = 20
"""From so many unknown members on, the whole list costs fewer calls than asking for each."""

LEAST_PAGES = 10
PAGE_WORTH = 5
"""A page of the list costs as much as asking for five: Slack gives 20 a minute, and answers 100 other questions."""

MOST_KNOWN = 100_000


class Bots:
    """Tells people from bots."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._known: dict[tuple[str, str], tuple[bool, str]] = {}

    async def people(self, team: str, users: Collection[str]) -> Mapping[str, Member]:
        """Those of the users who are people, by id; somebody whom Slack cannot tell is taken for one."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        own = (await self._wire.installation(team)).bot_user
        asked = [each for each in users if each not in (own, SLACKBOT)]
        if len(self._unknown(team, asked)) > MANY:
            await self._learn_many(team, asked)
        for user in self._unknown(team, asked):
            await self._learn(team, user)
        told = {user: self._known.get((team, user), (False, "")) for user in asked}
        return {user: Member(PLATFORM, team, user, name) for user, (bot, name) in told.items() if not bot}

    def _unknown(self, team: str, users: Collection[str]) -> list[str]:
        return [each for each in users if (team, each) not in self._known]

    async def _learn_many(self, team: str, wanted: Collection[str]) -> None:
        """Read the list until all of these are known, or for long enough: the rest are asked for one by one."""
        read, most = 0, max(LEAST_PAGES, len(self._unknown(team, wanted)) // PAGE_WORTH)
        try:
            async for found in pages(self._wire, team, "users.list", "members", "id"):
                for each in found:
                    self._keep(team, str(each.get("id")), each)
                read += 1
                if read == most or not self._unknown(team, wanted):
                    return
        except BroadsheetError as error:
            log.warning("members not listed", team=team, reason=str(error))

    async def _learn(self, team: str, user: str) -> None:
        try:
            answer = await self._wire.ask(team, "users.info", user=user)
        except BroadsheetError as error:
            if absent(error):
                self._keep(team, user, {})
                return
            if isinstance(error, SendLater):
                raise
            log.warning("a member is not known", team=team, member=user, reason=str(error))
            return
        told = answer.get("user")
        self._keep(team, user, told if isinstance(told, dict) else {})

    def _keep(self, team: str, user: str, told: Mapping[str, Any]) -> None:
        profile = told.get("profile")
        profile = profile if isinstance(profile, dict) else {}
        names = (profile.get("display_name"), told.get("real_name"), told.get("name"))
        name = next((each for each in names if isinstance(each, str) and each.strip()), "")
        bot = bool(told.get("is_bot") or profile.get("bot_id"))
        self._known[team, user] = (bot, undone(name))
