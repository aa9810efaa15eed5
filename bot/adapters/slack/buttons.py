"""Buttons: what they run stands in their value, so that they work for as long as the message stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.adapters.slack.limits import LABEL, VALUE, units
from bot.adapters.slack.text import flat
from bot.core.post import Button
from bot.core.text import clip

ACTION = "command:"
"""What the action_id of every button of ours begins with; a number follows, as Slack wants them different."""


def value(button: Button) -> str | None:
    """The command and its options as `decode` reads them, None where they are too long: such a button is left out."""
    made = json.dumps({"command": button.command, "options": dict(button.options)})
    return made if len(made) <= VALUE else None


def decode(value: str) -> tuple[str, dict[str, str]] | None:
    """The command and the options of the button with this value, None where it is none of ours."""
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return None
    command, options = (told.get("command"), told.get("options")) if isinstance(told, dict) else (None, None)
    if not isinstance(command, str) or not isinstance(options, dict):
        return None
    if not all(isinstance(each, str) for each in options.values()):
        return None
    return command, options


def usable(buttons: Sequence[Button]) -> tuple[Button, ...]:
    """The buttons that Slack can show."""
    return tuple(each for each in buttons if value(each) is not None)


def element(button: Button, number: int) -> dict[str, Any]:
    """The button as Slack gets it; its number is its place in the message."""
    made: dict[str, Any] = {
        "type": "button",
        "text": {"type": "plain_text", "text": _label(button.label), "emoji": False},
        "action_id": f"{ACTION}{number}",
        "value": value(button) or "",
    }
    return made | {"style": "primary"} if button.primary else made


def _label(text: str) -> str:
    label = flat(text).strip() or "…"
    length = LABEL
    while units(label) > LABEL:
        length -= 1
        label = clip(label, length)
    return label
