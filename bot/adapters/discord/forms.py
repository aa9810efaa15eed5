"""Forms as Discord's modals: five fields a page, what was typed kept for another try, nothing lost in a restart.

What a modal or its buttons stand for is in their custom_id, so that any process can take them up.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.core.commands import Caller, Choice, Command, Option, OptionKind, find
from bot.core.front import Front
from bot.core.post import Field, Form
from bot.core.text import clip

FIELDS = 5
"""Discord's limit on the fields of a modal."""

CHOICES = 25
"""Discord's limit on the choices of a select."""

LONGEST_NAME = 45
"""Discord's limit on a modal's title and a field's label."""

LONGEST_HINT = 100
"""Discord's limit on a field's description and placeholder."""

LONGEST_VALUE = 4_000
"""Discord's limit on a text field's content."""

LONG = 80
"""A text longer than this is edited in a field of several lines."""

MOST_DRAFTS = 200

_CHOSEN = {OptionKind.CHOICE, OptionKind.WEEKDAY, OptionKind.FLAG, OptionKind.SECTION}
_SLIP = re.compile(r"bs-(form|more|again):([0-9]{1,2})/([0-9]{1,2}):([a-z0-9 _-]{1,70})")


@dataclass(frozen=True, slots=True)
class Slip:
    """What a custom_id of ours says: a form was filled in, its next page is wanted, or it is tried again.

    Pages count from 1.
    """

    kind: str
    page: int
    pages: int
    command: str

    @property
    def custom_id(self) -> str:
        """The slip as Discord keeps it."""
        return f"bs-{self.kind}:{self.page}/{self.pages}:{self.command}"

    @property
    def next(self) -> Slip | None:
        """The slip that asks for the next page, if there is one."""
        return replace(self, kind="more", page=self.page + 1) if self.page < self.pages else None

    @property
    def again(self) -> Slip:
        """The slip that asks for this page again."""
        return replace(self, kind="again")


def slip(custom_id: str) -> Slip | None:
    """The slip that a custom_id is, or None where it is something else."""
    match = _SLIP.fullmatch(custom_id)
    return Slip(match[1], int(match[2]), int(match[3]), match[4]) if match else None


class Drafts:
    """What was typed into forms that were refused, by member; the oldest are forgotten, as all are in a restart."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str, int], Mapping[str, str]] = OrderedDict()

    def keep(self, caller: Caller, slip: Slip, values: Mapping[str, str]) -> None:
        """Keep what a member typed."""
        key = _key(caller, slip)
        self._kept[key] = dict(values)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_DRAFTS:
            self._kept.popitem(last=False)

    def take(self, caller: Caller, slip: Slip) -> Mapping[str, str]:
        """What the member typed into this form the last time, which is forgotten with this."""
        return self._kept.pop(_key(caller, slip), {})


def _key(caller: Caller, slip: Slip) -> tuple[str, str, str, int]:
    return (caller.channel.id, caller.member.id, slip.command, slip.page)


async def modal(
    front: Front, caller: Caller, form: Form, page: int = 1, typed: Mapping[str, str] | None = None
) -> discord.ui.Modal:
    """A page of a form as a modal, filled in with what the form knows and, above that, what was typed before."""
    command = find(front.commands, form.command)
    fields = [each for each in form.fields if _kind(command, each) is not OptionKind.FILE]
    pages = max(1, -(-len(fields) // FIELDS))
    page = min(page, pages)
    title = form.title if pages == 1 else f"{clip(form.title, LONGEST_NAME - 6)} ({page}/{pages})"
    slip = Slip("form", page, pages, form.command)
    shown = discord.ui.Modal(title=clip(title, LONGEST_NAME), custom_id=slip.custom_id)
    for each in fields[(page - 1) * FIELDS : page * FIELDS]:
        field = replace(each, value=(typed or {}).get(each.option, each.value))
        option = command.option(each.option) or Option(each.option, each.label)
        shown.add_item(_label(option, field, await _choices(front, caller, command, option)))
    # It is answered by its custom_id, so discord.py need not remember it.
    shown.stop()
    return shown


def _kind(command: Command, field: Field) -> OptionKind:
    option = command.option(field.option)
    return option.kind if option else OptionKind.TEXT


async def _choices(front: Front, caller: Caller, command: Command, option: Option) -> Sequence[Choice]:
    if option.kind not in _CHOSEN:
        return ()
    found = await front.complete(caller, command.name, option.name, "")
    return found if len(found) <= CHOICES else ()


def _label(option: Option, field: Field, choices: Sequence[Choice]) -> discord.ui.Label[Any]:
    component: discord.ui.Item[Any] = _select(option, field, choices) if choices else _text(option, field)
    return discord.ui.Label(
        text=clip(field.label, LONGEST_NAME), description=clip(option.description, LONGEST_HINT), component=component
    )


def _select(option: Option, field: Field, choices: Sequence[Choice]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=clip(each.label, 100),
            value=clip(each.value, 100),
            default=field.value.casefold() == each.value.casefold(),
        )
        for each in choices
    ]
    return discord.ui.Select(custom_id=option.name, options=options, required=option.required)


def _text(option: Option, field: Field) -> discord.ui.TextInput[Any]:
    long = len(field.value) > LONG or "\n" in field.value
    return discord.ui.TextInput(
        custom_id=option.name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        default=clip(field.value, LONGEST_VALUE) or None,
        required=option.required,
        max_length=LONGEST_VALUE,
    )


def submitted(data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by option, from a submitted modal's data; a field left empty is an empty string."""
    values: dict[str, str] = {}
    for row in data.get("components", ()):
        field = row.get("component") or {}
        name = field.get("custom_id")
        if name:
            chosen = field.get("values")
            values[name] = str(field.get("value") or "") if chosen is None else ", ".join(map(str, chosen))
    return values
