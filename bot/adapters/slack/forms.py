"""Forms as Slack's modals: a field for each option, by what it takes, and what was filled in.

What a modal stands for is in its private_metadata, so that any process can take it up.
Limits: https://docs.slack.dev/reference/views and https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.slack.fields import LABEL, PLAIN, element, plain
from bot.core.commands import Caller, Choice, Command, Option, OptionKind, find
from bot.core.desk import COMPLETIONS
from bot.core.front import Front
from bot.core.post import Field, Form
from bot.core.text import clip

CALLBACK = "form"

TITLE = 24
"""Slack's limit on a modal's title."""

HINT = 150

CHANNEL = "channel"
"""The field for the channel that a newsletter comes to; no option of a command is named so."""

PLACED = frozenset({"newsletter setup"})
"""Commands whose form asks for the channel too."""

NO_PLACE = "A newsletter comes to a channel, not to a direct message: use /newsletter setup there, or choose it here."

_COMPLETED = {OptionKind.SECTION, OptionKind.NOMINATION, OptionKind.ISSUE, OptionKind.ZONE}


@dataclass(frozen=True, slots=True)
class Slip:
    """What a modal stands for: the command that it runs, and where; the channel is empty where it was opened in none.

    thread: the message above, where it was opened in a thread.
    """

    command: str
    channel: str
    thread: str = ""

    def write(self) -> str:
        """The slip as a modal keeps it."""
        return json.dumps({"command": self.command, "channel": self.channel, "thread": self.thread})


def slip(view: Mapping[str, Any]) -> Slip | None:
    """The slip of a modal, or None where it is none of ours."""
    try:
        told = json.loads(str(view.get("private_metadata") or ""))
        return Slip(str(told["command"]), str(told["channel"]), str(told.get("thread") or ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


async def modal(front: Front, caller: Caller, form: Form, thread: str = "", shown: str = "") -> dict[str, Any]:
    """A form as a modal, filled in with what the form knows.

    shown: the command as one types it here, for a title that would be too long.
    """
    command = find(front.commands, form.command)
    fits = len(form.title) <= TITLE
    blocks: list[dict[str, Any]] = [] if fits else [{"type": "section", "text": plain(form.title)}]
    if command.name in PLACED:
        blocks.append(_place(caller.channel.id))
    for field in form.fields:
        option = command.option(field.option) or Option(field.option, field.label)
        blocks.append(_input(option, field, await _choices(front, caller, command, option)))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(form.title if fits else clip(shown or f"/{command.name}", TITLE)),
        "submit": plain("Submit"),
        "close": plain("Cancel"),
        "private_metadata": Slip(command.name, caller.channel.id, thread).write(),
        "blocks": blocks,
    }


async def _choices(front: Front, caller: Caller, command: Command, option: Option) -> Sequence[Choice] | None:
    """All that an option can be, nothing where that is open, or None where there is more than one answer holds."""
    if option.choices:
        return option.choices
    if option.kind is OptionKind.FLAG:
        return (Choice("Yes", "yes"), Choice("No", "no"))
    if option.kind not in _COMPLETED:
        return ()
    found = await front.complete(caller, command.name, option.name, "")
    return found if len(found) < COMPLETIONS else None


def _input(option: Option, field: Field, choices: Sequence[Choice] | None) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": option.name,
        "label": plain(clip(field.label, LABEL)),
        "hint": plain(clip(option.description, HINT)),
        "optional": not option.required,
        "element": element(option, field.value, choices),
    }


def placeless(command: str, channel: str) -> bool:
    """Whether the command asks for a channel and this is none, but a direct message."""
    return command in PLACED and (not channel or channel.startswith("D"))


def _place(channel: str) -> dict[str, Any]:
    picker: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if not placeless("newsletter setup", channel):
        picker["initial_conversation"] = channel
    return {
        "type": "input",
        "block_id": CHANNEL,
        "label": plain("Channel"),
        "hint": plain("Where issues and ballots are posted"),
        "element": picker,
    }


def submitted(view: Mapping[str, Any]) -> dict[str, str | list[dict[str, Any]]]:
    """What was filled in, by option: a text as the front reads it, or the files; what was left empty is left out."""
    values: dict[str, str | list[dict[str, Any]]] = {}
    state = (view.get("state") or {}).get("values") or {}
    for name, actions in state.items():
        for filled in actions.values():
            value = _value(filled)
            if value:
                values[name] = value
    return values


def _value(filled: Mapping[str, Any]) -> str | list[dict[str, Any]]:
    if filled.get("files"):
        return [dict(each) for each in filled["files"]]
    if filled.get("selected_users"):
        return " ".join(f"<@{each}>" for each in filled["selected_users"])
    chosen = filled.get("selected_option") or {}
    names = ("selected_conversation", "selected_channel", "selected_time", "value")
    return str(chosen.get("value") or next((filled[each] for each in names if filled.get(each)), ""))


def field_names(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a modal's fields, in their order."""
    return tuple(str(each.get("block_id")) for each in view.get("blocks") or () if each.get("type") == "input")


def suggestions(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """Choices as the options of a select."""
    return [{"text": plain(clip(each.label, PLAIN)), "value": each.value} for each in choices]
