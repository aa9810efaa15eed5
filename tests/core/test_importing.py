"""/newsletter import: a preview first, then issues, once each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.commands import File
from bot.core.errors import Unreadable
from bot.core.feeds import FeedAnswer
from bot.core.model import Channel, Member
from bot.core.post import Form, Post
from tests.fakes.letters import entry
from tests.world import ADA, BEN, MONDAY, SUNDAY, World, caller, said, world

LETTER = """\
---
title: "Our Letter #7"
date: 2021-03-08
---

## Papers

### [Involution](https://arxiv.org/abs/2103.06255)

Turns convolution around.

### [Attention](https://arxiv.org/abs/1706.03762)

Attention alone.

## Tools

### [nanoGPT](https://github.com/karpathy/nanoGPT)

Small.
"""

WEEKS = "\n".join(
    f"## Week of {day} March 2021\n\n- [Paper {day}](https://papers.example.org/{day}): it works.\n"
    for day in (22, 15, 8)
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter set up in a channel."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup name:The Paper", ADA)
        yield made


async def shown(town: World, who: Member = ADA, **values: str | File) -> Post:
    """The preview of a file or a link."""
    answer = await town.desk.invoke(caller(who), "newsletter import", values)
    assert isinstance(answer, Post)
    return answer


async def pressed(town: World, preview: Post, label: str) -> str:
    """What pressing one of a preview's buttons answers."""
    button = next(each for each in preview.buttons if each.label == label)
    return said(await town.desk.invoke(caller(ADA), button.command, dict(button.options)))


def letter(text: str = LETTER) -> File:
    return File("letter.md", text.encode())


async def issues(town: World) -> list[tuple[int | None, str]]:
    """The numbers and titles of the issues that are out, latest first."""
    async with town.store.snapshot() as tx:
        return [(each.number, each.title) for each in await tx.issues.recent(1, 100)]


async def test_what_was_found_is_shown_before_anything_is_kept(town: World) -> None:
    """The preview has the title, the items by section and the first of them, and no issue is there yet."""
    preview = await shown(town, file=letter())
    text = said(preview)
    assert "Found: Our Letter #7" in text
    assert "8 March 2021 · issue 7 · 3 items" in text
    assert "Papers: 2 items" in text
    assert "Tools: 1 item" in text
    assert "Involution" in text
    assert "Turns convolution around." in text
    assert "Doubtful" not in text
    assert preview.private
    await town.work()
    assert await issues(town) == []
    assert not town.chat.titled("Our Letter #7")


async def test_an_imported_newsletter_is_posted_and_can_be_read(town: World) -> None:
    """A file becomes an issue with a head and sections; the same file again brings it up to date, and says so."""
    told = await pressed(town, await shown(town, file=letter()), "Post it")
    assert "Our Letter #7: 3 items in 2 sections, read in as issue 7." in told
    await town.work()
    (head,) = town.chat.titled("Our Letter #7")
    assert len([each for each in town.chat.sent if each.thread == head.id]) == 2
    again = await shown(town, file=letter(LETTER.replace("Turns convolution around.", "Turns it round.")))
    assert "This is issue 7 of The Paper already: it would be brought up to date." in said(again)
    assert "brought up to date as issue 7" in await pressed(town, again, "Bring it up to date")
    await town.work()
    assert len(town.chat.titled("Our Letter #7")) == 1
    assert any("Turns it round." in each for each in town.texts())
    assert "Turns it round." in await town.say("/issue 7")
    assert "was in issue 7" in await town.say("/nominate 2103.06255")


async def test_a_preview_is_posted_once(town: World) -> None:
    """The second press finds it gone, and nothing is posted twice."""
    preview = await shown(town, file=letter())
    await pressed(town, preview, "Post it")
    assert "That preview is gone" in await pressed(town, preview, "Post it")
    await town.work()
    assert len(town.chat.titled("Our Letter #7")) == 1


async def test_two_editors_who_post_the_same_post_it_once(town: World) -> None:
    """Both previews at the same moment make one issue, which the second press brings up to date."""
    first, second = await shown(town, file=letter()), await shown(town, file=letter())
    told = await asyncio.gather(pressed(town, first, "Post it"), pressed(town, second, "Post it"))
    assert sorted("read in as issue 7" in each for each in told) == [False, True]
    await town.work()
    assert await issues(town) == [(7, "Our Letter #7")]
    assert len(town.chat.titled("Our Letter #7")) == 1


async def test_a_member_cannot_post_a_preview(town: World) -> None:
    """The button works for editors alone, and stays good for them."""
    preview = await shown(town, file=letter())
    button = next(each for each in preview.buttons if each.label == "Post it")
    answer = await town.desk.invoke(caller(BEN), button.command, dict(button.options))
    assert "is for the editors" in said(answer)
    assert await issues(town) == []
    assert "read in as issue 7" in await pressed(town, preview, "Post it")


async def test_a_preview_waits_for_half_an_hour(town: World) -> None:
    """It is posted within that time, and has to be made again after it."""
    preview = await shown(town, file=letter())
    town.clock.move_to(SUNDAY + timedelta(minutes=30))
    assert "read in as issue 7" in await pressed(town, preview, "Post it")
    late = await shown(town, file=letter(LETTER.replace("#7", "#8")))
    town.clock.move_to(SUNDAY + timedelta(minutes=61))
    assert "half an hour is over" in await pressed(town, late, "Post it")
    assert await issues(town) == [(7, "Our Letter #7")]


async def test_a_preview_outlives_the_process(tmp_path: Path) -> None:
    """What was shown before a restart is posted after it, word for word."""
    async with world(tmp_path) as before:
        await before.say("/newsletter setup name:The Paper", ADA)
        preview = await shown(before, file=letter())
    async with world(tmp_path) as after:
        assert "read in as issue 7" in await pressed(after, preview, "Post it")
        assert "Turns convolution around." in await after.say("/issue 7")


async def test_another_newsletters_preview_is_not_posted(town: World) -> None:
    """A button's name is good in its own newsletter alone."""
    preview = await shown(town, file=letter())
    key = dict(preview.buttons[0].options)["preview"]
    second = Channel("web", "town", "second")
    await town.say("/newsletter setup name:Second", ADA, second)
    answer = await town.desk.invoke(caller(ADA, second), "newsletter import", {"preview": key})
    assert "That preview is gone" in said(answer)
    assert "read in as issue 7" in await pressed(town, preview, "Post it")


async def test_what_is_doubtful_is_said(town: World) -> None:
    """Missing dates, sections, titles and texts, a number taken, links twice and items had before are each named."""
    await pressed(town, await shown(town, file=letter()), "Post it")
    bare = (
        "# Another Letter 7\n\n- [Involution](https://arxiv.org/abs/2103.06255): again.\n"
        "- [Two](https://example.org/2)\n- [Two](https://example.org/2): once more.\n- <https://example.org/bare>\n"
    )
    text = said(await shown(town, file=File("other.md", bare.encode())))
    assert "It does not say when it is from: it would be dated today, 22 November 2026." in text
    assert "It calls itself issue 7, which The Paper has: it would be 8." in text
    assert "1 item has no title: https://example.org/bare." in text
    assert "4 items stand in no section with a name: the section is called Items." in text
    assert "2 items have no text." in text
    assert "1 link is there more than once: https://example.org/2." in text
    assert "1 item was in an earlier issue: “Involution” in issue 7." in text


async def test_of_several_issues_the_latest_is_shown(town: World) -> None:
    """The latest alone is posted, or all of them, the oldest first so that their numbers rise."""
    preview = await shown(town, file=File("weeks.md", WEEKS.encode()))
    assert "There are 2 earlier issues too; this is the latest." in said(preview)
    assert "Week of 22 March 2021" in said(preview)
    assert await pressed(town, preview, "Post it") == (
        "• Week of 22 March 2021: 1 item in 1 section, read in as issue 1."
    )
    preview = await shown(town, file=File("weeks.md", WEEKS.encode()))
    told = await pressed(town, preview, "Post all 3")
    assert "Week of 22 March 2021: 1 item in 1 section, brought up to date as issue 1." in told
    assert "Week of 15 March 2021: 1 item in 1 section, read in as issue 3." in told
    await town.work()
    heads = [each.post.title for each in town.chat.sent if each.post.title.startswith("Week") and not each.thread]
    assert sorted(heads) == [f"Week of {day} March 2021" for day in (15, 22, 8)]


async def test_an_archive_is_kept_without_flooding_the_channel(town: World) -> None:
    """Kept without posting, the earlier issues can be read, and only the latest goes to the channel."""
    preview = await shown(town, file=File("weeks.md", WEEKS.encode()))
    await pressed(town, preview, "Keep all, post the latest")
    await town.work()
    heads = [each.post.title for each in town.chat.sent if each.post.title.startswith("Week") and not each.thread]
    assert heads == ["Week of 22 March 2021"]
    assert "Paper 8" in await town.say("/issue 1")


async def test_a_link_is_read_in(town: World) -> None:
    """An address works as a file does, with its angle brackets or without `https://`."""
    town.letters.links["https://letters.example.org/7"] = LETTER
    for link in ("https://letters.example.org/7", "<https://letters.example.org/7|letter>", "letters.example.org/7"):
        assert "Found: Our Letter #7" in said(await shown(town, link=link))
    assert "Found: Our Letter #7" in await town.say("/newsletter import https://letters.example.org/7", ADA)


async def test_what_cannot_be_read_is_refused_in_a_sentence(town: World) -> None:
    """The refusal names the file or the link, and why."""
    assert said(await shown(town, file=File("notes.md", b""))) == "notes.md was not read in: it is empty."
    told = said(await shown(town, link="https://nowhere.example.org/"))
    assert told == "https://nowhere.example.org/ was not read in: The page answered with status 404."
    assert said(await shown(town, link="nonsense")) == "Give a link to the newsletter, or attach it as a file."
    both = await shown(town, link="https://letters.example.org/7", file=letter())
    assert said(both) == "Give a link or a file, not both."
    assert "cannot be followed" in said(await shown(town, file=letter(), follow="yes"))
    assert "for the editors" in said(await shown(town, BEN, file=letter()))


async def test_without_anything_a_form_asks(town: World) -> None:
    """Where the platform has forms, the command alone opens one."""
    answer = await town.desk.invoke(caller(ADA, forms=True), "newsletter import", {})
    assert isinstance(answer, Form)
    assert [each.option for each in answer.fields] == ["link", "file", "follow"]


async def test_a_feed_is_followed_when_asked_for(town: World) -> None:
    """The latest issue is posted, what is there already stays unposted, and the status shows the feed."""
    town.letters.feeds["https://weekly.example.org/feed"] = FeedAnswer(
        "https://weekly.example.org/feed", "The Weekly", (entry(3), entry(2), entry(1))
    )
    preview = await shown(town, link="https://weekly.example.org/feed", follow="yes")
    assert [each.label for each in preview.buttons] == ["Post it, and follow", "Post it", "Only follow"]
    told = await pressed(town, preview, "Post it, and follow")
    assert "The Weekly #3: 1 item in 1 section, read in as issue 3." in told
    assert "New issues of The Weekly come here by themselves from now on." in told
    status = await town.say("/newsletter status", ADA)
    assert "Followed: 1 feed" in status
    assert "The Weekly" in status
    await town.at(MONDAY)
    assert [title for _, title in await issues(town)] == ["The Weekly #3"]


async def test_a_feed_can_be_followed_from_the_next_issue_on(town: World) -> None:
    """Nothing is posted then, and the feed is followed all the same."""
    url = "https://weekly.example.org/feed"
    town.letters.feeds[url] = FeedAnswer(url, "The Weekly", (entry(1),))
    await pressed(town, await shown(town, link=url, follow="yes"), "Only follow")
    assert await issues(town) == []
    assert "Followed: 1 feed" in await town.say("/newsletter status", ADA)


async def test_following_ends(town: World) -> None:
    """By its feed's address, by its site, or without any where there is one alone; then nothing comes any more."""
    url = "https://weekly.example.org/feed"
    for link in (url, "https://weekly.example.org/", ""):
        town.letters.feeds[url] = FeedAnswer(url, "The Weekly", (entry(1),))
        await pressed(town, await shown(town, link=url, follow="yes"), "Only follow")
        assert said(await shown(town, link=link, follow="no")) == "The Weekly is followed no longer; its issues stay."
    town.letters.feeds[url] = FeedAnswer(url, "The Weekly", (entry(2), entry(1)))
    town.clock.advance(timedelta(days=1))
    await town.work()
    assert await issues(town) == []
    assert said(await shown(town, follow="no")) == "The Paper follows no feed."


async def test_which_feed_is_meant_has_to_be_said_where_there_are_several(town: World) -> None:
    """With two feeds followed, ending needs the address of one."""
    for name in ("one", "two"):
        url = f"https://{name}.example.org/feed"
        town.letters.feeds[url] = FeedAnswer(url, name, (entry(1),))
        await pressed(town, await shown(town, link=url, follow="yes"), "Only follow")
    told = said(await shown(town, follow="no"))
    assert told == "Say which: The Paper follows https://one.example.org/feed, https://two.example.org/feed."


async def test_a_page_without_a_feed_cannot_be_followed(town: World) -> None:
    """The preview says why, and offers to post it alone; so it does where the feed fails."""
    town.letters.links["https://letters.example.org/7"] = LETTER
    preview = await shown(town, link="https://letters.example.org/7", follow="yes")
    assert "It cannot be followed: it names no feed." in said(preview)
    assert [each.label for each in preview.buttons] == ["Post it"]


async def test_a_newsletter_that_is_deleted_is_followed_no_longer(town: World) -> None:
    """Its feeds go with it, and asking for what is due finds nothing."""
    url = "https://weekly.example.org/feed"
    town.letters.feeds[url] = FeedAnswer(url, "The Weekly", (entry(1),))
    await pressed(town, await shown(town, link=url, follow="yes"), "Only follow")
    await shown(town, file=letter())
    await town.press("newsletter forget", ADA, confirm="The Paper")
    town.clock.advance(timedelta(days=1))
    assert await town.following.work() == 0
    assert await town.following.next_due() is None


async def test_a_feed_that_does_not_answer_is_no_reason_to_fail(town: World) -> None:
    """A page whose feed cannot be read is shown all the same, with what is wrong with its feed."""
    url = "https://weekly.example.org/feed"
    town.letters.feeds[url] = FeedAnswer(url, "The Weekly", (entry(1),))
    preview = await shown(town, link=url, follow="yes")
    town.letters.faults[url] = Unreadable("The page did not come in time.")
    assert "come here by themselves" in await pressed(town, preview, "Only follow")
    assert "was not read in: The page did not come in time." in said(await shown(town, link=url))
