"""Feeds that are followed: new entries become issues once each, whatever fails meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.core.errors import NotANewsletter, Refused, Unreadable
from bot.core.feeds import FeedAnswer
from bot.core.following import EVERY, GIVE_UP, LEASE, LONGEST_WAIT, MOST_FEEDS, TELL_AFTER
from tests.fakes.letters import entry
from tests.world import ADA, SUNDAY, World, world

URL = "https://weekly.example.org/feed"
HOUR = timedelta(hours=1)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter that follows a feed, of which it knows the first entry."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup name:The Paper weekday:Saturday", ADA)
        await follow(made)
        yield made


async def follow(town: World) -> None:
    says(town, 1)
    async with town.store.transaction() as tx:
        newsletter = await tx.newsletters.get(1)
        await town.following.follow(tx, newsletter, URL, "The Weekly", ["id-1"])


def says(town: World, *numbers: int, etag: str = "", dated: datetime | None = None) -> None:
    """Let the feed have entries with these numbers."""
    town.letters.feeds[URL] = FeedAnswer(URL, "The Weekly", tuple(entry(each, dated) for each in numbers), etag)


async def later(town: World, span: timedelta = 2 * HOUR) -> None:
    """Let time go by, and do what is due then."""
    town.clock.advance(span)
    await town.work()


async def titles(town: World) -> list[str]:
    """The titles of the issues that are out, oldest first."""
    async with town.store.snapshot() as tx:
        return [each.title for each in reversed(await tx.issues.recent(1, 100))]


async def notices(town: World) -> list[str]:
    """What the editors were told, oldest first."""
    async with town.store.snapshot() as tx:
        return [text for _, text in reversed(await tx.outbox.notices(1, 100))]


async def test_a_new_entry_becomes_an_issue_and_is_posted(town: World) -> None:
    """What was there when following began stays out; what comes after it goes to the channel by itself."""
    await later(town)
    assert await titles(town) == []
    says(town, 2, 1)
    await later(town)
    assert await titles(town) == ["The Weekly #2"]
    assert len(town.chat.titled("The Weekly #2")) == 1


async def test_an_entry_becomes_an_issue_once(town: World) -> None:
    """However often it is read again, and changed: its id is known."""
    says(town, 2, 1)
    await later(town)
    town.letters.feeds[URL] = replace(
        town.letters.feeds[URL], entries=(replace(entry(2), title="Another name", url="https://other.example.org/2"),)
    )
    for _ in range(3):
        await later(town)
    assert await titles(town) == ["The Weekly #2"]


async def test_a_feed_is_asked_every_hour_and_no_more(town: World) -> None:
    """Half an hour after it was asked nothing is due; two hours after, it is asked once."""
    await later(town)
    asked = len(town.letters.asked)
    await later(town, timedelta(minutes=30))
    assert len(town.letters.asked) == asked
    due = await town.following.next_due()
    assert due is not None
    assert abs(due - (SUNDAY + 2 * HOUR + EVERY)) <= EVERY / 10
    await later(town)
    assert len(town.letters.asked) == asked + 1


async def test_a_feed_is_asked_for_what_changed(town: World) -> None:
    """The tag that its last answer had goes with the next question, and an answer without news changes nothing."""
    says(town, 2, 1, etag='"two"')
    await later(town)
    await later(town)
    assert [each.etag for each in town.letters.asked] == ["", '"two"']
    assert await titles(town) == ["The Weekly #2"]


async def test_two_processes_make_one_issue(tmp_path: Path) -> None:
    """Both find the feed due; one asks it, and the entry is taken once."""
    async with world(tmp_path) as town:
        await town.say("/newsletter setup name:The Paper weekday:Saturday", ADA)
        await follow(town)
        says(town, 2, 1)
        town.clock.advance(2 * HOUR)
        await asyncio.gather(*(town.following.work() for _ in range(4)))
        assert len(town.letters.asked) == 1
        assert await titles(town) == ["The Weekly #2"]


async def test_an_entry_is_taken_up_after_a_crash(town: World) -> None:
    """A process that dies while it reads leaves the entry to the next one, after the lease."""
    says(town, 2, 1)
    town.letters.faults[entry(2).url] = asyncio.CancelledError()
    town.clock.advance(2 * HOUR)
    with pytest.raises(asyncio.CancelledError):
        await town.following.work()
    del town.letters.faults[entry(2).url]
    await later(town, LEASE - timedelta(seconds=1))
    assert await titles(town) == []
    await later(town, timedelta(seconds=1))
    assert await titles(town) == ["The Weekly #2"]


async def test_a_feed_that_fails_is_asked_less_and_less_often(town: World) -> None:
    """The waits grow to half a day, and an answer brings them back to an hour."""
    town.letters.faults[URL] = Unreadable("The page cannot be reached.")
    waits = []
    for _ in range(7):
        due = await town.following.next_due()
        assert due is not None
        town.clock.move_to(due)
        await town.following.work()
        again = await town.following.next_due()
        assert again is not None
        waits.append(again - due)
    assert all(first < second for first, second in pairwise(waits[:4]))
    assert max(waits) <= LONGEST_WAIT * 1.1
    assert "not readable since" in await town.say("/newsletter status", ADA)
    del town.letters.faults[URL]
    await later(town, LONGEST_WAIT * 2)
    due = await town.following.next_due()
    assert due is not None
    assert due - town.clock.now() <= EVERY * 1.1
    assert "not readable" not in await town.say("/newsletter status", ADA)


async def test_editors_are_told_once_of_a_feed_that_fails_for_a_day(town: World) -> None:
    """Not at the first failure, once after a day, and once more when it is back."""
    town.letters.faults[URL] = NotANewsletter("it is no feed in RSS or Atom")
    await later(town)
    assert await notices(town) == []
    for _ in range(3):
        await later(town, TELL_AFTER)
    told = "The feed The Weekly has not been readable for a day; it is tried again: it is no feed in RSS or Atom."
    assert await notices(town) == [told]
    del town.letters.faults[URL]
    for _ in range(2):
        await later(town, TELL_AFTER)
    assert await notices(town) == [told, "The feed The Weekly can be read again."]


async def test_an_entry_without_items_is_told_once_and_passed_over(town: World) -> None:
    """An announcement among the issues is no issue; the editors hear of it, and what follows it comes."""
    announcement = replace(entry(2), title="We are moving", text="")
    town.letters.feeds[URL] = FeedAnswer(URL, "The Weekly", (entry(3), announcement, entry(1)))
    await later(town)
    await later(town)
    assert await titles(town) == ["The Weekly #3"]
    assert await notices(town) == ["“We are moving” of The Weekly did not become an issue: it has no links."]


async def test_an_entry_whose_page_does_not_come_is_tried_again(town: World) -> None:
    """The other entries come at once, that one when its page does, and the feed is not taken for read before."""
    says(town, 3, 2, 1, etag='"three"')
    town.letters.faults[entry(2).url] = Unreadable("The page answered with status 503.")
    await later(town)
    assert await titles(town) == ["The Weekly #3"]
    del town.letters.faults[entry(2).url]
    await later(town)
    assert sorted(await titles(town)) == ["The Weekly #2", "The Weekly #3"]


async def test_an_entry_whose_page_never_comes_is_given_up(town: World) -> None:
    """After three days the editors are told, and the feed counts as read."""
    says(town, 2, 1, etag='"two"')
    town.letters.faults[entry(2).url] = Unreadable("The page answered with status 404.")
    for _ in range(5):
        await later(town, GIVE_UP / 2)
    told = [each for each in await notices(town) if "did not become an issue" in each]
    assert told == ["“The Weekly #2” of The Weekly did not become an issue: The page answered with status 404."]
    assert town.letters.asked[-1].etag == '"two"'


async def test_a_feed_that_renames_its_entries_floods_nobody(town: World) -> None:
    """Where all ids are new at once, only entries of these days are news."""
    says(town, 2, 1)
    await later(town)
    renamed = [replace(entry(each, SUNDAY - timedelta(days=7 * each)), id=f"new-{each}") for each in range(30)]
    town.letters.feeds[URL] = FeedAnswer(URL, "The Weekly", tuple(replace(each, url="") for each in renamed))
    await later(town)
    assert await titles(town) == ["The Weekly #2", "The Weekly #0"]


async def test_many_entries_at_once_are_cut_to_the_latest(town: World) -> None:
    """After a long absence five issues are posted, and the editors know that there were more."""
    says(town, *range(9, 0, -1))
    await later(town)
    assert await titles(town) == [f"The Weekly #{each}" for each in (5, 6, 7, 8, 9)]
    assert await notices(town) == ["The Weekly had 8 new entries at once: only the latest 5 became issues."]


async def test_an_entry_that_was_imported_by_hand_is_not_posted_again(town: World) -> None:
    """The issue that its address has already is brought up to date."""
    town.letters.links[entry(2).url] = f"---\ntitle: By hand\nurl: {entry(2).url}\n---\n\n{entry(2).text}"
    preview = await town.press("newsletter import", ADA, link=entry(2).url)
    assert "By hand" in preview
    async with town.store.snapshot() as tx:
        newsletter = await tx.newsletters.get(1)
    (issue,) = await town.letters.read_entry(entry(2))
    await town.desk.importer.keep(newsletter, issue)
    says(town, 2, 1)
    await later(town)
    assert await titles(town) == ["The Weekly #2"]
    assert len(town.chat.titled("The Weekly #2")) == 1


async def test_a_paused_newsletter_gets_its_issues_when_it_goes_on(town: World) -> None:
    """While it is paused the feed is not asked; afterwards what came meanwhile comes."""
    await town.say("/newsletter pause", ADA)
    says(town, 2, 1)
    await later(town)
    assert town.letters.asked == []
    await town.say("/newsletter resume", ADA)
    await later(town)
    assert await titles(town) == ["The Weekly #2"]


async def test_one_feeds_trouble_is_not_the_others(town: World) -> None:
    """A feed that breaks in a way that nobody thought of holds up no other feed."""
    other = "https://other.example.org/feed"
    async with town.store.transaction() as tx:
        newsletter = await tx.newsletters.get(1)
        await town.following.follow(tx, newsletter, other, "Other", [])
    town.letters.feeds[other] = FeedAnswer(other, "Other", (entry(7),))
    del town.letters.feeds[URL]
    await later(town)
    assert await titles(town) == ["The Weekly #7"]
    async with town.store.snapshot() as tx:
        broken = (await tx.feeds.of(1))[0]
    assert (broken.failures, broken.reason) == (1, "something went wrong here; the log says what")


async def test_a_newsletter_follows_so_many_feeds_and_no_more(town: World) -> None:
    """The one too many is refused; one that is followed already is none."""
    async with town.store.transaction() as tx:
        newsletter = await tx.newsletters.get(1)
        for number in range(MOST_FEEDS - 1):
            await town.following.follow(tx, newsletter, f"{URL}/{number}", "", [])
        await town.following.follow(tx, newsletter, URL, "", [])
        with pytest.raises(Refused, match="follows 20 feeds already"):
            await town.following.follow(tx, newsletter, f"{URL}/more", "", [])
