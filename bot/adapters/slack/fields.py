"""Fields of a modal: the element of Block Kit for what an option takes.

Limits: https://docs.slack.dev/reference/block-kit/block-elements and .../composition-objects/option-object
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.core.commands import Choice, Option, OptionKind, time_of_day
from bot.core.text import clip

LABEL = 2_000
PLAIN = 75
"""Slack's limit on the text of an option."""

VALUE = 150
"""Slack's limit on the value of an option."""

LONGEST = 3_000
"""Slack's limit on a text that is filled in already or typed in."""

LONG = 80
"""A text longer than this is edited in a field of several lines."""

_LONG_TEXTS = frozenset({"note", "summary"})
_NUMBERS = {OptionKind.WHOLE, OptionKind.ISSUE, OptionKind.NOMINATION}


def plain(text: str) -> dict[str, Any]:
    """A text that is shown letter by letter."""
    return {"type": "plain_text", "text": text or "…", "emoji": False}


def element(option: Option, value: str, choices: Sequence[Choice] | None) -> dict[str, Any]:
    """The element for an option, filled in with a value.

    choices: all that there is to choose from, nothing where it is open, None where there is too much to list, so that
    Slack asks for what fits while it is typed.
    """
    usable = [each for each in choices or () if each.value and len(each.value) <= VALUE]
    if choices is None:
        return _searched(option, value)
    if usable:
        return _chosen(option, value, usable)
    match option.kind:
        case OptionKind.TIME:
            return _time(option, value)
        case OptionKind.MEMBERS:
            return {"type": "multi_users_select", "action_id": option.name}
        case OptionKind.FILE:
            return {"type": "file_input", "action_id": option.name, "max_files": 1}
        case kind if kind in _NUMBERS:
            return _number(option, value)
        case _:
            return _text(option, value)


def _searched(option: Option, value: str) -> dict[str, Any]:
    initial = {"initial_option": _option(Choice(value, value))} if value and len(value) <= VALUE else {}
    return {"type": "external_select", "action_id": option.name, "min_query_length": 0, **initial}


def _chosen(option: Option, value: str, choices: Sequence[Choice]) -> dict[str, Any]:
    wanted = value.casefold()
    chosen = next((each for each in choices if wanted in (each.value.casefold(), each.label.casefold())), None)
    initial = {"initial_option": _option(chosen)} if chosen and value else {}
    return {
        "type": "static_select",
        "action_id": option.name,
        "options": [_option(each) for each in choices],
        **initial,
    }


def _option(choice: Choice) -> dict[str, Any]:
    return {"text": plain(clip(choice.label, PLAIN)), "value": choice.value}


def _time(option: Option, value: str) -> dict[str, Any]:
    time = time_of_day(value)
    initial = {"initial_time": f"{time:%H:%M}"} if time else {}
    return {"type": "timepicker", "action_id": option.name, **initial}


def _number(option: Option, value: str) -> dict[str, Any]:
    number = int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
    within = number is not None and option.minimum <= number <= option.maximum
    return {
        "type": "number_input",
        "action_id": option.name,
        "is_decimal_allowed": False,
        "min_value": str(option.minimum),
        "max_value": str(option.maximum),
        **({"initial_value": str(number)} if within else {}),
    }


def _text(option: Option, value: str) -> dict[str, Any]:
    long = option.name in _LONG_TEXTS or len(value) > LONG or "\n" in value
    filled = clip(value, LONGEST)
    return {
        "type": "plain_text_input",
        "action_id": option.name,
        "multiline": long,
        "max_length": LONGEST,
        **({"initial_value": filled} if filled else {}),
    }
