"""The desk: where every adapter brings what was typed, pressed or reacted, and gets the answer."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

import structlog

from bot.core.commands import (
    Audience,
    Caller,
    Choice,
    Command,
    File,
    Option,
    OptionKind,
    Request,
    Value,
    find,
    parse,
    place,
    read,
)
from bot.core.communities import Communities
from bot.core.errors import BroadsheetError, Refused
from bot.core.following import Following
from bot.core.home import home_post
from bot.core.importing import Importer
from bot.core.model import Channel, Member, Message, Newsletter
from bot.core.nominations import Nominations, first_link
from bot.core.papers import Library
from bot.core.ports import Clock, NewsletterSource, Store
from bot.core.post import Answer, Field, Form, Post, sentence
from bot.core.references import ReferenceKind, references
from bot.core.table import COMMANDS
from bot.core.text import clip
from bot.core.voting import Voting
from bot.core.week import Week

log = structlog.get_logger()

NOMINATE = "📰"
"""The reaction that nominates a message's link."""

COMPLETIONS = 25
"""Discord's limit on the choices of one completion."""


@dataclass(frozen=True)
class Desk:
    """What handlers work with, and the three ways in: a typed line, a command by name, a reaction.

    `defaults` is a newsletter as it is before anybody sets it up; `letters` reads newsletters written elsewhere, in
    files and at links.
    """

    store: Store
    clock: Clock
    library: Library
    nominations: Nominations
    voting: Voting
    week: Week
    importer: Importer
    communities: Communities
    defaults: Newsletter
    letters: NewsletterSource
    following: Following
    wake: Callable[[], None]
    commands: Sequence[Command] = COMMANDS

    async def typed(self, caller: Caller, line: str) -> Answer:
        """Answer a line typed as `/command …`; whatever goes wrong is said in one sentence."""

        async def work() -> Answer:
            typed = parse(self.commands, line)
            newsletter = await self.newsletter(caller.channel)
            sections = newsletter.sections if newsletter else ()
            return await self._run(caller, typed.command, place(typed, sections), newsletter)

        return await self._guard(work())

    async def invoke(self, caller: Caller, command: str, values: Mapping[str, str | File]) -> Answer:
        """Answer a command given by name with its options' values, as buttons and forms do."""

        async def work() -> Answer:
            newsletter = await self.newsletter(caller.channel)
            given = {name: value for name, value in values.items() if value != ""}
            return await self._run(caller, find(self.commands, command), given, newsletter)

        return await self._guard(work())

    async def _guard(self, work: Awaitable[Answer]) -> Answer:
        try:
            return await work
        except BroadsheetError as error:
            return sentence(str(error), refused=True)
        except Exception:
            number = secrets.token_hex(4)
            log.exception("command failed", error_id=number)
            return sentence(f"Something went wrong here; it is in the log as {number}. Please try again.", refused=True)
        finally:
            self.wake()

    async def home(self, member: Member) -> Post:
        """What a member finds at home."""
        async with self.store.snapshot() as tx:
            return await home_post(tx, member)

    async def _run(
        self,
        caller: Caller,
        command: Command,
        values: Mapping[str, str | File],
        newsletter: Newsletter | None,
    ) -> Answer:
        if command.audience is Audience.EDITOR and not await self.may_edit(caller, newsletter, command):
            raise Refused(f"/{command.name} is for the editors: /newsletter editors says who they are.")
        missing = [each for each in command.options if each.required and each.name not in values]
        if missing and caller.forms:
            return _ask(command, values)
        if missing:
            raise Refused(f"/{command.name} needs {missing[0].name}: {command.usage}")
        options = _read_all(command, values, newsletter)
        return await command.handler(self, Request(caller, command, options, newsletter))

    async def may_edit(self, caller: Caller, newsletter: Newsletter | None, command: Command | None = None) -> bool:
        """Whether the caller edits: the editors named here or, until any are, whoever runs the community.

        Who runs the community may always name the editors, so that nobody is locked out.
        """
        if caller.admin and command is not None and command.name == "newsletter editors":
            return True
        if newsletter is None:
            return caller.admin
        channel = caller.channel
        async with self.store.snapshot() as tx:
            named = await tx.newsletters.editors(newsletter.id, channel.platform, channel.community)
        return caller.member in named if named else caller.admin

    async def newsletter(self, channel: Channel) -> Newsletter | None:
        """The newsletter of a channel or, where it has none, the only one of its community."""
        async with self.store.snapshot() as tx:
            found = await tx.newsletters.of_channel(channel)
            near = await tx.newsletters.of_community(channel.platform, channel.community)
        return found or (near[0] if len(near) == 1 else None)

    async def reacted(self, message: Message, emoji: str, member: Member, added: bool, text: str) -> Post | None:
        """Take in a reaction: a vote, a nomination of the message's first link, or nothing of ours."""
        if await self.voting.reacted(message, emoji, member, added=added):
            return None
        if emoji != NOMINATE or not added:
            return None
        link = link_in(text)
        if not link:
            return sentence("I found no link in that message to nominate.", refused=True)
        caller = Caller(member, message.channel)
        answer = await self.invoke(caller, "nominate", {"link": link})
        return answer if isinstance(answer, Post) else None

    async def complete(self, caller: Caller, command: str, option: str, typed: str) -> tuple[Choice, ...]:
        """Complete one option of a command; nothing where there is nothing to complete."""
        try:
            found = find(self.commands, command).option(option)
            newsletter = await self.newsletter(caller.channel)
            choices = await self._choices(found, newsletter) if found else ()
        except BroadsheetError:
            return ()
        wanted = typed.casefold()
        starts = [each for each in choices if each.label.casefold().startswith(wanted) or each.value == typed]
        holds = [each for each in choices if wanted in each.label.casefold() and each not in starts]
        return tuple((*starts, *holds)[:COMPLETIONS])

    async def _choices(self, option: Option, newsletter: Newsletter | None) -> Sequence[Choice]:
        if option.choices:
            return option.choices
        if option.kind is OptionKind.FLAG:
            return (Choice("yes", "yes"), Choice("no", "no"))
        if option.kind is OptionKind.ZONE:
            return [Choice(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]
        if newsletter is None:
            return ()
        if option.kind is OptionKind.SECTION:
            return [Choice(name, name) for name in newsletter.sections]
        return await self._kept(option, newsletter)

    async def _kept(self, option: Option, newsletter: Newsletter) -> Sequence[Choice]:
        async with self.store.snapshot() as tx:
            if option.kind is OptionKind.ISSUE:
                recent = await tx.issues.recent(newsletter.id, 100)
                return [Choice(f"{each.number}: {clip(each.title, 80)}", str(each.number)) for each in recent]
            ballot = await tx.ballots.current(newsletter.id)
            nominations = await tx.ballots.nominations(ballot.id) if ballot else ()
            draft = await tx.issues.draft(newsletter.id)
        if option.kind is OptionKind.REFERENCE:
            return [Choice(f"{each.item.paper}: {clip(each.heading, 80)}", each.item.paper) for each in nominations if each.item.paper]  # fmt: skip  # noqa: E501
        if option.kind is not OptionKind.NOMINATION:
            return ()
        titles = [entry.title for entry in draft.entries] if draft else [each.heading for each in nominations]
        return [Choice(f"{number}: {clip(title, 80)}", str(number)) for number, title in enumerate(titles, 1)]


def link_in(text: str) -> str:
    """The first thing in a text that can be nominated: a link, else a paper's id."""
    link = first_link(text)
    if link:
        return link
    found = [each for each in references(text) if each.kind is ReferenceKind.ARXIV]
    return found[0].url if found else ""


def _ask(command: Command, values: Mapping[str, str | File]) -> Form:
    given = {name: value for name, value in values.items() if isinstance(value, str)}
    fields = tuple(
        Field(each.name, each.name.replace("_", " ").capitalize(), given.get(each.name, "")) for each in command.options
    )
    return Form(command.description, command.name, fields)


def _read_all(command: Command, values: Mapping[str, str | File], newsletter: Newsletter | None) -> dict[str, Value]:
    sections = newsletter.sections if newsletter else ()
    options: dict[str, Value] = {}
    for name, value in values.items():
        option = command.option(name)
        if option is None:
            raise Refused(f"/{command.name} has no option {clip(name, 40)}: {command.usage}")
        options[name] = value if isinstance(value, File) else read(option, value, sections)
    return options
