from __future__ import annotations

import asyncio
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.adapters.slack.fields import element
from bot.adapters.slack.forms import Slip, slip
from bot.core.commands import Choice, Option, OptionKind
from bot.core.model import Newsletter
from tests.adapters.slack.town import OTHER, READ, Club, Town, club, said, town
from tests.fakes.slack_faults import Fault
from tests.fakes.slack_views import View
from tests.fakes.slack_world import Json
from tests.world import INVOLUTION, FakeSource

NEWSLETTER = b"""# Readers Digest, week 1

## Papers

- [A Survey of Small Languages](https://example.org/small-languages): what little there is.
"""


def elements(view: View) -> dict[str, Json]:
    """A form's elements, by field."""
    return {each["block_id"]: each["element"] for each in view.blocks if each["type"] == "input"}


async def newsletter(here: Town, readers: Club) -> Newsletter:
    """The workspace's newsletter."""
    async with here.store.snapshot() as tx:
        (found,) = await tx.newsletters.of_community("slack", readers.workspace.id)
    return found


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_setting_up_with_a_form(tmp_path: Path, mode: str) -> None:
    """The form has pickers filled in with what holds now; sent, it sets the newsletter up in the channel chosen."""
    async with town(tmp_path, mode) as here:
        readers = club(here)
        other = here.slack.state.channel(readers.workspace, "other")
        view = await readers.form(readers.ada, "/newsletter", "setup")
        fields = elements(view)
        assert {name: each["type"] for name, each in fields.items()} == {
            "channel": "conversations_select",
            "name": "plain_text_input",
            "weekday": "static_select",
            "time": "timepicker",
            "zone": "external_select",
            "sections": "plain_text_input",
            "picks": "number_input",
            "threshold": "number_input",
            "per_section": "number_input",
            "language": "static_select",
        }
        assert fields["channel"]["initial_conversation"] == readers.paper.id
        assert fields["time"]["initial_time"] == "09:00"
        assert fields["weekday"]["initial_option"]["value"] == "Monday"
        chosen = {"value": "Europe/Berlin", "text": {"type": "plain_text", "text": "Europe/Berlin"}}
        done = await readers.submit(
            view, channel=other.id, name="Weekly", weekday="Friday", time="17:30", zone=chosen, language="ja"
        )
        assert not done.ack
        assert not here.slack.open_views(readers.ada)
        made = await newsletter(here, readers)
        assert (made.name, made.schedule.weekday, made.schedule.at) == ("Weekly", 4, time(17, 30))
        assert (made.schedule.zone, made.language) == ("Europe/Berlin", "ja")
        assert "Weekly comes to this channel" in readers.whispers(readers.ada, other)[-1]
        await here.work()
        assert ": ballot 1" in "".join(each.text for each in readers.messages(other))


async def test_zones_are_found_while_they_are_typed(tmp_path: Path) -> None:
    """There are too many time zones for a list: Slack asks for those that fit."""
    async with town(tmp_path) as here:
        readers = club(here)
        view = await readers.form(readers.ada, "/newsletter", "setup")
        assert [each["value"] for each in await here.slack.suggest(view, "zone", "berl")] == ["Europe/Berlin"]
        assert len(await here.slack.suggest(view, "zone", "")) > 10
        assert await here.slack.suggest(view, "zone", "nowhere") == []


async def test_errors_stand_at_their_fields(tmp_path: Path) -> None:
    """A value that cannot be read, and a refusal of the whole, stand where they can be mended; the form stays open."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        elsewhere = here.slack.state.channel(readers.workspace, "elsewhere")
        view = await readers.form(readers.ada, "/newsletter", "setup", elsewhere)
        await readers.submit(view, name="Another", sections=", ".join(f"Section {n}" for n in range(20)))
        assert view.errors == {"sections": "A newsletter has 12 sections at most."}
        zone = {"value": "Nowhere/Land", "text": {"type": "plain_text", "text": "Nowhere/Land"}}
        await readers.submit(view, name="Another", zone=zone, picks="99")
        assert set(view.errors) == {"zone", "picks"}
        assert "IANA time zone" in view.errors["zone"]
        assert here.slack.open_views(readers.ada) == [view]
        await readers.submit(view, name="Another")
        assert not here.slack.open_views(readers.ada)


async def test_a_refusal_that_names_no_field_stands_at_the_first(tmp_path: Path) -> None:
    """Who may not do something is told so in the form."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        view = await readers.form(readers.ada, "/newsletter", "setup")
        readers.ada.admin = False
        here.clock.advance(timedelta(minutes=6))
        await readers.submit(view, name="Mine")
        assert list(view.errors) == ["channel"]
        assert "is for the editors" in view.errors["channel"]


async def test_nothing_filled_in_is_nothing_done(tmp_path: Path) -> None:
    """A form for a newsletter that was emptied starts none."""
    async with town(tmp_path) as here:
        readers = club(here)
        view = await readers.form(readers.ada, "/newsletter", "setup")
        emptied: dict[str, Any] = {name: None for name in elements(view) if name != "channel"}
        await readers.submit(view, **emptied)
        assert view.errors["channel"] == "Nothing was filled in, so nothing was done."


async def test_an_option_left_out_is_asked_for(tmp_path: Path) -> None:
    """A command without what it needs opens a form, with selects where there is something to choose."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        view = await readers.form(readers.ben, "/nominate", "note:Worth it")
        fields = elements(view)
        assert [each["text"]["text"] for each in fields["section"]["options"]] == ["Papers", "Articles", "Tools"]
        assert fields["note"]["initial_value"] == "Worth it"
        assert fields["note"]["multiline"]
        assert view.title == "/nominate"
        await readers.submit(view, link="no link at all")
        assert "is no link" in view.errors["link"]
        await readers.submit(view, link=READ, section="Tools")
        assert "On the ballot as number 1, in Tools" in said(readers.messages()[-1].blocks)
        assert await here.standing(readers.workspace) == {"A good long read": 0}


async def test_an_item_is_chosen_by_its_title(tmp_path: Path) -> None:
    """Where Discord would complete a number, Slack's form lists the titles."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate(READ, OTHER)
        view = await readers.form(readers.ada, "/item", "move")
        fields = elements(view)
        titles = [each["text"]["text"] for each in fields["item"]["options"]]
        assert titles == ["1: A good long read", "2: Some other long read"]
        await readers.submit(view, item="2", section="Papers")
        assert "moved to Papers" in readers.whispers(readers.ada)[-1]


async def test_a_file_is_read_in(tmp_path: Path) -> None:
    """An uploaded newsletter is fetched with the bot's token and posted; one that is too large is refused unread."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        view = await readers.form(readers.ada, "/newsletter", "import")
        assert elements(view)["file"]["type"] == "file_input"
        large = upload(here, readers, "large.md", b"#" * 10) | {"size": 6_000_000}
        await readers.submit(view, file=[large])
        assert view.errors == {"file": "large.md is too large: I read files of up to 5 MB."}
        await readers.submit(view, file=[upload(here, readers, "letter.md", b"Nothing here.")])
        assert "letter.md was not read in" in view.errors["file"]
        await readers.submit(view, file=[upload(here, readers, "digest.md", NEWSLETTER)])
        assert "Readers Digest, week 1" in readers.whispers(readers.ada)[-1]


async def test_a_file_that_cannot_be_had(tmp_path: Path) -> None:
    """A file is told of by its id alone too; one that is gone, lies elsewhere or cannot be fetched now is said to."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        view = await readers.form(readers.ada, "/newsletter", "import")
        gone = upload(here, readers, "gone.md", NEWSLETTER)
        del readers.workspace.files[gone["id"]]
        elsewhere = upload(here, readers, "far.md", NEWSLETTER) | {"is_external": True}
        broken = upload(here, readers, "late.md", NEWSLETTER) | {"url_private": "http://127.0.0.1:9/late.md"}
        with capture_logs():
            for file, told in (
                (gone, "gone.md could not be had from Slack: attach it again."),
                ({"id": gone["id"]}, "file could not be had from Slack: attach it again."),
                (elsewhere, "far.md could not be had from Slack: attach it again."),
                (broken, "late.md could not be had from Slack just now: please try again."),
            ):
                await readers.submit(view, file=[file])
                assert view.errors == {"file": told}
        known = upload(here, readers, "digest.md", NEWSLETTER)
        readers.workspace.files[known["id"]] |= known
        await readers.submit(view, file=[{"id": known["id"]}])
        assert "Readers Digest, week 1" in readers.whispers(readers.ada)[-1]


def upload(here: Town, readers: Club, name: str, content: bytes) -> Json:
    """A file as a form has it."""
    number = here.slack.state.id("F")
    readers.workspace.files[number] = {"id": number, "name": name, "mimetype": "text/markdown", "content": content}
    return {"id": number, "name": name, "size": len(content), "url_private": f"{here.slack.root}/files/{number}"}


class SlowSource(FakeSource):
    """Answers when it may."""

    may: asyncio.Event

    async def fetch(self, paper_id: str, version: int | None = None) -> Any:
        await self.may.wait()
        return await super().fetch(paper_id, version)


async def test_a_form_is_closed_before_long_work_ends(tmp_path: Path) -> None:
    """Slack waits three seconds for a form: what takes longer is answered in the channel, refusals too."""
    slow = SlowSource(INVOLUTION)
    slow.may = asyncio.Event()
    async with town(tmp_path, source=slow) as here:
        readers = club(here)
        await readers.set_up()
        view = await readers.form(readers.ben, "/nominate")
        sending = asyncio.create_task(here.slack.submit(view, {"link": "2103.99999"}))
        await here.clock.somebody_sleeps()
        here.clock.advance(timedelta(seconds=2))
        assert not (await sending).ack
        assert not here.slack.open_views(readers.ben)
        slow.may.set()
        await here.idle()
        assert "no paper 2103.99999" in readers.whispers(readers.ben)[-1]


async def test_a_form_that_comes_too_late_is_said_to(tmp_path: Path) -> None:
    """When Slack takes the form no more, or not at all, the asker is told, and the log knows why."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        here.slack.script(Fault("views.open", error="expired_trigger_id"))
        assert "please try again" in await readers.type(readers.ben, "/nominate")
        here.slack.script(Fault("views.open", error="invalid_arguments"))
        with capture_logs() as logs:
            told = await readers.type(readers.ben, "/nominate")
        (number,) = [each["error_id"] for each in logs if "error_id" in each]
        assert number in told


async def test_answers_to_forms_reach_those_whose_channel_the_bot_is_not_in(tmp_path: Path) -> None:
    """Where the bot may not post, the answer comes in the conversation with it."""
    async with town(tmp_path) as here:
        readers = club(here)
        elsewhere = here.slack.state.channel(readers.workspace, "elsewhere", joined=False)
        view = await readers.form(readers.ada, "/newsletter", "setup", elsewhere)
        await readers.submit(view, name="Weekly")
        assert "Weekly comes to this channel" in readers.direct(readers.ada)[-1]
        assert "add me with /invite" in readers.direct(readers.ada)[-1]


async def test_a_form_of_another_time_is_closed_with_a_word(tmp_path: Path) -> None:
    """A form that an older version opened is none that we know."""
    async with town(tmp_path) as here:
        readers = club(here)
        view = await readers.form(readers.ada, "/newsletter", "setup")
        view.body["private_metadata"] = "{"
        await readers.submit(view)
        assert "I do not know that any more" in readers.direct(readers.ada)[-1]


def test_slips_survive_anything() -> None:
    """What is no slip of ours is none; what we write we can read."""
    ours = Slip("newsletter setup", "C1", "1.2")
    assert slip({"private_metadata": ours.write()}) == ours
    for text in ("", "{", "[]", "null", "{}", '{"command": 1}', "[" * 100_000):
        assert slip({"private_metadata": text}) is None


@pytest.mark.parametrize(
    ("option", "value", "choices", "expected"),
    [
        (Option("mention", "", OptionKind.ROLE), "", (), {"type": "plain_text_input", "multiline": False}),
        (Option("members", "", OptionKind.MEMBERS), "", (), {"type": "multi_users_select"}),
        (Option("item", "", OptionKind.NOMINATION, minimum=1), "3", None, {"type": "external_select"}),
        (Option("item", "", OptionKind.NOMINATION, minimum=1), "3", (), {"initial_value": "3", "min_value": "1"}),
        (Option("picks", "", OptionKind.WHOLE, maximum=9), "10", (), {"type": "number_input", "max_value": "9"}),
        (
            Option("here", "", OptionKind.FLAG),
            "no",
            (Choice("No", "no"),),
            {"type": "static_select"},
        ),
        (Option("title", ""), "a\nb", (), {"multiline": True, "initial_value": "a\nb"}),
        (Option("time", "", OptionKind.TIME), "never", (), {"type": "timepicker", "action_id": "time"}),
    ],
)
def test_the_element_fits_what_an_option_takes(
    option: Option, value: str, choices: tuple[Choice, ...] | None, expected: Json
) -> None:
    """Each kind of option has its element, filled in where the value fits."""
    made = element(option, value, choices)
    assert expected.items() <= made.items()
    assert made.get("initial_value") is None or expected.get("type") != "number_input"
    assert "initial_time" not in made
