"""Whether the elements inside blocks are such as Slack takes: buttons, selects, fields, texts, options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.slack_world import Json

SELECTS = frozenset(f"{many}{kind}_select" for many in ("", "multi_") for kind in (
    "static", "external", "users", "conversations", "channels"
))  # fmt: skip
CHOICES = frozenset({"checkboxes", "radio_buttons"})
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
FIELDS = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
FILES = "file_input"
ELEMENTS = SELECTS | CHOICES | PICKERS | {"button", "overflow"}
"""What an actions block, or a section beside its text, holds."""
INPUTS = SELECTS | CHOICES | PICKERS | FIELDS | {FILES}
"""What an input block holds."""

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def length(text: Any, least: int, most: int, where: str, *, needed: bool = True) -> Iterator[str]:
    """What is wrong with how long a text is."""
    if text is None and not needed:
        return
    if not isinstance(text, str):
        yield f"missing required field: {where.rpartition('/')[2]} [json-pointer:{where.rpartition('/')[0]}]"
    elif len(text) < least:
        yield f"must be more than {least - 1} characters [json-pointer:{where}]"
    elif len(text) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{where}]"


def text_object(found: Any, most: int, where: str, *, plain: bool = False) -> Iterator[str]:
    """What is wrong with a text object, which is plain where it must be."""
    if not isinstance(found, dict):
        yield f"missing required field: {where.rpartition('/')[2]} [json-pointer:{where.rpartition('/')[0]}]"
        return
    if found.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield f"unsupported type: {found.get('type')} [json-pointer:{where}/type]"
    yield from length(found.get("text"), 1, most, f"{where}/text")


def element(found: Json, where: str) -> Iterator[str]:
    """What is wrong with an element."""
    kind = found["type"]
    yield from length(found.get("action_id"), 1, 255, f"{where}/action_id", needed=False)
    if found.get("placeholder"):
        yield from text_object(found["placeholder"], 150, f"{where}/placeholder", plain=True)
    if found.get("confirm"):
        yield from _confirm(found["confirm"], f"{where}/confirm")
    if kind == "button":
        yield from _button(found, where)
    elif "static" in kind or kind in CHOICES or kind == "overflow":
        yield from _choice(found, kind, where)
    elif kind in PICKERS:
        yield from _picker(found, where)
    elif kind in FIELDS:
        yield from length(found.get("initial_value"), 0, 3000, f"{where}/initial_value", needed=False)
        if not 0 < found.get("max_length", 3000) <= 3000 or found.get("min_length", 0) > 3000:
            yield f"must be between 0 and 3000 [json-pointer:{where}/max_length]"
        if kind == "number_input" and not isinstance(found.get("is_decimal_allowed"), bool):
            yield f"missing required field: is_decimal_allowed [json-pointer:{where}]"
    elif kind == FILES and not 1 <= found.get("max_files", 10) <= 10:
        yield f"must be between 1 and 10 [json-pointer:{where}/max_files]"


def _button(found: Json, where: str) -> Iterator[str]:
    yield from text_object(found.get("text"), 75, f"{where}/text", plain=True)
    yield from length(found.get("value"), 0, 2000, f"{where}/value", needed=False)
    yield from length(found.get("url"), 1, 3000, f"{where}/url", needed=False)
    yield from length(found.get("accessibility_label"), 1, 75, f"{where}/accessibility_label", needed=False)
    if found.get("url") and not re.match(r"[a-z][a-z0-9+.-]*:", found["url"]):
        yield f"invalid url [json-pointer:{where}/url]"
    if found.get("style") not in (None, "primary", "danger"):
        yield f"must be one of: primary, danger [json-pointer:{where}/style]"


def _choice(found: Json, kind: str, where: str) -> Iterator[str]:
    most = 10 if kind in CHOICES else 5 if kind == "overflow" else 100
    groups = found.get("option_groups")
    if groups is not None and "static" in kind:
        if not 0 < len(groups) <= 100:
            yield f"must have between 1 and 100 items [json-pointer:{where}/option_groups]"
        for place, group in enumerate(groups):
            yield from text_object(group.get("label"), 75, f"{where}/option_groups/{place}/label", plain=True)
            yield from options(group.get("options"), most, f"{where}/option_groups/{place}/options")
        offered = [each for group in groups for each in group.get("options") or []]
    else:
        yield from options(found.get("options"), most, f"{where}/options")
        offered = found.get("options") or []
    chosen = [found["initial_option"]] if found.get("initial_option") else found.get("initial_options") or []
    if any(each not in offered for each in chosen):
        yield f"must be among the options [json-pointer:{where}/initial_option]"


def options(found: Any, most: int, where: str) -> Iterator[str]:
    """What is wrong with the options of a select or of its answer."""
    if not isinstance(found, list) or not 0 < len(found) <= most:
        yield f"must have between 1 and {most} items [json-pointer:{where}]"
        return
    for place, each in enumerate(found):
        yield from text_object(each.get("text"), 75, f"{where}/{place}/text")
        yield from length(each.get("value"), 1, 150, f"{where}/{place}/value")
        if each.get("description"):
            yield from text_object(each["description"], 75, f"{where}/{place}/description")
    values = [each.get("value") for each in found]
    if len(values) != len(set(values)):
        yield f"must have unique values [json-pointer:{where}]"


def _picker(found: Json, where: str) -> Iterator[str]:
    for name, pattern in (("initial_time", _TIME), ("initial_date", _DATE)):
        if found.get(name) is not None and not pattern.fullmatch(str(found[name])):
            yield f"invalid format [json-pointer:{where}/{name}]"


def _confirm(found: Json, where: str) -> Iterator[str]:
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        yield from text_object(found.get(name), most, f"{where}/{name}", plain=name != "text")
