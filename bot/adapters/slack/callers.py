"""Who asks, and where, as the core knows it: what Slack tells of its people, remembered for a while."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.adapters.slack.escapes import mentioned, undone
from bot.adapters.slack.failures import code
from bot.adapters.slack.wire import Wire
from bot.core.commands import Caller
from bot.core.errors import BroadsheetError, Refused
from bot.core.model import Channel, Member
from bot.core.ports import Clock
from bot.core.text import clip, one_line

log = structlog.get_logger()

PLATFORM = "slack"

REMEMBERED = timedelta(minutes=5)
"""For so long a member is not asked for again; an admin who was one until then counts as one."""

PATIENCE = timedelta(seconds=2)
"""A form has to be opened within three seconds, so its asker is looked up for no longer."""

MOST_PEOPLE = 5_000
MOST_MENTIONS = 25

_ID = re.compile(r"[A-Z0-9]{1,30}")
_USER = re.compile(r"<@([A-Z0-9]{1,30})(?:\|[^<>]*)?>")
_GROUP = re.compile(r"<!subteam\^[A-Za-z0-9]+(?:\|[^<>]*)?>")
_UNNAMEABLE = re.compile(r"[<>|:]")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a workspace, as Slack describes them."""

    id: str
    name: str = ""
    admin: bool = False
    bot: bool = False
    gone: bool = False
    locale: str = "en"


class People:
    """Asks Slack about its people, each at most every few minutes."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[datetime, Person | None]] = OrderedDict()

    async def find(self, team: str, user: str) -> Person | None:
        """The person with this id; None where the workspace has nobody of that id.

        Raises `BroadsheetError` where Slack cannot tell.
        """
        known = self._known.get((team, user))
        if known and self._clock.now() - known[0] < REMEMBERED:
            return known[1]
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                answer = await self._wire.ask(team, "users.info", user=user, include_locale=True)
        except TimeoutError as error:
            raise BroadsheetError("Slack did not say in time who that is.") from error
        except BroadsheetError as error:
            if code(error) not in ("user_not_found", "user_not_visible"):
                raise
            return self._keep(team, user, None)
        return self._keep(team, user, _person(team, user, answer.get("user") or {}))

    def _keep(self, team: str, user: str, person: Person | None) -> Person | None:
        self._known[team, user] = (self._clock.now(), person)
        self._known.move_to_end((team, user))
        while len(self._known) > MOST_PEOPLE:
            self._known.popitem(last=False)
        return person

    async def get(self, team: str, user: str) -> Person:
        """The person with this id; somebody without a name or rights where Slack cannot tell."""
        try:
            return await self.find(team, user) or Person(user)
        except BroadsheetError as error:
            log.warning("a member is not known", team=team, member=user, reason=str(error))
            return Person(user)

    async def caller(self, team: str, channel: str, user: str, *, forms: bool = False, name: str = "") -> Caller:
        """Who asks, in the channel; whoever runs the workspace is an admin.

        forms: whether Slack can open a form for them now. name: theirs where Slack cannot tell it.
        """
        person = await self.get(team, user)
        return Caller(
            member=Member(PLATFORM, team, user, person.name or _nameable(name)),
            channel=Channel(PLATFORM, team, channel),
            admin=person.admin,
            locale=person.locale,
            forms=forms,
        )

    async def mentions(self, team: str, text: str) -> str:
        """The text, in which each mentioned member stands as `<@id|name>`.

        Whoever is not there or is a bot stands there without an `@`, which names nobody. So does every `@` that
        mentions nobody.
        """
        named = {each: await self._named(team, each) for each in list(dict.fromkeys(_found(text)))[:MOST_MENTIONS]}
        pieces = re.split(r"(<@[A-Z0-9]{1,30}(?:\|[^<>]*)?>)", text)
        return "".join(_mention(each, named) if n % 2 else each.replace("@", "") for n, each in enumerate(pieces))

    async def _named(self, team: str, user: str) -> str:
        try:
            person = await self.find(team, user)
        except BroadsheetError:
            return f"<@{user}>"
        if person is None or person.bot or person.gone:
            return person.name if person else user
        return f"<@{user}|{person.name}>"


def _found(text: str) -> list[str]:
    return [each for each in mentioned(text) if _ID.fullmatch(each)]


def _mention(piece: str, named: Mapping[str, str]) -> str:
    match = _USER.fullmatch(piece)
    return named.get(match[1], "") if match else ""


def role(text: str) -> str:
    """The user group that a text mentions, as a mention, or `none`; raises `Refused` for anything else."""
    match = _GROUP.search(text)
    if match:
        return match[0]
    if text.strip().removeprefix("@").casefold() == "none":
        return "none"
    named = clip(undone(text), 40)
    raise Refused(f"mention takes one user group, picked from what Slack offers behind an @, or none, not “{named}”.")


def _person(team: str, user: str, told: Mapping[str, Any]) -> Person:
    profile = told.get("profile") or {}
    names = (profile.get("display_name"), told.get("real_name"), profile.get("real_name"), told.get("name"))
    name = next((each for each in names if isinstance(each, str) and each.strip()), "")
    return Person(
        id=user,
        name=_nameable(undone(name)),
        admin=_belongs(team, told) and any(told.get(name) is True for name in ("is_admin", "is_owner")),
        bot=bool(told.get("is_bot") or profile.get("bot_id")) or user == "USLACKBOT",
        gone=bool(told.get("deleted")),
        locale=str(told.get("locale") or "en"),
    )


def _nameable(name: str) -> str:
    """A name as it can stand in a mention."""
    return clip(one_line(_UNNAMEABLE.sub("", name)), 80)


def _belongs(team: str, told: Mapping[str, Any]) -> bool:
    """Whether somebody is of this workspace: in a shared channel, admins of others come by."""
    teams = (told.get("enterprise_user") or {}).get("teams") or ()
    return told.get("team_id", team) == team or team in teams
