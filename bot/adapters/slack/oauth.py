"""Add to Slack: the pages by which a workspace installs the bot, after Slack's guide to OAuth v2."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode, urljoin, urlsplit

import structlog
from aiohttp import web
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.slack import paths
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.installations import Installation, ManyWorkspaces, split_scopes
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.pages import page
from bot.adapters.slack.refusals import UNREACHABLE, refused
from bot.adapters.slack.scopes import SCOPES, missing
from bot.adapters.slack.states import LASTING, States
from bot.core.errors import BroadsheetError, Refused, SendLater
from bot.core.ports import Clock

log = structlog.get_logger()

COOKIE = "broadsheet-slack-state"

ABOUT = "Broadsheet runs your community's weekly paper: nominate what you read, vote, and get the issue every week."


class OAuth:
    """Shows the pages, exchanges the code for a token, and keeps the installation.

    joined: is told the workspace's id after each installation.
    """

    def __init__(
        self,
        options: SlackOptions,
        installations: ManyWorkspaces,
        connection: Connection,
        clock: Clock,
        joined: Callable[[str], Awaitable[None]],
    ) -> None:
        self._options = options
        self._installations = installations
        self._connection = connection
        self._states = States(installations.keep, clock)
        self._joined = joined
        self._redirect_url = paths.below(options.public_url, paths.REDIRECT)
        self._again = ("Begin again", paths.below(options.public_url, paths.INSTALL))
        # A proxy before us may give us but a part of its addresses.
        self._cookie_path = paths.below(urlsplit(options.public_url).path, paths.PAGES)

    def routes(self) -> tuple[web.RouteDef, ...]:
        """The pages' addresses."""
        return (
            web.get(paths.INSTALL, self.install, allow_head=False),
            web.get(paths.REDIRECT, self.redirect, allow_head=False),
        )

    async def install(self, _: web.Request) -> web.Response:
        """The page with the button; its state is bound to the browser by a cookie."""
        state = await self._states.issue()
        response = page(
            "Add Broadsheet to Slack",
            ABOUT,
            link=("Add to Slack", self._authorize_url(state)),
        )
        response.set_cookie(
            COOKIE,
            state,
            max_age=int(LASTING.total_seconds()),
            path=self._cookie_path,
            secure=self._options.public_url.startswith("https://"),
            httponly=True,
            samesite="Lax",
        )
        return response

    async def redirect(self, request: web.Request) -> web.Response:
        """Where Slack sends the browser afterwards."""
        try:
            installation = await self._installed(request)
        except Refused as error:
            response = page("Nothing was installed", str(error), link=self._again, status=HTTPStatus.BAD_REQUEST)
        except BroadsheetError as error:
            log.error("an installation failed", reason=str(error))
            sentence = "Slack did not confirm the installation. Please try again in a few minutes."
            response = page("Nothing was installed", sentence, link=self._again, status=HTTPStatus.BAD_GATEWAY)
        else:
            response = self._welcome(installation)
        response.del_cookie(COOKIE, path=self._cookie_path)
        return response

    async def _installed(self, request: web.Request) -> Installation:
        state, code = request.query.get("state", ""), request.query.get("code", "")
        if request.query.get("error") == "access_denied":
            raise Refused("The installation was called off in Slack.")
        cookie = request.cookies.get(COOKIE, "")
        bound = hmac.compare_digest(cookie.encode(errors="replace"), state.encode(errors="replace"))
        if not state or not bound or not await self._states.redeem(state):
            raise Refused("This link was used before, is older than ten minutes, or was opened in another browser.")
        if not code:
            raise Refused("Slack sent no code along.")
        installation = await self._exchange(code)
        await self._installations.add(installation)
        log.info("installed", team=installation.team, name=installation.name)
        await self._tell(installation)
        return installation

    async def _exchange(self, code: str) -> Installation:
        """The installation that a code stands for; raises `BroadsheetError` where Slack will not say."""
        client = self._connection.client()
        try:
            answer = await client.api_call(
                "oauth.v2.access",  # slack_sdk's own method for it logs in by a class that aiohttp gives up
                data={
                    "client_id": self._options.client_id,
                    "client_secret": self._options.client_secret,
                    "code": code,
                    "redirect_uri": self._redirect_url,
                },
            )
            installation = _installation(answer)
            known = await self._connection.client(installation.token).auth_test()
            return replace(installation, bot=str(known.get("bot_id") or ""))
        except UNREACHABLE as error:
            raise refused(error, {}) from error

    async def _tell(self, installation: Installation) -> None:
        lacking = missing(installation.scopes)
        if lacking:
            log.warning("the workspace granted too little", team=installation.team, missing=", ".join(lacking))
        try:
            await self._joined(installation.team)
        except BroadsheetError as error:
            log.error("a new workspace could not be noted", team=installation.team, reason=str(error))

    def _authorize_url(self, state: str) -> str:
        """Slack's page of consent, which stands beside its Web API."""
        query = {
            "client_id": self._options.client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self._redirect_url,
            "state": state,
        }
        return f"{urljoin(self._options.api_url, '/oauth/v2/authorize')}?{urlencode(query)}"

    def _welcome(self, installation: Installation) -> web.Response:
        prefix = self._options.command_prefix
        return page(
            "Broadsheet is installed",
            f"Next, in {installation.name or 'your workspace'}: open the channel that is to get the newsletter, type "
            f"/invite @Broadsheet, then /{prefix}newsletter setup.",
            link=("Open Slack", f"https://app.slack.com/client/{installation.team}"),
        )


def _installation(answer: AsyncSlackResponse) -> Installation:
    """The installation in Slack's answer, which leaves the bot's own id out; raises `Refused` for an organisation's."""
    team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
    if answer.get("is_enterprise_install") or not team.get("id"):
        raise Refused("Broadsheet is installed in one workspace at a time: choose one, not the organisation.")
    token, bot_user = answer.get("access_token"), answer.get("bot_user_id")
    if not token or not bot_user:
        raise SendLater("Slack's answer to oauth.v2.access names no bot.")
    return Installation(
        team=str(team["id"]),
        token=str(token),
        bot_user=str(bot_user),
        bot="",
        name=str(team.get("name") or ""),
        enterprise=str(enterprise.get("id") or ""),
        scopes=split_scopes(str(answer.get("scope") or "")),
    )
