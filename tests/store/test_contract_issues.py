"""What the port `Issues` promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.core.errors import Refused
from bot.core.model import IssueState
from bot.core.ports import Store
from tests.store.examples import HOUR, NOON, add_newsletter, entry, issue


async def test_an_issue_comes_back_as_it_was(store: Store) -> None:
    """Every field that was added or saved comes back, entries and highlights in their order."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        ballot = await tx.ballots.open(made, NOON)
        first = issue(made, slot=NOON, late_since=NOON, deadline=NOON + HOUR, ballot_id=ballot.id)
        kept = await tx.issues.add(first)
        assert kept == replace(first, id=kept.id)
        changed = replace(
            kept, title="Corrected", highlights=(), entries=(entry("https://c.test/"), *kept.entries[::-1]),
            sections=(), past_issues=(), published_at=None, deadline=None, week=None,
        )  # fmt: skip
        await tx.issues.save(changed)
        assert await tx.issues.get(kept.id) == changed
        await tx.issues.save(replace(changed, entries=()))
        assert (await tx.issues.get(kept.id)).entries == ()


async def test_an_unknown_issue_is_refused(store: Store) -> None:
    """Asking for an id that no issue has, or saving it, raises `Refused`."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        with pytest.raises(Refused, match="no issue with the id 7"):
            await tx.issues.get(7)
        with pytest.raises(Refused, match="no issue with the id 7"):
            await tx.issues.save(issue(made, id=7))


@pytest.mark.parametrize(
    "twin",
    [
        {"number": 1},
        {"slot": NOON},
        {"source_url": "https://a.test/1"},
        {"state": IssueState.DRAFT},
    ],
    ids=str,
)
async def test_a_second_issue_is_refused(store: Store, twin: dict[str, object]) -> None:
    """A number, a slot, an address and the place of the draft are taken once in a newsletter."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    async with store.transaction() as tx:
        await tx.issues.add(issue(one.id, 1, slot=NOON, source_url="https://a.test/1", state=IssueState.DRAFT))
        second = replace(issue(one.id, 2), **twin)  # type: ignore[arg-type]  # fields by name
        with pytest.raises(Refused, match="already"):
            await tx.issues.add(second)
        other = await tx.issues.add(issue(one.id, 2))
        with pytest.raises(Refused, match="already"):
            await tx.issues.save(replace(second, id=other.id))
        await tx.issues.add(replace(second, newsletter_id=two.id))


async def test_issues_without_number_slot_or_address_do_not_collide(store: Store) -> None:
    """Any number of issues may have no number, no slot and no address."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        for _ in range(3):
            await tx.issues.add(issue(made, None))
        assert len(await tx.issues.recent(made, 10)) == 3
        assert await tx.issues.next_number(made) == 1


async def test_numbers_go_on_after_the_highest(store: Store) -> None:
    """The next number follows the highest one, drafts counted; a number is known to be taken or free."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        await tx.issues.add(issue(made, 12))
        await tx.issues.add(issue(made, 41, state=IssueState.DRAFT))
        await tx.issues.add(issue(made, 3))
        assert await tx.issues.next_number(made) == 42
        assert await tx.issues.has_number(made, 41)
        assert not await tx.issues.has_number(made, 42)


async def test_the_draft_is_no_published_issue(store: Store) -> None:
    """The draft is found as such, and nowhere that published issues are asked for."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        assert await tx.issues.draft(made) is None
        draft = await tx.issues.add(issue(made, state=IssueState.DRAFT))
        assert await tx.issues.draft(made) == draft
        assert await tx.issues.latest(made) is None
        assert await tx.issues.numbered(made, 1) is None
        assert await tx.issues.recent(made, 5) == ()
        assert await tx.issues.having(made, "https://a.test/") == ()
        await tx.issues.save(replace(draft, state=IssueState.PUBLISHED))
        assert await tx.issues.draft(made) is None
        assert await tx.issues.latest(made) == replace(draft, state=IssueState.PUBLISHED)


async def test_the_latest_issue_is_the_one_of_the_latest_date(store: Store) -> None:
    """Issues are ordered by date, then by publication, then by number, not by when they were read in."""
    made = (await add_newsletter(store)).id
    day = date(2026, 3, 6)
    order = [
        issue(made, 9, dated=date(2026, 3, 7), published_at=None),
        issue(made, 2, dated=day, published_at=NOON + HOUR),
        issue(made, 6, dated=day, published_at=NOON),
        issue(made, 5, dated=day, published_at=NOON),
        issue(made, 8, dated=day, published_at=None),
        issue(made, None, dated=day, published_at=None),
        issue(made, 7, dated=date(2025, 3, 6), published_at=NOON + 2 * HOUR),
    ]
    async with store.transaction() as tx:
        for each in (order[3], order[0], order[6], order[5], order[2], order[4], order[1]):
            await tx.issues.add(each)
        assert [each.number for each in await tx.issues.recent(made, 10)] == [9, 2, 6, 5, 8, None, 7]
        assert [each.number for each in await tx.issues.recent(made, 2)] == [9, 2]
        latest = await tx.issues.latest(made)
        assert latest is not None
        assert latest.number == 9


async def test_a_number_is_an_issues_own_or_a_week(store: Store) -> None:
    """A number finds the issue that has it, else the latest one of that week of a year."""
    made = (await add_newsletter(store)).id
    async with store.transaction() as tx:
        numbered = await tx.issues.add(issue(made, 30, week=11))
        await tx.issues.add(issue(made, None, week=30, dated=date(2025, 7, 25)))
        of_week = await tx.issues.add(issue(made, None, week=29, dated=date(2026, 7, 17)))
        await tx.issues.add(issue(made, None, week=29, dated=date(2025, 7, 18)))
        assert await tx.issues.numbered(made, 30) == numbered
        assert await tx.issues.numbered(made, 29) == of_week
        assert await tx.issues.numbered(made, 5) is None


async def test_an_issue_read_in_is_found_by_its_source(store: Store) -> None:
    """By address, or by title where it has no address and fills no slot; other newsletters' are not found."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    async with store.transaction() as tx:
        known = await tx.issues.add(issue(one.id, 1, source_url="https://a.test/1"))
        nameless = await tx.issues.add(issue(one.id, 2, title="Spring"))
        await tx.issues.add(issue(one.id, 3, title="Weekly", slot=NOON))
        assert await tx.issues.by_source(one.id, "https://a.test/1") == known
        assert await tx.issues.by_source(two.id, "https://a.test/1") is None
        assert await tx.issues.by_title(one.id, "Spring") == nameless
        assert await tx.issues.by_title(one.id, known.title) is None
        assert await tx.issues.by_title(one.id, "Weekly") is None
        assert await tx.issues.by_title(two.id, "Spring") is None


async def test_issues_that_print_an_item(store: Store) -> None:
    """An address finds the issues that print it, each once, latest first, of this newsletter alone."""
    one, two = await add_newsletter(store, "One"), await add_newsletter(store, "Two")
    there, elsewhere = entry("https://x.test/"), entry("https://y.test/")
    async with store.transaction() as tx:
        old = await tx.issues.add(issue(one.id, 1, entries=(there, there)))
        new = await tx.issues.add(issue(one.id, 2, entries=(elsewhere, there)))
        await tx.issues.add(issue(one.id, 3, entries=(elsewhere,)))
        await tx.issues.add(issue(two.id, 1, entries=(there,)))
        assert await tx.issues.having(one.id, "https://x.test/") == (new, old)
        assert await tx.issues.having(one.id, "https://z.test/") == ()
