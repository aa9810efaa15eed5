"""Papers looked up before, as rows: each version, and which version was said to be the newest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, and_, select

from bot.core.model import CachedPaper, Paper
from bot.store.rows import Rows
from bot.store.schema import newest_papers, papers
from bot.store.sqlite import insert


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
        values = {
            "title": paper.title,
            "authors": paper.authors,
            "abstract": paper.abstract,
            "published": paper.published,
            "updated": paper.updated,
            "categories": paper.categories,
            "comment": paper.comment,
            "doi": paper.doi,
            "journal": paper.journal,
            "fetched_at": fetched_at,
        }
        keep = insert(papers).values(paper_id=paper.id, version=paper.version, **values)
        await self.rows.change(keep.on_conflict_do_update(index_elements=["paper_id", "version"], set_=values))
        if newest:
            answer = {"version": paper.version, "fetched_at": fetched_at}
            mark = insert(newest_papers).values(paper_id=paper.id, **answer)
            await self.rows.change(mark.on_conflict_do_update(index_elements=["paper_id"], set_=answer))


def _paper(row: RowMapping) -> Paper:
    return Paper(
        id=row[papers.c.paper_id],
        version=row[papers.c.version],
        title=row["title"],
        authors=tuple(row["authors"]),
        abstract=row["abstract"],
        published=row["published"],
        updated=row["updated"],
        categories=tuple(row["categories"]),
        comment=row["comment"],
        doi=row["doi"],
        journal=row["journal"],
    )
