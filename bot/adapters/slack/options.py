"""How Slack is reached, as the settings have it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from bot.adapters.slack.refusals import SlackRefused

Mode = Literal["socket", "http"]

MODES: tuple[Mode, ...] = ("socket", "http")


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """How Slack is reached.

    mode: over a socket that we open, or over HTTP requests that Slack makes. api_url: Slack's Web API, or what stands
    in its place. bot_token: the one workspace's token; without it, workspaces install the app by themselves, for which
    client_id, client_secret, encryption_keys (Fernet keys, the newest first) and public_url are needed. app_token: for
    a socket. signing_secret: for HTTP. command_prefix: stands before each slash command. ping_interval: seconds
    between signs of life on a socket. host, port: where our pages and, over HTTP, Slack's requests are taken.
    public_url: the address under which the world reaches them.
    """

    mode: Mode = "socket"
    api_url: str = "https://slack.com/api/"
    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    command_prefix: str = ""
    ping_interval: float = 10
    proxy: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 3000
    public_url: str = ""

    @property
    def many(self) -> bool:
        """Whether workspaces install the app by themselves."""
        return not self.bot_token

    def check(self) -> None:
        """Raise `SlackRefused` for a setting that the mode needs and that is missing, and for one that will not do."""
        check_prefix(self.command_prefix)
        needed = {"slack.app_token": self.app_token} if self.mode == "socket" else {}
        if self.mode == "http":
            needed["slack.signing_secret"] = self.signing_secret
        if self.many:
            needed |= {
                "slack.client_id": self.client_id,
                "slack.client_secret": self.client_secret,
                "slack.encryption_keys": "".join(self.encryption_keys),
                "slack.public_url": self.public_url,
            }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            why = "one workspace needs slack.bot_token, many need the others" if self.many else f"mode {self.mode}"
            raise SlackRefused(f"Set {', '.join(missing)} ({why}).")


def check_prefix(prefix: str) -> None:
    """Raise `SlackRefused` for a prefix that no slash command can begin with."""
    if not re.fullmatch(r"[a-z0-9_-]{0,20}", prefix):
        raise SlackRefused("slack.command_prefix takes at most 20 small letters, digits, - and _, such as bs-.")
