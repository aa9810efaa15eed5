"""The words of the command table in every language."""

from __future__ import annotations

import re

import pytest

from bot import locale
from bot.adapters.discord.commands import GROUPS, MENU
from bot.core.table import COMMANDS

NAME = re.compile(r"[-_\w]{1,32}")
"""What Discord takes as the name of a command or an option, in any script."""


@pytest.mark.parametrize("language", locale.NAMES)
def test_every_word_of_the_table_is_there(language: str) -> None:
    """No name, description or choice is left in English by oversight; languages name themselves."""
    words = locale.commands()[language]
    asked = {word for command in COMMANDS for word in (*command.name.split(), command.description)}
    asked |= {word for command in COMMANDS for option in command.options for word in (option.name, option.description)}
    asked |= {each.label for command in COMMANDS for option in command.options for each in option.choices}
    asked |= {*GROUPS.values(), MENU} - {"English", "中文", "日本語"}
    assert asked - set(words) <= {"English", "中文", "日本語"}


@pytest.mark.parametrize("language", locale.NAMES)
def test_names_are_names_and_differ_where_they_meet(language: str) -> None:
    """Within a command no two options, and within a group no two commands, have one name."""
    words = locale.commands()[language]
    for command in COMMANDS:
        options = [words[each.name] for each in command.options]
        assert len(set(options)) == len(options)
        assert all(NAME.fullmatch(name) and name == name.lower() for name in options)
        assert all(len(words[each.description]) <= 100 for each in command.options)
    for group in {each.name.split()[0] for each in COMMANDS}:
        names = [words[each.name.split()[-1]] for each in COMMANDS if each.name.split()[0] == group]
        assert len(set(names)) == len(names)
