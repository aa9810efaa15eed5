"""How the app comes into workspaces of the loopback Slack, and leaves them: OAuth, tokens, revocation."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from tests.fakes.slack_calls import Answer, Call
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Grant, Json, Refusal, User, Workspace

CODE_LIVES = timedelta(minutes=10)


@dataclass
class _Code:
    workspace: Workspace
    installer: User
    redirect_uri: str
    scopes: tuple[str, ...]
    at: datetime


class Accounts:
    """The app's identity, its codes and its tokens."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.client_id = "1111.2222"
        self.client_secret = "client-secret"
        self.signing_secret = "signing-secret"
        self.app_scopes: tuple[str, ...] = ("connections:write",)
        self.app_token = "xapp-1-A0BROADSHEET-1-secret"
        self.verification = "verification-token"
        self._codes: dict[str, _Code] = {}
        self._numbers = itertools.count(1)

    def methods(self) -> dict[str, Answer]:
        """What answers each method that asks for a bot token."""
        return {"auth.revoke": self._revoke, "apps.uninstall": self._uninstall}

    def grant(self, token: str) -> Grant:
        """What a token stands for; refused where it is not, or no longer, good."""
        if not token:
            raise Refusal("not_authed")
        found = self.state.grants.get(token)
        if found is None:
            raise Refusal("not_allowed_token_type" if token == self.app_token else "invalid_auth")
        if found.refused:
            raise Refusal(found.refused)
        return found

    def check_app_token(self, token: str) -> None:
        """Refuse what is not the app's own token, or one that may not open connections."""
        if token != self.app_token:
            self.grant(token)
            raise Refusal("not_allowed_token_type")
        if "connections:write" not in self.app_scopes:
            raise Refusal("missing_scope", needed="connections:write", provided=",".join(self.app_scopes))

    # OAuth.

    def authorize(self, workspace: Workspace, installer: User, query: dict[str, str]) -> str:
        """The address that Slack sends a person to who allowed the app: what the authorize page was asked for."""
        assert query.get("client_id") == self.client_id, "this is another app's page"
        code = f"{next(self._numbers)}.code"
        scopes = tuple(filter(None, query.get("scope", "").split(",")))
        self._codes[code] = _Code(workspace, installer, query.get("redirect_uri", ""), scopes, self.state.now())
        back = query.get("redirect_uri", "")
        return f"{back}{'&' if '?' in back else '?'}{urlencode({'code': code, 'state': query.get('state', '')})}"

    def exchange(self, arguments: Json, basic: tuple[str, str] | None) -> Json:
        """Answer oauth.v2.access."""
        client = basic or (str(arguments.get("client_id", "")), str(arguments.get("client_secret", "")))
        if client[0] != self.client_id:
            raise Refusal("invalid_client_id")
        if client[1] != self.client_secret:
            raise Refusal("bad_client_secret")
        found = self._codes.get(str(arguments.get("code", "")))
        if found is None:
            raise Refusal("invalid_code")
        if (arguments.get("redirect_uri") or found.redirect_uri) != found.redirect_uri:
            raise Refusal("bad_redirect_uri")
        del self._codes[str(arguments["code"])]
        if self.state.now() - found.at > CODE_LIVES:
            raise Refusal("code_expired")
        workspace = found.workspace
        grant = self.state.install(workspace, found.scopes)
        return {
            "app_id": self.state.app_id,
            "authed_user": {"id": found.installer.id},
            "scope": ",".join(grant.scopes),
            "token_type": "bot",
            "access_token": grant.token,
            "bot_user_id": workspace.bot.id,
            "team": {"id": workspace.id, "name": workspace.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    # How tokens end.

    def revoke(self, workspace: Workspace, reason: str = "token_revoked") -> None:
        """Have the workspace's token refused from now on: token_revoked, account_inactive or invalid_auth."""
        assert workspace.grant
        workspace.grant.refused = reason
        tokens = {"oauth": [], "bot": [workspace.bot.id]}
        self.state.emit(workspace.id, {"type": "tokens_revoked", "tokens": tokens, "event_ts": self.state.ts()})

    def uninstall(self, workspace: Workspace) -> None:
        """Take the app out of a workspace: Slack tells both events."""
        self.revoke(workspace, "account_inactive")
        self.state.emit(workspace.id, {"type": "app_uninstalled", "event_ts": self.state.ts()})

    def _revoke(self, call: Call) -> Json:
        if call.flag("test"):
            return {"revoked": False}
        self.revoke(call.workspace)
        return {"revoked": True}

    def _uninstall(self, call: Call) -> Json:
        if call.text("client_id") != self.client_id:
            raise Refusal("invalid_client_id")
        if call.text("client_secret") != self.client_secret:
            raise Refusal("bad_client_secret")
        self.uninstall(call.workspace)
        return {}
