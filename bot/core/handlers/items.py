"""What editors can do with one item of the coming issue: edit, move, drop, pin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.core.ballots import refresh
from bot.core.commands import Request
from bot.core.errors import Refused
from bot.core.issues import with_entries
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
        lambda _: None,
        "dropped",
    )


async def pin(desk: Desk, request: Request) -> Answer:
    """Put an item into the issue and on top of it, whatever its votes; done again, unpin it."""
    return await _change(
        desk,
        request,
        lambda one: replace(one, pinned=not one.pinned, dropped=False),
        lambda entry: replace(entry, pinned=not entry.pinned),
        "pinned",
    )


async def _change(
    desk: Desk,
    request: Request,
    on_ballot: Callable[[Nomination], Nomination],
    on_draft: Callable[[Entry], Entry | None],
    done: str,
) -> Answer:
    """Change the item in the draft that waits for its editors or, without one, on the open ballot."""
    newsletter = request.about
    async with desk.store.transaction() as tx:
        draft = await tx.issues.draft(newsletter.id)
        if draft:
            title = await _on_draft(tx, request, draft, on_draft)
        else:
            title, done = await _on_ballot(desk, tx, request, on_ballot, done)
    return sentence(f"“{clip(title, 100)}” is {done}.")


async def _on_draft(tx: Transaction, request: Request, draft: Issue, change: Callable[[Entry], Entry | None]) -> str:
    number = request.whole("item") or 0
    if not 1 <= number <= len(draft.entries):
        raise Refused(f"The draft has items 1 to {len(draft.entries)}, not {number}.")
    old = draft.entries[number - 1]
    new = change(old)
    kept = [new if each is old else each for each in draft.entries]
    await tx.issues.save(with_entries(request.about, draft, [each for each in kept if each is not None]))
    return (new or old).title


async def _on_ballot(
    desk: Desk, tx: Transaction, request: Request, change: Callable[[Nomination], Nomination], done: str
) -> tuple[str, str]:
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
    undone = {"dropped": "back on the ballot", "pinned": "no longer pinned"}
    reversed_ = (done == "dropped" and not new.dropped) or (done == "pinned" and not new.pinned)
    return new.heading, undone[done] if reversed_ else done


Change = Callable[["Desk", Request], Awaitable[Answer]]
