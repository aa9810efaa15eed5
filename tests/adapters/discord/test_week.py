from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord

from bot.adapters.discord import DiscordOptions
from tests.adapters.discord.town import answer, club, said, town, vote

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
WEEK = timedelta(days=7)

READ = "https://example.org/a-good-long-read"
TALK = "https://example.org/watch-this-fine-talk"
INVOLUTION = "Involution: Inverting the Inherence of Convolution for Visual Recognition"


async def test_the_week_from_setup_to_the_second_ballot(tmp_path: Path) -> None:
    """Set up, nominated, voted on, the issue comes out at its hour with a thread below it, and a ballot follows."""
    async with town(tmp_path) as here:
        readers = club(here)
        asked = await readers.ada.slash(readers.paper, "newsletter setup")
        await readers.ada.submit_modal(asked, {"name": "Weekly", "weekday": ["Monday"], "time": "09:00"})
        await here.bot.work()
        await readers.nominate("2103.06255", READ, TALK)
        first = readers.ballot(1)
        for voter, places in ((readers.ada, (1, 2)), (readers.ben, (1, 2)), (readers.chen, (1, 3))):
            for place in places:
                await voter.react(first, vote(place))
        await readers.ben.unreact(first, vote(2))
        assert list((await here.standing(readers.guild)).values()) == [3, 1, 1]
        await here.at(MONDAY - timedelta(minutes=1))
        assert not readers.paper.threads
        await here.at(MONDAY)
        (thread,) = readers.paper.threads
        issue = "\n".join(map(said, [*readers.messages(), *thread.history()]))
        assert "Weekly #1" in issue
        assert INVOLUTION in "\n".join(map(said, thread.history()))
        assert "Closed: the votes are counted." in said(readers.ballot(1))
        second = readers.ballot(2)
        assert "Watch this fine talk" in said(second)
        assert INVOLUTION not in said(second)
        assert await here.standing(readers.guild) == {"A good long read": 0, "Watch this fine talk": 0}
        await readers.chen.react(first, vote(2))
        await readers.chen.react(second, vote(2))
        assert await here.standing(readers.guild) == {"A good long read": 0, "Watch this fine talk": 1}


async def test_a_restart_in_the_middle_of_the_week(tmp_path: Path) -> None:
    """After a restart the buttons of older messages work, votes go on where they were, and the issue comes out once."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        shown = await readers.ben.slash(readers.paper, "paper", reference="2103.06255")
        await here.restart()
        assert shown.response
        assert "On the ballot as number 1" in answer(await readers.ben.click(shown.response, label="Nominate"))
        assert "Turns convolution around." in answer(await readers.ben.click(shown.response, label="Abstract"))
        await here.bot.work()
        await readers.ben.react(readers.ballot(), vote(1))
        await here.restart()
        await readers.chen.react(readers.ballot(), vote(1))
        assert "2 votes" in answer(await readers.ada.click(readers.ballot(), label="Standing"))
        await here.at(MONDAY)
        await here.restart()
        await here.bot.work()
        assert len(readers.paper.threads) == 1
        heads = [each for each in readers.messages() if "Readers Weekly #1" in said(each)]
        assert len(heads) == 1


async def test_two_servers_have_weeks_of_their_own(tmp_path: Path) -> None:
    """Two servers, on two shards, have newsletters, ballots, votes and issues of their own."""
    async with town(tmp_path, DiscordOptions(shard_count=2)) as here:
        readers, writers = club(here, "Readers", shard_id=0), club(here, "Writers", shard_id=1)
        await readers.set_up()
        await writers.set_up(weekday="Tuesday")
        await readers.nominate(READ)
        await writers.nominate("2103.06255")
        for each, others in ((readers, writers), (writers, readers)):
            await each.ben.react(each.ballot(), vote(1))
            await each.chen.react(each.ballot(), vote(1))
            assert others.guild.name not in answer(await each.ben.slash(each.paper, "ballot"))
        assert await here.standing(readers.guild) == {"A good long read": 2}
        assert await here.standing(writers.guild) == {INVOLUTION: 2}
        await here.at(MONDAY)
        assert (len(readers.paper.threads), len(writers.paper.threads)) == (1, 0)
        await here.at(MONDAY + timedelta(days=1))
        assert (len(readers.paper.threads), len(writers.paper.threads)) == (1, 1)


async def test_votes_missed_before_the_slot_are_counted(tmp_path: Path) -> None:
    """A shard that is gone when the ballot closes costs nobody a vote: the reactions are read again first."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate(READ)
        shard = here.bot.client.get_shard(0)
        assert shard
        await shard.disconnect()
        for each in (readers.ben, readers.chen):
            await each.react(readers.ballot(), vote(1))
        assert await here.standing(readers.guild) == {"A good long read": 0}
        await here.at(MONDAY)
        assert len(readers.paper.threads) == 1


async def test_an_issue_ahead_of_its_hour(tmp_path: Path) -> None:
    """Editors look at the coming issue, publish it themselves, and the hour brings no second one."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate(READ)
        await readers.ben.react(readers.ballot(), vote(1))
        await readers.chen.react(readers.ballot(), vote(1))
        preview = await readers.ada.slash(readers.paper, "newsletter preview")
        assert preview.ephemeral
        assert "A good long read" in answer(preview)
        await readers.ada.slash(readers.paper, "newsletter publish")
        await here.bot.work()
        assert len(readers.paper.threads) == 1
        await here.at(MONDAY)
        assert len(readers.paper.threads) == 1
        read = await readers.chen.slash(readers.paper, "issue", number="1")
        assert "A good long read" in answer(read)


async def test_a_newsletter_in_a_forum(tmp_path: Path) -> None:
    """In a forum, whose members command the bot from its posts, ballots and issues are posts."""
    async with town(tmp_path) as here:
        readers = club(here)
        forum = readers.guild.create_forum_channel("papers")
        there = here.bot.client.get_channel(forum.id)
        assert isinstance(there, discord.ForumChannel)
        await there.create_thread(name="About", content="What this is about")
        await here.env.settle()
        (about,) = forum.threads
        await readers.ada.slash(about, "newsletter setup", name="Weekly")
        await readers.ben.slash(about, "nominate", link=READ)
        await here.bot.work()
        (ballot,) = [each for each in forum.threads if each.id != about.id]
        assert "A good long read" in said(ballot.history()[0])
        await readers.ada.slash(about, "item pin", item="1")
        await here.at(MONDAY)
        names = [each.name for each in forum.threads]
        assert names == ["About", "Weekly: ballot 1", "Weekly #1", "Weekly: ballot 2"]
        issue = forum.threads[2]
        assert "A good long read" in "\n".join(map(said, issue.history()))
