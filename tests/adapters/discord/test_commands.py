from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.adapters.discord import DiscordOptions
from bot.adapters.discord.notes import UNSEEN
from bot.core.commands import Audience
from bot.core.table import COMMANDS
from tests.adapters.discord.town import NEWSLETTER, answer, club, synced, town, vote

INVOLUTION = "Involution: Inverting the Inherence of Convolution for Visual Recognition"
READ = "https://example.org/a-good-long-read"

TYPES = {"whole number": 4, "yes or no": 5, "file": 11}
SUBCOMMAND = 1

MANAGE_GUILD = "32"


async def test_each_command_of_the_table_is_a_slash_command(tmp_path: Path) -> None:
    """Every command stands on Discord with its options in their types, its audience and its place."""
    async with town(tmp_path) as here:
        found = synced(here)
        assert set(found) == {each.name for each in COMMANDS} | {"Nominate this link"}
        for command in COMMANDS:
            shown = found[command.name]
            assert shown["description"] == command.description
            options = {each["name"]: each for each in shown["options"]}
            assert set(options) == {each.name for each in command.options}
            for option in command.options:
                got = options[option.name]
                assert got["type"] == TYPES.get(option.kind.value, 3)
                assert got["required"] is option.required
                assert 1 <= len(got["description"]) <= 100
                assert [each["value"] for each in got.get("choices", ())] == [each.value for each in option.choices]
            editors = command.audience is Audience.EDITOR
            assert shown["default_member_permissions"] == (int(MANAGE_GUILD) if editors else None)
            assert shown["contexts"] == ([0, 1] if command.name in ("help", "paper") else [0])
            assert shown["integration_types"] == [0]
        picks = next(each for each in found["newsletter setup"]["options"] if each["name"] == "picks")
        assert (picks["min_value"], picks["max_value"]) == (1, 50)


USES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("newsletter import", {"file": ("digest.md", NEWSLETTER)}, "1 item"),
    ("nominate", {"link": READ, "section": "Tools", "note": "Worth it"}, "On the ballot as number 2, in Tools."),
    ("paper", {"reference": "2103.06255"}, INVOLUTION),
    ("ballot", {}, "how ballot 1 stands"),
    ("issue", {"number": "1"}, "A Survey of Small Languages"),
    ("help", {}, "/newsletter publish"),
    ("newsletter setup", {"picks": 7}, "up to 7 items"),
    ("newsletter schedule", {"weekday": "Friday", "time": "18:30", "zone": "Europe/Berlin"}, "Friday at 18:30"),
    ("newsletter sections", {"sections": "Papers, Tools, Talks"}, "Papers, Tools, Talks"),
    ("newsletter editors", {"members": "<@{ada}> and <@{ben}>", "here": False}, "Ada, Ben"),
    ("newsletter preview", {}, "A preview"),
    ("newsletter pause", {}, "Paused"),
    ("newsletter resume", {}, "Next issue"),
    ("newsletter status", {}, "issues and ballots"),
    ("item edit", {"item": "1", "title": "Involution, in short"}, "“Involution, in short”"),
    ("item move", {"item": "1", "section": "Tools"}, "Tools"),
    ("item pin", {"item": "2"}, "A good long read"),
    ("item drop", {"item": "1"}, "is dropped"),
    ("newsletter publish", {}, "on its way"),
    ("newsletter forget", {}, "for good"),
)
"""Every command, in an order in which an editor might use them, with a piece of its answer."""


async def test_every_command_answers(tmp_path: Path) -> None:
    """Each command of the table answers with what it did, to its asker alone but for nominations and papers."""
    assert {name for name, _, _ in USES} == {each.name for each in COMMANDS}
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate("2103.06255")
        await readers.take_in("digest.md", NEWSLETTER)
        for voter in (readers.ben, readers.chen):
            await voter.react(readers.ballot(), vote(1))
        ids = {"ada": readers.ada.id, "ben": readers.ben.id}
        for name, options, expected in USES:
            filled = {key: value.format(**ids) if isinstance(value, str) else value for key, value in options.items()}
            result = await readers.ada.slash(readers.paper, name, **filled)
            await here.bot.work()
            assert expected in answer(result), name
            assert result.ephemeral is (name not in ("paper", "nominate")), name


@pytest.mark.parametrize(
    ("command", "option", "typed", "value"),
    [
        ("nominate", "section", "art", "Articles"),
        ("newsletter setup", "zone", "berl", "Europe/Berlin"),
        ("item drop", "item", "good", "2"),
        ("paper", "reference", "invol", "2103.06255"),
        ("issue", "number", "digest", "1"),
    ],
)
async def test_completion(tmp_path: Path, command: str, option: str, typed: str, value: str) -> None:
    """Sections, zones, items, papers and issues are completed from what stands in them."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate("2103.06255", READ)
        await readers.take_in("digest.md", NEWSLETTER)
        choices = await readers.ada.autocomplete(readers.paper, command, option, typed)
        assert choices[0]["value"] == value
        assert all(1 <= len(each["name"]) <= 100 for each in choices)
        assert len(choices) <= 25


async def test_a_role_is_completed_and_named(tmp_path: Path) -> None:
    """The role that an issue calls is one of the server's, by its name or its mention, or none."""
    async with town(tmp_path) as here:
        readers = club(here)
        role = readers.guild.create_role("Night Owls")
        choices = await readers.ada.autocomplete(readers.paper, "newsletter setup", "mention", "owl")
        assert [each["name"] for each in choices] == ["@Night Owls", "none"]
        assert choices[0]["value"] == role.mention
        for right in (role.mention, "@night owls", "none"):
            done = await readers.ada.slash(readers.paper, "newsletter setup", mention=right)
            assert "There is no role" not in answer(done)
        for wrong in ("Day Birds", "@everyone", f"<@&{readers.guild.id}>", f"<@{readers.ben.id}>"):
            refused = await readers.ada.slash(readers.paper, "newsletter setup", mention=wrong)
            assert "There is no role" in answer(refused)


async def test_forgetting_is_confirmed(tmp_path: Path) -> None:
    """/newsletter forget deletes once its button is pressed, not before."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        asked = await readers.ada.slash(readers.paper, "newsletter forget")
        assert "Readers Weekly" in answer(await readers.ben.slash(readers.paper, "ballot"))
        assert asked.response
        done = await readers.ada.click(asked.response, label="Delete it all")
        assert "is deleted" in answer(done)
        assert "has no newsletter yet" in answer(await readers.ben.slash(readers.paper, "ballot"))


async def test_the_menu_nominates_the_link_of_a_message(tmp_path: Path) -> None:
    """The menu needs no intent: Discord sends the message along, which must have a link."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        spoken = await readers.chen.send(readers.paper, f"Have you seen {READ}?")
        idle = await readers.chen.send(readers.paper, "Nothing to see here.")
        done = await readers.ben.context_menu(readers.paper, "Nominate this link", spoken)
        refused = await readers.ben.context_menu(readers.paper, "Nominate this link", idle)
        assert "On the ballot as number 1" in answer(done)
        assert not done.ephemeral
        assert answer(refused) == "I found no link in that message to nominate."
        assert refused.ephemeral


async def test_editors_by_permission_and_by_name(tmp_path: Path) -> None:
    """Who cannot manage the server does not see editors' commands; shown to them, they still must be editors."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        assert not any(each.startswith("newsletter") for each in readers.ben.available_commands(readers.paper))
        with pytest.raises(simcord.SetupError, match="not visible"):
            await readers.ben.slash(readers.paper, "newsletter pause")
        (command,) = [each for each in await here.bot.client.tree.fetch_commands() if each.name == "newsletter"]
        readers.guild.set_command_permissions(command, {readers.ben: True})
        refused = await readers.ben.slash(readers.paper, "newsletter pause")
        await readers.ada.slash(readers.paper, "newsletter editors", members=f"<@{readers.ben.id}>")
        allowed = await readers.ben.slash(readers.paper, "newsletter pause")
        outdone = await readers.ada.slash(readers.paper, "newsletter resume")
        assert "is for the editors" in answer(refused)
        assert "Paused" in answer(allowed)
        assert "is for the editors" in answer(outdone)
        readers.guild.set_command_permissions(command, {readers.ben: False})
        with pytest.raises(simcord.SetupError, match="not visible"):
            await readers.ben.slash(readers.paper, "newsletter resume")


async def test_editors_are_people_who_are_there(tmp_path: Path) -> None:
    """Bots, strangers and names without a mention make no editor."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        robot = readers.guild.add_member(here.env.create_user("robot", bot=True))
        stranger = here.env.create_user("stranger")
        for nobody in (f"<@{robot.id}>", f"<@{stranger.id}>", "@ben"):
            refused = await readers.ada.slash(readers.paper, "newsletter editors", members=nobody)
            assert "mentioning them" in answer(refused), nobody
        both = await readers.ada.slash(
            readers.paper, "newsletter editors", members=f"<@{robot.id}> <@!{readers.ben.id}>"
        )
        assert answer(both).splitlines()[0].endswith(": Ben.")
        assert UNSEEN in answer(both)


async def test_names_in_other_languages(tmp_path: Path) -> None:
    """Names and descriptions go along in the languages there are."""
    german = {"ballot": "wahl", "See how the vote stands": "Zeigt, wie die Wahl steht", "note": "notiz"}
    async with town(tmp_path, DiscordOptions(shard_count=1, languages={"de": german})) as here:
        found = synced(here)
        assert found["ballot"]["name_localizations"] == {"de": "wahl"}
        assert found["ballot"]["description_localizations"] == {"de": "Zeigt, wie die Wahl steht"}
        (note,) = [each for each in found["nominate"]["options"] if each["name"] == "note"]
        assert note["name_localizations"] == {"de": "notiz"}
