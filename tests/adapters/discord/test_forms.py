from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import simcord
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.answers import FORMS
from bot.adapters.discord.forms import CHOICES, FIELDS, MOST_DRAFTS, Drafts, Slip, modal, slip, submitted
from bot.core.commands import Caller, Choice, Command, Option, OptionKind
from bot.core.model import Channel, Member
from bot.core.post import Field, Form
from bot.core.table import COMMANDS
from tests.adapters.discord.town import answer, club, fields, said, town

FIRST = ("name", "weekday", "time", "zone", "sections")
SECOND = ("picks", "threshold", "per_section")

BEN = Caller(Member("discord", "1", "2", "Ben"), Channel("discord", "1", "3"))


def filled(result: simcord.InteractionResult, **changes: str) -> dict[str, Any]:
    """What an opened form sends: what it was filled in with, and what somebody changed."""
    values: dict[str, Any] = {}
    for name, field in fields(result).items():
        chosen = [each["value"] for each in field.get("options", ()) if each.get("default")]
        value = changes.get(name)
        values[name] = ([value] if value else chosen) if "options" in field else value or field.get("value") or ""
    return values


async def test_setup_asks_with_a_form(tmp_path: Path) -> None:
    """Without options, setup opens a form filled in with sane values, which starts the newsletter as it is sent."""
    async with town(tmp_path) as here:
        readers = club(here)
        asked = await readers.ada.slash(readers.paper, "newsletter setup")
        assert tuple(fields(asked)) == FIRST
        assert filled(asked) == {
            "name": "The Paper",
            "weekday": ["Monday"],
            "time": "09:00",
            "zone": "UTC",
            "sections": "Papers, Articles, Tools",
        }
        done = await readers.ada.submit_modal(asked, filled(asked, name="Weekly", weekday="Friday"))
        assert done.ephemeral
        assert "Weekly" in answer(done)
        assert "Friday at 09:00, UTC" in answer(done)
        await here.bot.work()
        assert "Weekly: ballot 1" in said(readers.ballot())


async def test_more_settings(tmp_path: Path) -> None:
    """What five fields do not hold is on a second page, a button away."""
    async with town(tmp_path) as here:
        readers = club(here)
        asked = await readers.ada.slash(readers.paper, "newsletter setup")
        done = await readers.ada.submit_modal(asked, filled(asked, name="Weekly"))
        assert done.response
        more = await readers.ada.click(done.response, label="More settings")
        assert tuple(fields(more))[:3] == SECOND
        assert more.modal
        assert more.modal["title"].endswith("(2/2)")
        ended = await readers.ada.submit_modal(more, filled(more, picks="9"))
        assert "up to 9 items" in answer(ended)
        assert "Weekly" in answer(ended)
        assert "More settings" not in answer(ended)


async def test_a_refused_form_can_be_mended(tmp_path: Path) -> None:
    """What is wrong is said in a sentence, with a button that opens the form as it was typed."""
    async with town(tmp_path) as here:
        readers = club(here)
        asked = await readers.ada.slash(readers.paper, "newsletter setup")
        refused = await readers.ada.submit_modal(asked, filled(asked, name="Weekly", zone="Atlantis", weekday="Sunday"))
        assert refused.ephemeral
        assert "not “Atlantis”" in answer(refused)
        assert refused.response
        again = await readers.ada.click(refused.response, label="Try again")
        assert filled(again)["zone"] == "Atlantis"
        assert filled(again)["weekday"] == ["Sunday"]
        done = await readers.ada.submit_modal(again, filled(again, zone="europe/berlin"))
        assert "Sunday at 09:00, Europe/Berlin" in answer(done)


async def test_forms_outlive_a_restart(tmp_path: Path) -> None:
    """A form opened before a restart can be sent after it, and a refused one opened anew with what is set."""
    async with town(tmp_path) as here:
        readers = club(here)
        asked = await readers.ada.slash(readers.paper, "newsletter setup")
        await here.restart()
        refused = await readers.ada.submit_modal(asked, filled(asked, time="late"))
        assert "a time such as 09:00" in answer(refused)
        await here.restart()
        assert refused.response
        again = await readers.ada.click(refused.response, label="Try again")
        assert filled(again)["time"] == "09:00"
        done = await readers.ada.submit_modal(again, filled(again))
        assert "The Paper" in answer(done)


async def test_a_form_is_for_editors(tmp_path: Path) -> None:
    """Who may not edit gets a sentence in the form's place."""
    async with town(tmp_path) as here:
        readers = club(here)
        (command,) = [each for each in await here.bot.client.tree.fetch_commands() if each.name == "newsletter"]
        readers.guild.set_command_permissions(command, {readers.ben: True})
        refused = await readers.ben.slash(readers.paper, "newsletter setup")
        assert refused.modal is None
        assert refused.ephemeral
        assert "is for the editors" in answer(refused)


async def test_an_empty_form_does_nothing(tmp_path: Path) -> None:
    """A form sent empty changes nothing and says so."""
    async with town(tmp_path) as here:
        readers = club(here)
        asked = await readers.ada.slash(readers.paper, "newsletter setup")
        done = await readers.ada.submit_modal(asked, {})
        assert "Nothing was filled in" in answer(done)


class Table:
    """A front with one command, which completes every option with the same choices."""

    def __init__(self, command: Command, choices: Sequence[Choice] = ()) -> None:
        self.commands = (command,)
        self.choices = tuple(choices)

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        return self.choices


async def nothing(*_: object) -> Form:
    return Form("", "")


kinds = st.sampled_from([each for each in OptionKind if each is not OptionKind.FILE])
names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=32)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5_000)
shorts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300)


@given(st.lists(st.tuples(names, kinds, shorts, words), min_size=1, max_size=13, unique_by=lambda each: each[0]),
       shorts, st.lists(names, max_size=30, unique=True))  # fmt: skip
async def test_every_form_fits_into_modals(
    rows: list[tuple[str, OptionKind, str, str]], title: str, choices: list[str]
) -> None:
    """Whatever a form asks, its pages are modals within Discord's limits that ask for each field once."""
    command = Command("some thing", "…", nothing, tuple(Option(name, label, kind) for name, kind, label, _ in rows))
    form = Form(title, command.name, tuple(Field(name, label, value) for name, _, label, value in rows))
    front: Any = Table(command, [Choice(each, each) for each in choices])
    asked: list[str] = []
    for page in range(1, -(-len(rows) // FIELDS) + 1):
        shown = (await modal(front, BEN, form, page)).to_dict()
        assert 1 <= len(shown["title"]) <= 45
        assert len(shown["custom_id"]) <= 100
        assert 1 <= len(shown["components"]) <= FIELDS
        for row in shown["components"]:
            field = row["component"]
            asked.append(field["custom_id"])
            assert 1 <= len(row["label"]) <= 45
            assert 1 <= len(row["description"]) <= 100
            assert len(field.get("value") or "") <= 4000
            assert 1 <= len(field.get("options", "x")) <= CHOICES
    assert asked == [name for name, _, _, _ in rows]


@given(st.sampled_from(["form", "more", "again"]), st.integers(1, 99), st.integers(1, 99), st.sampled_from(COMMANDS))
def test_a_slip_is_read_as_it_was_written(kind: str, page: int, pages: int, command: Command) -> None:
    """What a form stands for is in its custom_id, letter by letter."""
    written = Slip(kind, page, pages, command.name)
    assert slip(written.custom_id) == written
    assert len(written.custom_id) <= 100


@pytest.mark.parametrize("custom_id", ["", "bs:ballot", "bs-form:1/2:", "bs-form:a/b:ballot", "bs-form:1/2:\nballot"])
def test_what_is_no_slip(custom_id: str) -> None:
    """Other custom_ids are none of ours."""
    assert slip(custom_id) is None


def test_what_was_submitted() -> None:
    """Texts and choices are read from the labels they stand in; what is none of these is passed over."""
    data = {
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "name", "value": "Weekly"}},
            {"type": 18, "component": {"type": 3, "custom_id": "weekday", "values": ["Friday"]}},
            {"type": 18, "component": {"type": 3, "custom_id": "section", "values": []}},
            {"type": 18, "component": {"type": 4, "custom_id": "note", "value": None}},
            {"type": 10},
        ]
    }
    assert submitted(data) == {"name": "Weekly", "weekday": "Friday", "section": "", "note": ""}


def test_drafts_are_taken_once_and_the_oldest_forgotten() -> None:
    """A draft belongs to one member and form, and there are only so many."""
    drafts = Drafts()
    for page in range(MOST_DRAFTS + 1):
        drafts.keep(BEN, Slip("form", page, 1, "ballot"), {"page": str(page)})
    assert drafts.take(BEN, Slip("again", 0, 1, "ballot")) == {}
    assert drafts.take(BEN, Slip("again", 7, 1, "ballot")) == {"page": "7"}
    assert drafts.take(BEN, Slip("again", 7, 1, "ballot")) == {}


def test_commands_with_forms_are_in_the_table() -> None:
    """The commands that are asked for a form first are commands."""
    assert {each.name for each in COMMANDS} >= FORMS
