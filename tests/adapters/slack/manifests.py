"""What Slack takes in an app's manifest: the facts of its published JSON schema, version 1, for the parts we write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ADDRESS = r"https?://.*"


@dataclass(frozen=True)
class Text:
    """A text of so many characters, that looks like this."""

    most: int
    least: int = 0
    pattern: str = r"[\s\S]*"

    def wrong(self, value: object) -> bool:
        if not isinstance(value, str) or not self.least <= len(value) <= self.most:
            return True
        return re.fullmatch(self.pattern, value) is None


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def wrong(self, value: object) -> bool:
        return not isinstance(value, bool)


@dataclass(frozen=True)
class Many:
    """A list of so many."""

    each: Any
    most: int
    least: int = 0


@dataclass(frozen=True)
class Table:
    """A table with these fields and no others."""

    fields: Mapping[str, Any]
    required: frozenset[str] = field(default_factory=frozenset)


SHORTCUT = Table(
    {
        "name": Text(24, 1),
        "type": Text(7, pattern="message|global"),
        "callback_id": Text(255, 1),
        "description": Text(150, 1),
    },
    frozenset({"name", "type", "callback_id", "description"}),
)
SLASH_COMMAND = Table(
    {
        "command": Text(32, 2, "/.*"),
        "url": Text(3000, pattern=ADDRESS),
        "description": Text(2000, 1),
        "usage_hint": Text(1000, 1),
        "should_escape": Flag(),
    },
    frozenset({"command", "description"}),
)
HOME = Table(dict.fromkeys(("home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"), Flag()))
BOT_USER = Table({"display_name": Text(80, 1), "always_online": Flag()}, frozenset({"display_name"}))
SETTINGS = Table(
    {
        "event_subscriptions": Table({"request_url": Text(3500, pattern=ADDRESS), "bot_events": Many(Text(50), 100)}),
        "interactivity": Table(
            {
                "is_enabled": Flag(),
                "request_url": Text(3500, pattern=ADDRESS),
                "message_menu_options_url": Text(3500, pattern=ADDRESS),
            },
            frozenset({"is_enabled"}),
        ),
        "org_deploy_enabled": Flag(),
        "socket_mode_enabled": Flag(),
        "token_rotation_enabled": Flag(),
    }
)
MANIFEST = Table(
    {
        "display_information": Table({"name": Text(35, 1), "description": Text(139, 1)}, frozenset({"name"})),
        "features": Table(
            {
                "app_home": HOME,
                "bot_user": BOT_USER,
                "shortcuts": Many(SHORTCUT, 10, 1),
                "slash_commands": Many(SLASH_COMMAND, 50, 1),
            }
        ),
        "oauth_config": Table(
            {"redirect_urls": Many(Text(2500), 1000), "scopes": Table({"bot": Many(Text(50), 255)})},
        ),
        "settings": SETTINGS,
    },
    frozenset({"display_information"}),
)


def faults(value: object, rule: Any = MANIFEST, where: str = "") -> Iterator[str]:
    """What Slack would not take, each by where it stands."""
    match rule:
        case Table() if isinstance(value, dict):
            yield from (f"{where}/{name} is not known" for name in value.keys() - rule.fields.keys())
            yield from (f"{where}/{name} is missing" for name in rule.required - value.keys())
            for name in value.keys() & rule.fields.keys():
                yield from faults(value[name], rule.fields[name], f"{where}/{name}")
        case Many() if isinstance(value, list):
            if not rule.least <= len(value) <= rule.most or len({str(each) for each in value}) < len(value):
                yield f"{where} has {len(value)}, or one twice"
            for number, each in enumerate(value):
                yield from faults(each, rule.each, f"{where}/{number}")
        case Text() | Flag() if not rule.wrong(value):
            return
        case _:
            yield f"{where} is {value!r}"
