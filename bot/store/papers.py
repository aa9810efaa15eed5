"""Papers looked up before, as rows: each version, and which version was said to be the newest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import RowMapping, and_, select

from bot.core.model import CachedExtras, CachedPaper, Extras, Paper, Precision
from bot.core.references import Reference, ReferenceKind
from bot.store.rows import Rows
from bot.store.schema import newest_papers, paper_extras, papers
from bot.store.sqlite import insert

_FIELDS = tuple(each.name for each in fields(Paper) if each.name not in ("id", "version"))
"""The columns of a version of a paper, which are named as its fields."""


@dataclass(frozen=True, slots=True)
class SqlPapers:
    """The port `Papers` within one transaction."""

    rows: Rows

    async def get(self, paper_id: str, version: int | None = None) -> CachedPaper | None:
        """The paper as kept: this version, or the one that was last said to be the newest."""
        if version is not None:
            query = select(papers).where(papers.c.paper_id == paper_id, papers.c.version == version)
            row = await self.rows.first(query)
            return None if row is None else CachedPaper(_paper(row), row[papers.c.fetched_at])
        same = and_(papers.c.paper_id == newest_papers.c.paper_id, papers.c.version == newest_papers.c.version)
        query = select(papers, newest_papers.c.fetched_at).join(newest_papers, same)
        row = await self.rows.first(query.where(newest_papers.c.paper_id == paper_id))
        return None if row is None else CachedPaper(_paper(row), row[newest_papers.c.fetched_at])

    async def put(self, paper: Paper, fetched_at: datetime, *, newest: bool) -> None:
        """Keep a paper; `newest` when it answers for the paper without a version."""
        values = {name: getattr(paper, name) for name in _FIELDS} | {"fetched_at": fetched_at}
        keep = insert(papers).values(paper_id=paper.id, version=paper.version, **values)
        await self.rows.change(keep.on_conflict_do_update(index_elements=["paper_id", "version"], set_=values))
        if newest:
            answer = {"version": paper.version, "fetched_at": fetched_at}
            mark = insert(newest_papers).values(paper_id=paper.id, **answer)
            await self.rows.change(mark.on_conflict_do_update(index_elements=["paper_id"], set_=answer))

    async def extras(self, paper: Reference) -> CachedExtras | None:
        """The paper's extras as kept."""
        row = await self.rows.first(select(paper_extras).where(paper_extras.c.paper == str(paper)))
        if row is None:
            return None
        return CachedExtras(Extras(row["citations"], row["tldr"], row["venue"], row["url"]), row["fetched_at"])

    async def put_extras(self, paper: Reference, extras: Extras, fetched_at: datetime) -> None:
        """Keep a paper's extras."""
        values = asdict(extras) | {"fetched_at": fetched_at}
        query = insert(paper_extras).values(paper=str(paper), **values)
        await self.rows.change(query.on_conflict_do_update(index_elements=["paper"], set_=values))


def _paper(row: RowMapping) -> Paper:
    values = {name: row[name] for name in _FIELDS} | {
        "authors": tuple(row["authors"]),
        "categories": tuple(row["categories"]),
        "kind": ReferenceKind(row["kind"]),
        "precision": Precision(row["precision"]),
    }
    return Paper(id=row[papers.c.paper_id], version=row[papers.c.version], **values)
