"""What editors can do with one item of the coming issue: edit, move, drop, pin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.core.ballots import refresh
from bot.core.commands import Request
from bot.core.errors import Refused
from bot.core.model import Entry, Issue, Nomination
from bot.core.ports import Transaction
from bot.core.post import Answer, sentence
from bot.core.text import clip, one_line

if TYPE_CHECKING:
    from bot.core.desk import Desk

SUMMARY_LENGTH = 1_000
TITLE_LENGTH = 250


async def edit(desk: Desk, request: Request) -> Answer:
    """Give an item another title or summary."""
    title = clip(one_line(request.text("title")), TITLE_LENGTH)
    summary = clip(request.text("summary").strip(), SUMMARY_LENGTH)
    if not title and not summary:
        raise Refused("Say what to change: title:… or summary:….")
    return await _change(
        desk,
        request,
        lambda one: replace(one, title=title or one.title, summary=summary or one.summary),
        lambda entry: replace(entry, title=title or entry.title, summary=summary or entry.summary),
        "changed",
    )


async def move(desk: Desk, request: Request) -> Answer:
    """Move an item to another section."""
    section = request.text("section")
    return await _change(
        desk,
        request,
        lambda one: replace(one, section=section),
        lambda entry: replace(entry, section=section),
        f"moved to {section}",
    )


async def drop(desk: Desk, request: Request) -> Answer:
    """Leave an item out of the issue, whatever its votes; done again, take it back in."""
    return await _change(
        desk,
        request,
        lambda one: replace(one, dropped=not one.dropped, pinned=False),
        lambda entry: replace(entry, dropped=not entry.dropped, pinned=False),
        "dropped",
    )


async def pin(desk: Desk, request: Request) -> Answer:
    """Put an item into the issue and on top of it, whatever its votes; done again, unpin it."""
    return await _change(
        desk,
        request,
        lambda one: replace(one, pinned=not one.pinned, dropped=False),
        lambda entry: replace(entry, pinned=not entry.pinned, dropped=False),
        "pinned",
    )


async def _change(
    desk: Desk,
    request: Request,
    on_ballot: Callable[[Nomination], Nomination],
    on_draft: Callable[[Entry], Entry],
    done: str,
) -> Answer:
    """Change the item in the draft that waits for its editors or, without one, on the open ballot."""
    async with desk.store.transaction() as tx:
        draft = await tx.issues.draft(request.about.id)
        if draft:
            entry = await _on_draft(tx, request, draft, on_draft)
            return sentence(f"“{clip(entry.title, 100)}” is {_done(done, entry)}.")
        nomination = await _on_ballot(desk, tx, request, on_ballot)
        return sentence(f"“{clip(nomination.heading, 100)}” is {_done(done, nomination)}.")


def _done(done: str, changed: Entry | Nomination) -> str:
    if done == "dropped" and not changed.dropped:
        return "back in"
    return "no longer pinned" if done == "pinned" and not changed.pinned else done


async def _on_draft(tx: Transaction, request: Request, draft: Issue, change: Callable[[Entry], Entry]) -> Entry:
    number = request.whole("item") or 0
    if not 1 <= number <= len(draft.entries):
        raise Refused(f"The draft has items 1 to {len(draft.entries)}, not {number}.")
    old = draft.entries[number - 1]
    new = change(old)
    await tx.issues.save(replace(draft, entries=tuple(new if each is old else each for each in draft.entries)))
    return new


async def _on_ballot(
    desk: Desk, tx: Transaction, request: Request, change: Callable[[Nomination], Nomination]
) -> Nomination:
    newsletter = request.about
    ballot = await tx.ballots.current(newsletter.id)
    nominations = await tx.ballots.nominations(ballot.id) if ballot else ()
    number = request.whole("item")
    old = next((each for each in nominations if each.position == number), None)
    if ballot is None or old is None:
        raise Refused(f"There is no number {number} on the ballot: /ballot shows what there is.")
    new = change(old)
    await tx.ballots.save(new)
    await refresh(tx, newsletter, ballot, desk.clock.now())
    return new
