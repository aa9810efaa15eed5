"""The command table as Discord's slash commands: groups, options, choices, completion, and a message's menu."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.adapters.discord.answers import Given
from bot.core.commands import Audience, Choice, Command, Option, OptionKind
from bot.core.text import clip

MENU = "Nominate this link"
"""The entry in a message's menu."""

LONGEST_DESCRIPTION = 100
LONGEST_CHOICE = 100
MOST_CHOICES = 25

ANYWHERE = frozenset({"help", "paper"})
"""Commands that make sense in direct messages too."""

GROUPS: Mapping[str, str] = {"newsletter": "Run the newsletter", "item": "Change what the coming issue has"}
"""What each group of commands is for."""

_COMPLETED = {
    OptionKind.REFERENCE,
    OptionKind.SECTION,
    OptionKind.ZONE,
    OptionKind.ISSUE,
    OptionKind.NOMINATION,
    OptionKind.ROLE,
}
"""Kinds that are completed; they are texts on Discord, so that an issue or an item can be looked up by its title."""

_TYPES = {
    OptionKind.WHOLE: discord.AppCommandOptionType.integer,
    OptionKind.FLAG: discord.AppCommandOptionType.boolean,
    OptionKind.FILE: discord.AppCommandOptionType.attachment,
}

Run = Callable[[discord.Interaction, str, Given], Awaitable[None]]
Complete = Callable[[discord.Interaction, str, str, str], Awaitable[Sequence[Choice]]]
Pick = Callable[[discord.Interaction, discord.Message], Awaitable[None]]


class _Given(app_commands.Transformer):
    """An option as Discord takes it and as the front reads it."""

    def __init__(self, option: Option) -> None:
        self._option = option

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Discord's type for the option's kind."""
        return _TYPES.get(self._option.kind, discord.AppCommandOptionType.string)

    @property
    def choices(self) -> list[app_commands.Choice[str | int | float]] | None:
        """What there is to choose from, for an option that is a choice."""
        return [_choice(each) for each in self._option.choices[:MOST_CHOICES]] or None

    @property
    def min_value(self) -> int | None:
        """The least that a whole number may be."""
        return self._option.minimum if self._option.kind is OptionKind.WHOLE else None

    @property
    def max_value(self) -> int | None:
        """The most that a whole number may be."""
        return self._option.maximum if self._option.kind is OptionKind.WHOLE else None

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> str | discord.Attachment:
        """What the front reads: a text, or the file that was attached."""
        if isinstance(value, discord.Attachment):
            return value
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)


class _Completed(_Given):
    """An option that is completed while it is typed."""

    def __init__(self, option: Option, command: str, complete: Complete) -> None:
        super().__init__(option)
        self._command = command
        self._complete = complete

    async def autocomplete(
        self, interaction: discord.Interaction, value: str | float, /
    ) -> list[app_commands.Choice[str | int | float]]:
        """What the front would complete the typed text to."""
        found = await self._complete(interaction, self._command, self._option.name, str(value))
        return [_choice(each) for each in found if len(each.value) <= LONGEST_CHOICE][:MOST_CHOICES]


def _choice(choice: Choice) -> app_commands.Choice[str | int | float]:
    return app_commands.Choice(name=clip(choice.label, LONGEST_CHOICE), value=choice.value)


class Translator(app_commands.Translator):
    """Names and descriptions in other languages: by Discord's name of the language, then by the text in English."""

    def __init__(self, languages: Mapping[str, Mapping[str, str]]) -> None:
        self._languages = languages

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text in this language, or None to leave it in English."""
        return self._languages.get(locale.value, {}).get(string.message)


def plant(
    tree: app_commands.CommandTree[Any], commands: Iterable[Command], run: Run, complete: Complete, pick: Pick
) -> None:
    """Put every command of the table into the tree, and the message's menu."""
    groups: dict[str, list[Command]] = {}
    for command in commands:
        group, _, name = command.name.rpartition(" ")
        if group:
            groups.setdefault(group, []).append(command)
        else:
            tree.add_command(_root(command, _command(command, name, run, complete)))
    for name, members in groups.items():
        tree.add_command(_group(name, members, run, complete))
    tree.add_command(_menu(pick))


def _command(command: Command, name: str, run: Run, complete: Complete) -> app_commands.Command[Any, ..., None]:
    async def callback(interaction: discord.Interaction, **options: str | discord.Attachment | None) -> None:
        given = {option: value for option, value in options.items() if value is not None}
        await run(interaction, command.name, given)

    # discord.py reads a command's options off the signature of its callback.
    named = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for option in command.options:
        given = _Completed(option, command.name, complete) if option.kind in _COMPLETED else _Given(option)
        default = inspect.Parameter.empty if option.required else None
        parameters.append(inspect.Parameter(option.name, named, default=default, annotation=given))
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect.signature heeds it
    described = {each.name: clip(each.description, LONGEST_DESCRIPTION) for each in command.options}
    return app_commands.Command(
        name=name,
        description=clip(command.description, LONGEST_DESCRIPTION),
        callback=app_commands.describe(**described)(callback),
    )


def _root(command: Command, shown: app_commands.Command[Any, ..., None]) -> app_commands.Command[Any, ..., None]:
    anywhere = command.name in ANYWHERE
    shown.guild_only = not anywhere
    shown.allowed_contexts = _contexts(anywhere=anywhere)
    shown.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
    shown.default_permissions = _permissions([command])
    return shown


def _group(name: str, commands: Sequence[Command], run: Run, complete: Complete) -> app_commands.Group:
    group = app_commands.Group(
        name=name,
        description=GROUPS.get(name, name.capitalize()),
        guild_only=True,
        allowed_contexts=_contexts(anywhere=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=_permissions(commands),
    )
    for command in commands:
        group.add_command(_command(command, command.name.rpartition(" ")[2], run, complete))
    return group


def _contexts(*, anywhere: bool) -> app_commands.AppCommandContext:
    return app_commands.AppCommandContext(guild=True, dm_channel=anywhere, private_channel=False)


def _permissions(commands: Iterable[Command]) -> discord.Permissions | None:
    """Who sees the commands until a server's own settings say otherwise; the core checks again for itself."""
    editors = all(each.audience is Audience.EDITOR for each in commands)
    return discord.Permissions(manage_guild=True) if editors else None


def _menu(pick: Pick) -> app_commands.ContextMenu:
    async def nominate(interaction: discord.Interaction, message: discord.Message) -> None:
        await pick(interaction, message)

    menu = app_commands.ContextMenu(
        name=MENU,
        callback=nominate,
        allowed_contexts=_contexts(anywhere=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    menu.guild_only = True
    return menu


async def digest(tree: app_commands.CommandTree[Any], guild: discord.abc.Snowflake | None) -> str:
    """What tells one table from another: every command as Discord would get it, and where it would go."""
    commands = tree.get_commands(guild=guild)
    payloads = [
        await each.get_translated_payload(tree, tree.translator) if tree.translator else each.to_dict(tree)
        for each in commands
    ]
    whole = {"guild": guild.id if guild else None, "app": tree.client.application_id, "commands": payloads}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
