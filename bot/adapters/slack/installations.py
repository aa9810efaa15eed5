"""Where the bot is installed, and by which token it speaks there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Protocol

import structlog

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.refusals import BOT_TOKEN, UNREACHABLE, SlackRefused, refused
from bot.adapters.slack.vault import Sealed, Vault
from bot.core.errors import SendLater

log = structlog.get_logger()

PREFIX = "slack installation "


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in one workspace: the team's id, the token, and the bot's own ids as a user and as a bot.

    name: the workspace's. enterprise: the organisation it belongs to, if any. scopes: what the token may do, empty
    where Slack did not say. Tokens are taken for lasting ones: the app's token rotation stays off.
    """

    team: str
    token: str = field(repr=False)
    bot_user: str
    bot: str
    name: str = ""
    enterprise: str = ""
    scopes: tuple[str, ...] = ()


class Installations(Protocol):
    """The workspaces that the bot is installed in."""

    async def get(self, team: str) -> Installation | None:
        """The installation in this workspace; raises `SendLater` where it cannot be told now."""
        ...

    async def teams(self) -> tuple[str, ...]:
        """The workspaces' ids; raises `SendLater` where they cannot be told now."""
        ...

    async def forget(self, team: str) -> None:
        """The workspace has removed the bot, or revoked its token."""
        ...


class Keep(Protocol):
    """Small texts by key, kept from one start to the next and shared by all processes."""

    async def get(self, key: str) -> str | None:
        """The text kept under this key."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep a text, in place of the one before."""
        ...

    async def take(self, key: str) -> str | None:
        """The text kept under this key, which is kept no longer: of two who take it, one gets it."""
        ...

    async def under(self, prefix: str) -> Mapping[str, str]:
        """Every key that begins with the prefix, with its text."""
        ...


class OneWorkspace:
    """The one workspace that a token from the settings is for, asked for once by `auth.test`."""

    def __init__(self, token: str, connection: Connection) -> None:
        self._client = connection.client(token.strip())
        self._token = token.strip()
        self._known: Installation | None = None
        self._asking = asyncio.Lock()

    async def learn(self) -> Installation:
        """The installation; raises `SlackRefused` for a token that will not do, else `SendLater`."""
        async with self._asking:
            if self._known is None:
                self._known = await self._ask()
            return self._known

    async def get(self, team: str) -> Installation | None:
        """The installation, if it is in this workspace."""
        known = await self._patiently()
        return known if known.team == team else None

    async def teams(self) -> tuple[str, ...]:
        """The workspace's id."""
        return ((await self._patiently()).team,)

    async def forget(self, team: str) -> None:
        """Ask again before the token is used again."""
        if self._known is not None and self._known.team == team:
            self._known = None

    async def _patiently(self) -> Installation:
        """A wrong token is for whoever starts the bot to hear of: nothing that waits is given up for it."""
        try:
            return await self.learn()
        except SlackRefused as error:
            raise SendLater(str(error)) from error

    async def _ask(self) -> Installation:
        try:
            answer = await self._client.auth_test()
        except UNREACHABLE as error:
            raise refused(error, BOT_TOKEN) from error
        text = {name: str(answer.get(name) or "") for name in ("team_id", "user_id", "bot_id", "team", "enterprise_id")}
        if not text["team_id"] or not text["user_id"]:
            raise SendLater("Slack could not be reached: its answer to auth.test names no workspace.")
        granted = str(answer.headers.get("x-oauth-scopes") or "")
        return Installation(
            team=text["team_id"],
            token=self._token,
            bot_user=text["user_id"],
            bot=text["bot_id"],
            name=text["team"],
            enterprise=text["enterprise_id"],
            scopes=split_scopes(granted),
        )


class ManyWorkspaces:
    """Every workspace that installed the bot, kept encrypted; each look reads what is kept, so that processes agree."""

    def __init__(self, keep: Keep, vault: Vault) -> None:
        self.keep = keep
        self._vault = vault

    async def get(self, team: str) -> Installation | None:
        """The installation in this workspace; raises `SendLater` where no key opens it."""
        sealed = await self.keep.get(PREFIX + team)
        if sealed is None:
            return None
        try:
            return _read(self._vault.open(sealed), team)
        except Sealed as error:
            raise SendLater(_unreadable(team)) from error

    async def teams(self) -> tuple[str, ...]:
        """The workspaces' ids."""
        return tuple(key.removeprefix(PREFIX) for key in await self.keep.under(PREFIX))

    async def add(self, installation: Installation) -> None:
        """Keep an installation, in place of the workspace's former one."""
        text = json.dumps(asdict(installation), ensure_ascii=True)
        await self.keep.put(PREFIX + installation.team, self._vault.seal(text))

    async def forget(self, team: str) -> None:
        """Delete what is kept of a workspace."""
        await self.keep.take(PREFIX + team)

    async def rotate(self) -> int:
        """Encrypt with the first key what is kept under an older one; returns how many these were.

        What no key opens stays as it is, and the log says so.
        """
        changed = 0
        for key, sealed in (await self.keep.under(PREFIX)).items():
            try:
                renewed = self._vault.renew(sealed)
            except Sealed:
                log.error(_unreadable(key.removeprefix(PREFIX)))
                continue
            if renewed is not None:
                await self.keep.put(key, renewed)
                changed += 1
        return changed


def split_scopes(granted: str) -> tuple[str, ...]:
    """Scopes as Slack lists them, parted by commas."""
    return tuple(each.strip() for each in granted.split(",") if each.strip())


def _unreadable(team: str) -> str:
    return (
        f"The token kept for the workspace {team} opens with none of the keys in slack.encryption_keys: put the former "
        "key back behind the new one, or have the workspace install the app again."
    )


def _read(text: str, team: str) -> Installation | None:
    fields = json.loads(text)
    installation = Installation(**fields | {"scopes": tuple(fields["scopes"])})
    return installation if installation.team == team else None
