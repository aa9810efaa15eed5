"""Items as rows, one for each canonical URL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, literal, select

from bot.core.describing import stand_in_title
from bot.core.model import Item
from bot.store.rows import Rows, to_item
from bot.store.schema import items
from bot.store.sqlite import insert


@dataclass(frozen=True, slots=True)
class SqlItems:
    """The port `Items` within one transaction."""

    rows: Rows

    async def ensure(self, item: Item) -> Item:
        """The kept item with this URL, made from `item` if there is none; a title that stood in for one is replaced."""
        query = insert(items).values(
            url=item.url,
            title=item.title,
            site=item.site,
            kind=item.kind,
            summary=item.summary,
            figure=item.figure,
            paper=item.paper,
        )
        better = {name: query.excluded[name] for name in ("title", "summary", "kind", "figure")}
        stood_in = and_(
            items.c.title.in_((literal("arXiv ") + items.c.paper, stand_in_title(item.url))),
            items.c.title != query.excluded.title,
        )
        await self.rows.change(query.on_conflict_do_update(index_elements=["url"], set_=better, where=stood_in))
        return to_item(await self.rows.one(select(items).where(items.c.url == item.url)))

    async def by_url(self, url: str) -> Item | None:
        """The item with this canonical URL."""
        return await self._where(items.c.url == url)

    async def get(self, item_id: int) -> Item | None:
        """The item with this id."""
        return await self._where(items.c.id == item_id)

    async def _where(self, condition: ColumnElement[bool]) -> Item | None:
        row = await self.rows.first(select(items).where(condition))
        return None if row is None else to_item(row)
