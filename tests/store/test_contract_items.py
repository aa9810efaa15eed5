"""What the ports `Items` and `Papers` promise."""

from __future__ import annotations

from dataclasses import replace

from bot.core.model import CachedPaper, Kind
from bot.core.ports import Store
from tests.store.examples import HOUR, NOON, item, paper


async def test_an_item_is_kept_once_for_its_address(store: Store) -> None:
    """The second item of an address is the first one; another address is another item."""
    async with store.transaction() as tx:
        first = await tx.items.ensure(item())
        assert first == replace(item(), id=first.id)
        assert await tx.items.ensure(replace(item(), title="Another title", kind=Kind.POST)) == first
        assert (await tx.items.ensure(item(2))).id != first.id
        assert await tx.items.get(first.id) == first
        assert await tx.items.by_url(first.url) == first


async def test_an_unknown_item_is_none(store: Store) -> None:
    """An id or an address that nobody kept gives None."""
    async with store.snapshot() as snapshot:
        assert await snapshot.items.get(7) is None
        assert await snapshot.items.by_url("https://a.test/") is None


async def test_a_paper_comes_back_as_it_was(store: Store) -> None:
    """Every field of a paper and the time of its fetching come back, by version and as the newest."""
    async with store.transaction() as tx:
        assert await tx.papers.get("2103.06255") is None
        await tx.papers.put(paper(2), NOON, newest=True)
        assert await tx.papers.get("2103.06255") == CachedPaper(paper(2), NOON)
        assert await tx.papers.get("2103.06255", 2) == CachedPaper(paper(2), NOON)
        assert await tx.papers.get("2103.06255", 1) is None


async def test_only_an_answer_without_a_version_is_the_newest(store: Store) -> None:
    """A version asked for by its number says nothing about which one is the newest, nor since when."""
    async with store.transaction() as tx:
        await tx.papers.put(paper(1), NOON, newest=False)
        assert await tx.papers.get("2103.06255") is None
        await tx.papers.put(paper(2), NOON, newest=True)
        await tx.papers.put(paper(2), NOON + HOUR, newest=False)
        assert await tx.papers.get("2103.06255") == CachedPaper(paper(2), NOON)
        assert await tx.papers.get("2103.06255", 2) == CachedPaper(paper(2), NOON + HOUR)
        await tx.papers.put(paper(3), NOON + 2 * HOUR, newest=True)
        assert await tx.papers.get("2103.06255") == CachedPaper(paper(3), NOON + 2 * HOUR)


async def test_a_paper_that_changed_replaces_what_was_kept(store: Store) -> None:
    """A version put again shows what the source said last: a comment may change without a new version."""
    withdrawn = replace(paper(), comment="withdrawn", authors=())
    async with store.transaction() as tx:
        await tx.papers.put(paper(), NOON, newest=True)
        await tx.papers.put(withdrawn, NOON + HOUR, newest=True)
        assert await tx.papers.get("2103.06255") == CachedPaper(withdrawn, NOON + HOUR)
