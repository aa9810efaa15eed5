"""What members can do: look papers up, nominate, see how the vote stands, read issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.core.ballots import standing_post
from bot.core.commands import Audience, Command, Request
from bot.core.errors import Refused
from bot.core.issues import issue_post
from bot.core.model import Issue
from bot.core.paper_pages import any_page, named
from bot.core.paper_post import abstract_post, bibtex_post, choice_post, paper_post
from bot.core.post import Answer, Block, Bullets, Button, Heading, Line, Link, Paragraph, Post, Small, Strong
from bot.core.text import clip

if TYPE_CHECKING:
    from bot.core.desk import Desk

LEAST_LETTERS = 2
"""Letters of a title; two are a word in Chinese."""


async def paper(desk: Desk, request: Request) -> Answer:
    """Show a paper, its abstract or its BibTeX entry; of a title, the papers that have it."""
    asked = await desk.library.meant(request.text("reference"))
    found = named(asked) or any_page(asked)
    if found is None:
        return await _papers_called(desk, asked)
    shown = request.text("show")
    if shown in ("abstract", "bibtex"):
        lookup = await desk.library.look_up(found)
        return abstract_post(lookup) if shown == "abstract" else bibtex_post(lookup)
    lookup, extras = await desk.library.look_up_with_extras(found)
    position: int | None = None
    issues: tuple[Issue, ...] = ()
    if request.newsletter:
        async with desk.store.snapshot() as tx:
            issues = await tx.issues.having(request.newsletter.id, lookup.paper.url)
            ballot = await tx.ballots.current(request.newsletter.id)
            nominations = await tx.ballots.nominations(ballot.id) if ballot else ()
        position = next((each.position for each in nominations if each.item.url == lookup.paper.url), None)
    return paper_post(lookup, on_ballot=position, issues=issues, now=desk.clock.now(), extras=extras)


async def _papers_called(desk: Desk, title: str) -> Answer:
    """A choice of the papers with this title; raises `Refused` for what can be none."""
    if sum(map(str.isalpha, title)) < LEAST_LETTERS or "://" in title:
        raise Refused(f"“{clip(title, 60)}” names no paper I know of: try an arXiv id such as 2103.06255.")
    return choice_post(title, await desk.library.search(title))


async def nominate(desk: Desk, request: Request) -> Answer:
    """Put a link on the ballot."""
    newsletter = request.about
    link = await desk.library.meant(request.text("link"))
    done = await desk.nominations.nominate(
        newsletter, link, request.caller.member, request.text("section"), request.text("note")
    )
    nomination = done.nomination
    title: Line = (Link(clip(nomination.heading, 200), nomination.item.url),)
    if not done.new:
        text = f"It is on the ballot already, as number {nomination.position}: give it your vote there."
        return Post(text, (Paragraph((*title,)), Paragraph((text,))), private=True)
    text = f"On the ballot as number {nomination.position}, in {nomination.section}."
    return Post(text, (Paragraph((Strong("Nominated: "), *title)), Small((text,))), (Button("Standing", "ballot"),))


async def ballot(desk: Desk, request: Request) -> Answer:
    """Show how the vote stands."""
    newsletter = request.about
    async with desk.store.snapshot() as tx:
        current = await tx.ballots.current(newsletter.id)
        if current is None:
            raise Refused("No ballot is open just now.")
        nominations = await tx.ballots.nominations(current.id)
    return standing_post(newsletter, current, nominations)


async def issue(desk: Desk, request: Request) -> Answer:
    """Show an issue, the latest one when none is named."""
    newsletter = request.about
    number = request.whole("number")
    async with desk.store.snapshot() as tx:
        latest = await tx.issues.latest(newsletter.id)
        found = latest if number is None else await tx.issues.numbered(newsletter.id, number)
        recent = await tx.issues.recent(newsletter.id, 5)
    if latest is None:
        raise Refused(f"{newsletter.name} has no issue yet.")
    if found is None:
        known = ", ".join(str(each.number) for each in recent)
        raise Refused(f"There is no issue {number}; the latest ones are {known}.")
    return issue_post(newsletter, found)


async def show_help(desk: Desk, request: Request) -> Answer:
    """List the commands that the asker may use."""
    editor = await desk.may_edit(request.caller, request.newsletter)
    blocks: list[Block] = [Heading(("What I can do",), 1), Bullets(_lines(desk.commands, Audience.MEMBER))]
    if editor:
        blocks += [Heading(("For editors",), 3), Bullets(_lines(desk.commands, Audience.EDITOR))]
    blocks.append(Small(("A 📰 reaction on a message with a link nominates the link.",)))
    return Post("What I can do", tuple(blocks), private=True)


def _lines(commands: Sequence[Command], audience: Audience) -> tuple[Line, ...]:
    return tuple((Strong(each.usage), f": {each.description}") for each in commands if each.audience is audience)
