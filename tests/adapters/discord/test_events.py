from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import structlog.testing

from bot.adapters.discord import DiscordOptions
from bot.adapters.discord.events import DONE, HINT, Hints
from bot.core.model import Member
from tests.adapters.discord.town import THURSDAY, Club, Town, club, said, town, vote

READ = "https://example.org/a-good-long-read"
OTHER = "https://example.org/some-other-long-read"
TITLE = "A good long read"

READING = DiscordOptions(shard_count=1, message_content=True)


async def running(here: Town) -> Club:
    """A club with two nominations on its ballot."""
    readers = club(here)
    await readers.set_up()
    await readers.nominate(READ, OTHER)
    return readers


async def test_reactions_are_votes(tmp_path: Path) -> None:
    """Each member's number counts once, and no longer once it is taken back; the bot's own never does."""
    async with town(tmp_path) as here:
        readers = await running(here)
        ballot = readers.ballot()
        assert set(await votes(here, readers)) == {0}
        await readers.ben.react(ballot, vote(1))
        await readers.chen.react(ballot, vote(1))
        await readers.chen.react(ballot, vote(2))
        assert await votes(here, readers) == [2, 1]
        await readers.chen.unreact(ballot, vote(1))
        assert await votes(here, readers) == [1, 1]


async def votes(here: Town, readers: Club) -> list[int]:
    """The votes by place on the ballot."""
    return list((await here.standing(readers.guild)).values())


async def test_bots_do_not_vote(tmp_path: Path) -> None:
    """Another bot's reaction is no vote."""
    async with town(tmp_path) as here:
        readers = await running(here)
        robot = readers.guild.add_member(here.env.create_user("robot", bot=True))
        await robot.react(readers.ballot(), vote(1))
        assert await votes(here, readers) == [0, 0]


async def test_other_emoji_mean_nothing(tmp_path: Path) -> None:
    """A thumb, a number that is not on the ballot, or a reaction elsewhere is no vote."""
    async with town(tmp_path) as here:
        readers = await running(here)
        elsewhere = await readers.ben.send(readers.paper, "Hello")
        before = len(here.env.http_requests)
        await readers.ben.react(readers.ballot(), "👍")
        await readers.ben.react(readers.ballot(), vote(9))
        await readers.ben.react(elsewhere, vote(1))
        assert await votes(here, readers) == [0, 0]
        assert len(here.env.http_requests) == before


@pytest.mark.parametrize("everything", [True, False])
async def test_cleared_reactions(tmp_path: Path, everything: bool) -> None:
    """When a moderator clears a message's reactions, or one emoji's, the votes fall with them."""
    async with town(tmp_path) as here:
        readers = await running(here)
        ballot = readers.ballot()
        await readers.ben.react(ballot, vote(1))
        await readers.chen.react(ballot, vote(2))
        if everything:
            here.env.backend.clear_reactions(readers.paper.id, ballot.id)
        else:
            here.env.backend.clear_reaction(readers.paper.id, ballot.id, vote(1))
        await here.env.settle()
        assert await votes(here, readers) == [0, 0 if everything else 1]


async def test_super_reactions_count_once(tmp_path: Path) -> None:
    """A super-reaction beside a plain one makes no second vote, and the plain one stands when it goes."""
    async with town(tmp_path) as here:
        readers = await running(here)
        ballot = readers.ballot()
        await readers.ben.react(ballot, vote(1))
        event: dict[str, Any] = {
            "user_id": str(readers.ben.id),
            "channel_id": str(readers.paper.id),
            "message_id": str(ballot.id),
            "guild_id": str(readers.guild.id),
            "emoji": {"id": None, "name": vote(1)},
            "burst": True,
            "burst_colors": [],
            "type": 1,
        }
        here.env.backend.emit("MESSAGE_REACTION_ADD", event)
        await here.env.settle()
        assert await votes(here, readers) == [1, 0]
        here.env.backend.emit("MESSAGE_REACTION_REMOVE", event)
        await here.env.settle()
        assert await votes(here, readers) == [1, 0]


async def test_missed_reactions_are_repaired(tmp_path: Path) -> None:
    """What a shard missed while it was gone, added or taken back, is read again when it has a new session."""
    async with town(tmp_path) as here:
        readers = await running(here)
        ballot = readers.ballot()
        await readers.ben.react(ballot, vote(1))
        shard = here.bot.client.get_shard(0)
        assert shard
        await shard.disconnect()
        await readers.ben.unreact(ballot, vote(1))
        await readers.chen.react(ballot, vote(2))
        await readers.ada.react(ballot, vote(2))
        assert await votes(here, readers) == [1, 0]
        here.read_again.clear()
        await shard.connect()
        async with asyncio.timeout(10):
            await here.read_again.wait()
        assert await votes(here, readers) == [0, 2]


async def test_reactions_during_a_restart_are_read_at_the_start(tmp_path: Path) -> None:
    """Votes that came in while the bot was stopped are counted as it starts."""
    async with town(tmp_path) as here:
        readers = await running(here)
        shard = here.bot.client.get_shard(0)
        assert shard
        await shard.disconnect()
        await readers.ben.react(readers.ballot(), vote(1))
        assert await votes(here, readers) == [0, 0]
        await here.restart()
        assert await votes(here, readers) == [1, 0]


async def test_a_newspaper_nominates_the_link(tmp_path: Path) -> None:
    """With the Message Content intent a 📰 puts a message's link on the ballot, and the bot ticks it off."""
    async with town(tmp_path, READING) as here:
        readers = club(here)
        await readers.set_up()
        spoken = await readers.chen.send(readers.paper, f"Look: {READ}")
        await readers.ben.react(spoken, "📰")
        assert await here.standing(readers.guild) == {TITLE: 0}
        assert DONE in await reactions(here, spoken)
        assert len(readers.messages()) == 2


async def reactions(here: Town, message: discord.Message) -> set[str]:
    """The emoji below a message."""
    channel = here.bot.client.get_partial_messageable(message.channel.id)
    return {str(each.emoji) for each in (await channel.fetch_message(message.id)).reactions}


async def test_a_newspaper_that_nominates_nothing_is_told_why(tmp_path: Path) -> None:
    """The bot replies where a message has no link, or where its link is on the ballot already."""
    async with town(tmp_path, READING) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate(READ)
        for text, told in (("Nothing here", "I found no link"), (f"Again {READ}", "on the ballot already")):
            spoken = await readers.chen.send(readers.paper, text)
            await readers.ben.react(spoken, "📰")
            reply = readers.messages()[-1]
            assert told in said(reply)
            assert reply.reference
            assert reply.reference.message_id == spoken.id
            assert DONE not in await reactions(here, spoken)


async def test_an_embedded_link_is_found(tmp_path: Path) -> None:
    """A link may also stand in what another bot embedded."""
    async with town(tmp_path, READING) as here:
        readers = club(here)
        await readers.set_up()
        hook = readers.guild.create_webhook(readers.paper, "feed")
        posted = await hook.send(embed=discord.Embed(title="New", url=READ, description="Fresh off the press"))
        await readers.ben.react(posted, "📰")
        assert await here.standing(readers.guild) == {TITLE: 0}


async def test_without_the_intent_a_newspaper_gets_a_hint_once_an_hour(tmp_path: Path) -> None:
    """The bot points to the menu, each member once an hour, and reads nothing."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        first, second = [await readers.chen.send(readers.paper, f"{READ}?{n}") for n in (1, 2)]
        before = len(readers.messages())
        await readers.ben.react(first, "📰")
        await readers.ben.react(second, "📰")
        assert [said(each) for each in readers.messages()[before:]] == [HINT]
        await readers.chen.react(second, "📰")
        assert len(readers.messages()) == before + 2
        await here.env.advance_time(3601)
        await readers.ben.unreact(first, "📰")
        await readers.ben.react(first, "📰")
        assert len(readers.messages()) == before + 3
        assert not [each for each in here.env.http_requests if each.method == "GET" and "/messages/" in each.path]


async def test_a_newspaper_on_a_ballot_or_without_a_newsletter_is_ignored(tmp_path: Path) -> None:
    """Where there is nothing to nominate for, or the message is the bot's own ballot, nothing is said."""
    async with town(tmp_path, READING) as here:
        readers = club(here)
        spoken = await readers.chen.send(readers.paper, READ)
        await readers.ben.react(spoken, "📰")
        assert len(readers.messages()) == 1
        await readers.set_up()
        before = len(readers.messages())
        await readers.ben.react(readers.ballot(), "📰")
        assert len(readers.messages()) == before


async def test_a_newspaper_on_a_message_that_is_gone(tmp_path: Path) -> None:
    """A message that cannot be read any more is one line in the log."""
    async with town(tmp_path, READING) as here:
        readers = club(here)
        await readers.set_up()
        spoken = await readers.chen.send(readers.paper, READ)
        here.env.inject_error("GET", "/channels/*/messages/*", status=404, code=10008, message="Unknown Message")
        with structlog.testing.capture_logs() as lines:
            await readers.ben.react(spoken, "📰")
        assert [each["event"] for each in lines] == ["a reaction could not be answered"]
        assert await here.standing(readers.guild) == {}


async def test_in_a_thread_a_newspaper_nominates_for_the_channel_above(tmp_path: Path) -> None:
    """A message in a thread is nominated for the newsletter of the channel that the thread is in."""
    async with town(tmp_path, READING) as here:
        readers = club(here)
        await readers.set_up()
        other = readers.guild.create_text_channel("another-paper")
        await readers.ada.slash(other, "newsletter setup", name="Another")
        talk = await readers.thread(await readers.ben.send(readers.paper, "Talk here"))
        spoken = await readers.chen.send(talk, READ)
        await readers.ben.react(spoken, "📰")
        assert DONE in await reactions(here, spoken)


async def test_only_what_is_needed_is_asked_for(tmp_path: Path) -> None:
    """The gateway sends guilds and reactions, and nothing of members or messages is kept."""
    async with town(tmp_path) as here:
        readers = await running(here)
        client = here.bot.client
        assert {name for name, on in client.intents if on} == {"guilds", "guild_reactions"}
        assert not client.cached_messages
        guild = client.get_guild(readers.guild.id)
        assert guild
        assert [each.id for each in guild.members] == [guild.me.id]
    asked = {name for name, on in READING.intents if on}
    assert asked == {"guilds", "guild_reactions", "message_content"}


def test_hints_are_forgotten_after_an_hour() -> None:
    """A member is told again after an hour; who was told longer ago is not kept."""
    hints = Hints()
    ben = Member("discord", "1", "2")
    assert hints.due(ben, THURSDAY)
    assert not hints.due(ben, THURSDAY + timedelta(minutes=59))
    assert hints.due(ben, THURSDAY + timedelta(hours=1))
    assert hints.due(Member("discord", "1", "3"), THURSDAY + timedelta(days=1))
    assert len(hints) == 1
