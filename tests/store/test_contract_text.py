"""Any text from anybody can be kept and found again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.model import Highlight, Member
from bot.core.ports import Store
from bot.core.post import Heading, Post
from bot.store.columns import storable
from tests.store.examples import NOON, add_newsletter, delivery, entry, issue, item, open_vote

ANY_TEXT = st.text(st.characters(), max_size=40)
"""Control characters and lone surrogates among them."""


@given(ANY_TEXT)
def test_storable_text_is_changed_no_further(text: str) -> None:
    """Only what cannot be kept is replaced, letter for letter, and once."""
    kept = storable(text)
    kept.encode()
    assert "\0" not in kept
    assert len(kept) == len(text)
    assert storable(kept) == kept
    replaced = {old for old, new in zip(text, kept, strict=True) if old != new}
    assert all(old == "\0" or "\ud800" <= old <= "\udfff" for old in replaced)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT)
@example(text="\ud83d")
@example(text="a\0b")
@example(text="' OR 1=1; --")
@example(text="%s {} \\ \N{RIGHT-TO-LEFT OVERRIDE}")
async def test_any_text_comes_back(store: Store, text: str) -> None:
    """Hostile text in titles, names, lists and posts comes back as it can be kept."""
    async with store.snapshot() as snapshot:
        number = len(await snapshot.newsletters.all())
    vote = await open_vote(store, f"{number} {text}", items=1)
    made, kept = vote.ballot.newsletter_id, storable(text)
    post = Post(text, (Heading((text,)),))
    async with store.transaction() as tx:
        await tx.items.ensure(replace(item(number), url=f"https://a.test/{number}/{text}", title=text))
        found = await tx.items.by_url(f"https://a.test/{number}/{text}")
        assert found is not None
        assert found.title == kept
        first = replace(issue(made), entries=(entry(text, by=text),), highlights=(Highlight(text, (text,), text),))
        added = await tx.issues.add(first)
        assert added.entries == (entry(kept, by=kept),)
        # JSON has an escape for NUL, so lists may keep it.
        assert [each.text.replace("\0", "\ufffd") for each in added.highlights] == [kept]
        assert await tx.issues.having(made, text) == (added,)
        put = await tx.outbox.put(replace(delivery(made, number), key=f"{number}{text}", post=post))
        assert put.post.title.replace("\0", "\ufffd") == kept
        member = Member("discord", "1001", text, text)
        assert await tx.ballots.vote(vote.messages[0].id, vote.nominations[0].id, member)
        ((_, voter),) = await tx.ballots.votes(vote.ballot.id)
        assert (voter.id, voter.name) == (kept, kept)
        assert await tx.ballots.withdraw(vote.messages[0].id, vote.nominations[0].id, member)


async def test_a_text_of_a_megabyte_comes_back(store: Store) -> None:
    """Text has no limit of its own."""
    made = await add_newsletter(store)
    async with store.transaction() as tx:
        await tx.outbox.notice(made.id, NOON, "日" * 1_000_000)
        assert await tx.outbox.notices(made.id, 1) == ((NOON, "日" * 1_000_000),)
