"""Issues and their entries, as rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, delete, func, select, update

from bot.core.errors import Refused
from bot.core.model import Entry, Highlight, Issue, IssueState, Kind
from bot.store.rows import Rows
from bot.store.schema import entries, issues
from bot.store.sqlite import insert

_TWICE = "There is an issue of this number, slot, address or a draft already."


@dataclass(frozen=True, slots=True)
class SqlIssues:
    """The port `Issues` within one transaction."""

    rows: Rows

    async def add(self, issue: Issue) -> Issue:
        """Keep a new issue; raises `Refused` for a second draft, or one of a number, slot or address."""
        query = insert(issues).values(_values(issue)).returning(issues.c.id)
        made = await self.rows.keep(query, _TWICE)
        await self._put_entries(made, issue.entries)
        return await self.get(made)

    async def save(self, issue: Issue) -> None:
        """Keep a changed issue, entries and all; raises `Refused` as `add` does, or for an unknown id."""
        query = update(issues).where(issues.c.id == issue.id).values(_values(issue))
        if await self.rows.keep(query.returning(issues.c.id), _TWICE) is None:
            raise Refused(_missing(issue.id))
        await self.rows.change(delete(entries).where(entries.c.issue_id == issue.id))
        await self._put_entries(issue.id, issue.entries)

    async def get(self, issue_id: int) -> Issue:
        """The issue with this id; raises `Refused` if there is none."""
        issue = await self._first(select(issues).where(issues.c.id == issue_id))
        if issue is None:
            raise Refused(_missing(issue_id))
        return issue

    async def next_number(self, newsletter_id: int) -> int:
        """The number after the highest there is, drafts counted."""
        query = select(func.max(issues.c.number)).where(issues.c.newsletter_id == newsletter_id)
        return (await self.rows.value(query) or 0) + 1

    async def has_number(self, newsletter_id: int, number: int) -> bool:
        """Whether an issue, draft or published, has this number."""
        query = select(issues.c.id).where(issues.c.newsletter_id == newsletter_id, issues.c.number == number)
        return await self.rows.value(query) is not None

    async def draft(self, newsletter_id: int) -> Issue | None:
        """The draft that waits for its editors."""
        query = select(issues).where(issues.c.newsletter_id == newsletter_id)
        return await self._first(query.where(issues.c.state == IssueState.DRAFT))

    async def latest(self, newsletter_id: int) -> Issue | None:
        """The published issue of the latest date."""
        return await self._first(_published(newsletter_id))

    async def recent(self, newsletter_id: int, limit: int) -> tuple[Issue, ...]:
        """Published issues, latest first."""
        return await self._all(_published(newsletter_id).limit(limit))

    async def numbered(self, newsletter_id: int, number: int) -> Issue | None:
        """The published issue of this number, else the latest one of this week of a year."""
        published = _published(newsletter_id)
        found = await self._first(published.where(issues.c.number == number))
        return found or await self._first(published.where(issues.c.week == number))

    async def by_source(self, newsletter_id: int, source_url: str) -> Issue | None:
        """The issue read in from this address."""
        query = select(issues).where(issues.c.newsletter_id == newsletter_id)
        return await self._first(query.where(issues.c.source_url == source_url))

    async def by_title(self, newsletter_id: int, title: str) -> Issue | None:
        """The issue read in under this title from no known address: it fills no slot either."""
        query = select(issues).where(issues.c.newsletter_id == newsletter_id, issues.c.title == title)
        query = query.where(issues.c.source_url.is_(None), issues.c.slot.is_(None))
        return await self._first(query.order_by(issues.c.id.desc()))

    async def having(self, newsletter_id: int, url: str) -> tuple[Issue, ...]:
        """Published issues that print the item with this canonical URL, latest first."""
        printing = select(entries.c.issue_id).where(entries.c.url == url)
        return await self._all(_published(newsletter_id).where(issues.c.id.in_(printing)))

    async def _first(self, query: Select[Any]) -> Issue | None:
        found = await self._all(query.limit(1))
        return found[0] if found else None

    async def _all(self, query: Select[Any]) -> tuple[Issue, ...]:
        found = await self.rows.all(query)
        printed = select(entries).where(entries.c.issue_id.in_([row["id"] for row in found]))
        by_issue = defaultdict[int, list[Entry]](list)
        if found:
            for row in await self.rows.all(printed.order_by(entries.c.position)):
                by_issue[row["issue_id"]].append(_entry(row))
        return tuple(_issue(row, by_issue[row["id"]]) for row in found)

    async def _put_entries(self, issue_id: int, printed: tuple[Entry, ...]) -> None:
        if printed:
            listed = [
                asdict(entry) | {"issue_id": issue_id, "position": position} for position, entry in enumerate(printed)
            ]
            await self.rows.put_all(insert(entries), listed)


def _missing(issue_id: int) -> str:
    return f"There is no issue with the id {issue_id}."


def _published(newsletter_id: int) -> Select[Any]:
    query = select(issues).where(issues.c.newsletter_id == newsletter_id, issues.c.state == IssueState.PUBLISHED)
    return query.order_by(
        issues.c.dated.desc(),
        issues.c.published_at.desc().nulls_last(),
        issues.c.number.desc().nulls_last(),
        issues.c.id.desc(),
    )


def _values(issue: Issue) -> dict[str, Any]:
    return {
        "newsletter_id": issue.newsletter_id,
        "number": issue.number,
        "title": issue.title,
        "dated": issue.dated,
        "state": issue.state,
        "highlights": [asdict(highlight) for highlight in issue.highlights],
        "sections": issue.sections,
        "slot": issue.slot,
        "published_at": issue.published_at,
        "deadline": issue.deadline,
        "late_since": issue.late_since,
        "ballot_id": issue.ballot_id,
        "source_url": issue.source_url,
        "week": issue.week,
        "past_issues": issue.past_issues,
    }


def _issue(row: RowMapping, printed: list[Entry]) -> Issue:
    return Issue(
        id=row["id"],
        newsletter_id=row["newsletter_id"],
        number=row["number"],
        title=row["title"],
        dated=row["dated"],
        state=IssueState(row["state"]),
        highlights=tuple(_highlight(each) for each in row["highlights"]),
        sections=tuple(row["sections"]),
        entries=tuple(printed),
        slot=row["slot"],
        published_at=row["published_at"],
        deadline=row["deadline"],
        late_since=row["late_since"],
        ballot_id=row["ballot_id"],
        source_url=row["source_url"],
        week=row["week"],
        past_issues=tuple(row["past_issues"]),
    )


def _highlight(kept: dict[str, Any]) -> Highlight:
    return Highlight(kept["text"], tuple(kept["links"]), kept["group"])


def _entry(row: RowMapping) -> Entry:
    return Entry(
        section=row["section"],
        url=row["url"],
        title=row["title"],
        site=row["site"],
        kind=Kind(row["kind"]),
        summary=row["summary"],
        figure=row["figure"],
        paper=row["paper"],
        votes=row["votes"],
        by=row["by"],
        pinned=row["pinned"],
        dropped=row["dropped"],
    )
