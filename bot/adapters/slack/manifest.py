"""The app's manifest: pasted into Slack, it makes an app with the command table's commands and just the scopes needed.

Shape and limits are from Slack's manifest reference and its published JSON schema, version 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.adapters.slack import paths
from bot.adapters.slack.answers import LOOK_UP_PAPER, NOMINATE_LINK
from bot.adapters.slack.commands import slash
from bot.adapters.slack.options import Mode, check_prefix
from bot.adapters.slack.refusals import SlackRefused
from bot.adapters.slack.scopes import EVENTS, SCOPES
from bot.core.commands import Audience, Command
from bot.core.text import clip

MOST_COMMANDS = 25
"""So many slash commands are safe: the schema takes 50, app pages fewer."""

LONGEST_NAME = 35
LONGEST_COMMAND = 32
LONGEST_DESCRIPTION = 2000
LONGEST_HINT = 1000

ABOUT = "Runs a community's weekly paper: look papers up, nominate what you read, vote, and get the issue every week."

SHORTCUTS: Sequence[Mapping[str, str]] = (
    {
        "name": "Nominate this link",
        "type": "message",
        "callback_id": NOMINATE_LINK,
        "description": "Propose the message's link for the next issue",
    },
    {
        "name": "Look a paper up",
        "type": "global",
        "callback_id": LOOK_UP_PAPER,
        "description": "Find a paper by its arXiv id or link",
    },
)

_GROUPS: Mapping[str, str] = {
    "newsletter": "Set a newsletter up, and run it",
    "item": "Change what stands on the ballot or in the draft",
}


def manifest(
    commands: Sequence[Command],
    *,
    mode: Mode = "socket",
    public_url: str = "",
    prefix: str = "",
    name: str = "Broadsheet",
    many: bool = False,
) -> str:
    """The manifest as YAML.

    public_url: the address under which Slack and browsers reach us; HTTP and `many` need it. prefix: what comes before
    each command's name. many: workspaces install the app by "Add to Slack". Raises `SlackRefused` for what Slack would
    not take.
    """
    if mode == "http" or many:
        _check_url(public_url)
    if not 0 < len(name) <= LONGEST_NAME:
        raise SlackRefused(f"The app's name has 1 to {LONGEST_NAME} characters.")
    url = paths.below(public_url, paths.EVENTS) if mode == "http" else ""
    oauth: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if many:
        oauth = {"redirect_urls": [paths.below(public_url, paths.REDIRECT)], **oauth}
    content = {
        "display_information": {"name": name, "description": ABOUT},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [dict(each) for each in SHORTCUTS],
            "slash_commands": _commands(commands, prefix, url),
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": _filled(request_url=url) | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | _filled(request_url=url, message_menu_options_url=url),
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


def _commands(commands: Sequence[Command], prefix: str, url: str) -> list[dict[str, Any]]:
    check_prefix(prefix)
    names = slash(commands, prefix)
    if len(names) > MOST_COMMANDS:
        raise SlackRefused(f"Slack takes {MOST_COMMANDS} commands of an app at most, not {len(names)}.")
    return [_command(name, behind, url) for name, behind in names.items()]


def _command(name: str, behind: Sequence[Command], url: str) -> dict[str, Any]:
    """A slash command; users and channels in its text arrive as ids, since it is escaped."""
    if len(name) > LONGEST_COMMAND:
        raise SlackRefused(
            f"{name} is too long for Slack, which takes {LONGEST_COMMAND} characters: choose a shorter prefix."
        )
    first = behind[0]
    group, _, _ = first.name.partition(" ")
    if first.name == group:
        description, hint = first.description, first.usage.removeprefix(f"/{first.name}").strip()
    else:
        description = _GROUPS.get(group, first.description)
        hint = " | ".join(each.name.removeprefix(f"{group} ") for each in behind)
    if all(each.audience is Audience.EDITOR for each in behind):
        description += " (for editors)"
    return {
        "command": name,
        **_filled(url=url),
        "description": clip(description, LONGEST_DESCRIPTION),
        **_filled(usage_hint=clip(hint, LONGEST_HINT)),
        "should_escape": True,
    }


def _filled(**fields: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _check_url(url: str) -> None:
    if not re.fullmatch(r"https?://[^/\s]\S*", url):
        raise SlackRefused("Slack needs our public address: set slack.public_url, such as https://paper.example.org.")
