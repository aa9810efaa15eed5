from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.buttons import element
from bot.adapters.slack.callers import PLATFORM
from bot.adapters.slack.forms import CHANNEL, PLACED, modal
from bot.core.commands import Audience, Caller, Command, OptionKind
from bot.core.model import Channel, Member
from bot.core.post import Button, Field, Form
from bot.core.table import COMMANDS
from bot.sources.markdown import read_newsletter_bytes
from tests.adapters.slack.test_forms import NEWSLETTER, upload
from tests.adapters.slack.town import READ, Club, Town, club, said, town
from tests.fakes.slack_interactions import Interaction
from tests.fakes.slack_world import Message


@dataclass(frozen=True, slots=True)
class Example:
    """One use of a command: its options, what comes back (a pattern), and whether everybody sees it.

    again: what comes back when it is used once more.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    again: str = ""
    public: bool = False


EXAMPLES: Mapping[str, Example] = {
    "paper": Example({"reference": "2103.06255", "show": "abstract"}, "Turns convolution around"),
    "nominate": Example(
        {"link": "https://example.org/some-other-long-read", "section": "Tools", "note": "Worth it"},
        "On the ballot as number 2, in Tools",
        "on the ballot already, as number 2",
        public=True,
    ),
    "ballot": Example({}, "how ballot 1 stands"),
    "issue": Example({"number": "1"}, "Readers Digest, week 1"),
    "help": Example({}, "What I can do"),
    "newsletter setup": Example({"name": "Weekly", "zone": "Asia/Tokyo", "mention": "none"}, "Weekly is changed"),
    "newsletter schedule": Example({"weekday": "Friday", "time": "10:30", "review": "6"}, "Every Friday at 10:30"),
    "newsletter sections": Example({"sections": "News, Code"}, "Sections: News, Code"),
    "newsletter editors": Example({"members": "<@ada>"}, r"Editors of Readers Weekly: \w+\."),
    "newsletter preview": Example({}, "A preview, for you alone"),
    "newsletter publish": Example({}, "is on its way", "nothing to publish"),
    "newsletter pause": Example({}, "Paused"),
    "newsletter resume": Example({}, "Next issue"),
    "newsletter forget": Example({}, "This deletes Readers Weekly"),
    "newsletter import": Example({"file": "digest.md"}, "Readers Digest, week 1"),
    "newsletter status": Example({}, "Readers Weekly: status"),
    "item edit": Example({"item": "1", "title": "Another title"}, "“Another title” is changed"),
    "item move": Example({"item": "1", "section": "Tools"}, "moved to Tools"),
    "item drop": Example({"item": "1"}, "is dropped", "is back in"),
    "item pin": Example({"item": "1"}, "no longer pinned", "is pinned"),
}
"""For each command of the table, what Ada may do with it where a newsletter, an issue and a pinned item are."""


def test_every_command_has_its_example() -> None:
    """A command that is new in the table needs an example here, with all that it requires."""
    assert set(EXAMPLES) == {each.name for each in COMMANDS}
    for command in COMMANDS:
        given = set(EXAMPLES[command.name].options)
        assert {each.name for each in command.options if each.required} <= given
        assert given <= {each.name for each in command.options}


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_every_command_works(tmp_path: Path, mode: str, command: Command) -> None:
    """Typed with its options, pressed as a button, and filled in as a form where it asks for one, each is answered."""
    async with town(tmp_path, mode) as here:
        readers = await _readers(here)
        example, values = EXAMPLES[command.name], _values(readers, command)
        told, attached = example.told, any(each.kind is OptionKind.FILE for each in command.options)
        if not attached:
            word, _, rest = command.name.partition(" ")
            text = " ".join((rest, *(f"{name}:{value}" for name, value in values.items()))).strip()
            done = await here.slack.type(readers.workspace, readers.paper, readers.ada, f"/{word}", text)
            _check(await _settled(here, done), told, public=example.public)
            told = example.again or told
            done = await here.slack.press(_button(readers, command, values), "Do it", readers.ada)
            _check(await _settled(here, done), told, public=example.public and not example.again)
        if attached or command.name in PLACED or any(each.required for each in command.options):
            assert re.search(f"{example.told}|{told}", await _by_form(readers, command, values))


async def test_every_form_is_one_that_slack_takes(tmp_path: Path) -> None:
    """Whatever a command asks for, Slack would show its form, with a field for each option."""
    async with town(tmp_path) as here:
        readers = await _readers(here)
        for command in COMMANDS:
            fields = tuple(Field(each.name, each.name.capitalize()) for each in command.options)
            view = await modal(here.desk, _ada(readers), Form(command.description, command.name, fields))
            here.slack.views.check(view, "modal")
            shown = [each["block_id"] for each in view["blocks"] if each["type"] == "input"]
            assert [each for each in shown if each != CHANNEL] == [each.name for each in command.options]


async def test_every_command_says_whom_it_is_for(tmp_path: Path) -> None:
    """What only editors may do nobody else may; all the rest is for everybody."""
    async with town(tmp_path) as here:
        readers = await _readers(here)
        for command in COMMANDS:
            button = _button(readers, command, _values(readers, command))
            done = await here.slack.press(button, "Do it", readers.ben)
            (answer,) = await _settled(here, done)
            assert ("is for the editors" in said(answer["blocks"])) is (command.audience is Audience.EDITOR)


async def _readers(here: Town) -> Club:
    """A club with a newsletter, an issue of it, and an item that is in for certain."""
    readers = club(here)
    await readers.set_up()
    newsletter = await here.desk.newsletter(_ada(readers).channel)
    assert newsletter
    await here.desk.importer.keep(newsletter, read_newsletter_bytes(NEWSLETTER)[0])
    await here.desk.invoke(_ada(readers), "nominate", {"link": READ})
    await here.desk.invoke(_ada(readers), "item pin", {"item": "1"})
    await here.work()
    return readers


def _ada(readers: Club) -> Caller:
    team = readers.workspace.id
    return Caller(Member(PLATFORM, team, readers.ada.id, "ada"), Channel(PLATFORM, team, readers.paper.id), admin=True)


def _values(readers: Club, command: Command) -> dict[str, str]:
    return {
        name: value.replace("<@ada>", f"<@{readers.ada.id}>") for name, value in EXAMPLES[command.name].options.items()
    }


async def _settled(here: Town, done: Interaction) -> list[dict[str, Any]]:
    assert done.ack == {}
    await here.idle()
    return done.answers


def _check(answers: list[dict[str, Any]], told: str, *, public: bool) -> None:
    shown = "\n".join(said(each["blocks"]) for each in answers)
    assert re.search(told, shown), shown
    assert {each["response_type"] for each in answers} == {"in_channel" if public else "ephemeral"}
    assert all(each["text"] for each in answers)


def _button(readers: Club, command: Command, values: Mapping[str, str]) -> Message:
    """A message of the bot's with a button that runs the command."""
    made = element(Button("Do it", command.name, tuple(values.items())), 0)
    blocks = [{"type": "actions", "block_id": "b", "elements": [made]}]
    return readers.town.slack.state.say(readers.paper, readers.workspace.bot, "Press", blocks=blocks)


async def _by_form(readers: Club, command: Command, values: Mapping[str, Any]) -> str:
    """What comes back for the form that the command opens when nothing is given."""
    word, _, rest = command.name.partition(" ")
    view = await readers.form(readers.ada, f"/{word}", rest)
    fields = {each["block_id"] for each in view.blocks if each["type"] == "input"}
    filled = {name: _chosen(readers, command, name, value) for name, value in values.items() if name in fields}
    before = len(readers.messages())
    await readers.submit(view, **filled)
    assert not view.errors
    seen = [said(each.blocks) for each in readers.messages()[before:]]
    return "\n".join((*seen, *readers.whispers(readers.ada)))


def _chosen(readers: Club, command: Command, name: str, value: str) -> Any:
    """A value as a person puts it into the form's field."""
    option = command.option(name)
    assert option
    match option.kind:
        case OptionKind.FILE:
            return [upload(readers.town, readers, value, NEWSLETTER)]
        case OptionKind.ZONE:
            return {"value": value, "text": {"type": "plain_text", "text": value}}
        case _:
            return value
