from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.core.model import Channel
from tests.adapters.slack.town import OTHER, READ, Club, Town, club, said, town
from tests.fakes.slack_faults import Fault
from tests.fakes.slack_world import Message

TITLE = "A good long read"


async def running(here: Town) -> Club:
    """A club with two nominations on its ballot."""
    readers = club(here)
    await readers.set_up()
    await readers.nominate(READ, OTHER)
    return readers


async def votes(here: Town, readers: Club) -> list[int]:
    """The votes by place on the ballot."""
    return list((await here.standing(readers.workspace)).values())


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_reactions_are_votes(tmp_path: Path, mode: str) -> None:
    """Each member's number counts once, and no longer once it is taken back; the bot's own never does."""
    async with town(tmp_path, mode) as here:
        readers = await running(here)
        ballot = readers.ballot()
        assert {"one", "two"} <= set(ballot.reactions)
        assert await votes(here, readers) == [0, 0]
        await readers.react(ballot, readers.ben, "one")
        await readers.react(ballot, readers.chen, "one")
        await readers.react(ballot, readers.chen, "two")
        assert await votes(here, readers) == [2, 1]
        await readers.unreact(ballot, readers.chen, "one")
        assert await votes(here, readers) == [1, 1]


async def test_bots_do_not_vote(tmp_path: Path) -> None:
    """Another bot's reaction is no vote."""
    async with town(tmp_path) as here:
        readers = await running(here)
        robot = here.slack.state.user(readers.workspace, "Robot", bot=True)
        await readers.react(readers.ballot(), robot, "one")
        assert await votes(here, readers) == [0, 0]


async def test_other_emoji_and_other_messages_mean_nothing(tmp_path: Path) -> None:
    """A thumb, a number that is not on the ballot, or a reaction elsewhere is no vote."""
    async with town(tmp_path) as here:
        readers = await running(here)
        elsewhere = await here.slack.write(readers.paper, readers.ben, "Hello")
        for message, name in ((readers.ballot(), "thumbsup"), (readers.ballot(), "nine"), (elsewhere, "one")):
            await readers.react(message, readers.chen, name)
        assert await votes(here, readers) == [0, 0]


async def test_events_that_come_twice_or_late_change_nothing(tmp_path: Path) -> None:
    """An event is taken in once; of a member's reactions to a message the latest holds, whichever came last."""
    async with town(tmp_path) as here:
        readers = await running(here)
        ballot = readers.ballot()
        here.slack.delivery.twice = True
        await readers.react(ballot, readers.ben, "one")
        assert await votes(here, readers) == [1, 0]
        added = here.slack.delivery.events[-1]
        await readers.unreact(ballot, readers.ben, "one")
        await here.slack.delivery.again(added)
        await here.idle()
        assert await votes(here, readers) == [0, 0]
        here.slack.delivery.twice = False
        here.slack.delivery.hold()
        here.slack.state.react(ballot, readers.ben, "two")
        here.slack.state.unreact(ballot, readers.ben, "two")
        here.slack.state.react(ballot, readers.chen, "two")
        await here.slack.delivery.release(backwards=True, times=2)
        await here.idle()
        assert await votes(here, readers) == [0, 1]


async def spoken(here: Town, readers: Club, text: str = f"Look: {READ}", thread: str | None = None) -> Message:
    """Something that Chen wrote."""
    message = await here.slack.write(readers.paper, readers.chen, text, thread)
    await here.idle()
    return message


@pytest.mark.parametrize("poor", [False, True])
async def test_a_newspaper_nominates_the_link(tmp_path: Path, poor: bool) -> None:
    """A 📰 puts a message's link on the ballot, and the bot ticks it off, also where a history takes no paging."""
    async with town(tmp_path, ignores_paging=poor, without={"reactions.get"} if poor else ()) as here:
        readers = club(here)
        await readers.set_up()
        message = await spoken(here, readers)
        await spoken(here, readers, f"Later: {OTHER}")
        await readers.react(message, readers.ben, "newspaper")
        assert await here.standing(readers.workspace) == {TITLE: 0}
        assert message.reactions["white_check_mark"] == [readers.workspace.bot.id]


async def test_a_newspaper_in_a_thread(tmp_path: Path) -> None:
    """A message below another one is read there."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        head = await spoken(here, readers, "What do you read?")
        reply = await spoken(here, readers, f"This: {READ}", head.ts)
        await spoken(here, readers, f"And this: {OTHER}", head.ts)
        await readers.react(reply, readers.ben, "newspaper")
        assert await here.standing(readers.workspace) == {TITLE: 0}
        assert "white_check_mark" in reply.reactions


async def test_a_newspaper_that_nominates_nothing_is_told_why(tmp_path: Path) -> None:
    """Who left it hears, alone, that the message has no link, or that its link is on the ballot already."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate(READ)
        for text, told in (("Nothing here", "I found no link"), (f"Again {READ}", "on the ballot already")):
            message = await spoken(here, readers, text)
            await readers.react(message, readers.ben, "newspaper")
            assert told in readers.whispers(readers.ben)[-1]
            assert "white_check_mark" not in message.reactions


async def test_a_newspaper_on_what_cannot_be_read(tmp_path: Path) -> None:
    """When Slack does not show the message, the reader is pointed to its menu; the log says why."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        message = await spoken(here, readers)
        here.slack.script(Fault("conversations.history", error="missing_scope"))
        with capture_logs() as logs:
            await readers.react(message, readers.ben, "newspaper")
        assert "Nominate this link" in readers.whispers(readers.ben)[-1]
        assert "a message could not be read" in [each["event"] for each in logs]


async def test_a_newspaper_taken_back_or_without_a_newsletter(tmp_path: Path) -> None:
    """Nothing is asked or said where there is nothing to nominate for, or where a 📰 goes."""
    async with town(tmp_path) as here:
        readers = club(here)
        message = await spoken(here, readers)
        await readers.react(message, readers.ben, "newspaper")
        await readers.unreact(message, readers.ben, "newspaper")
        assert not here.slack.calls("conversations.history")
        assert readers.whispers(readers.ben) == []
        await readers.set_up()
        await readers.react(readers.ballot(), readers.ben, "newspaper")
        assert readers.whispers(readers.ben) == []


async def test_a_hello_where_the_bot_is_added_first(tmp_path: Path) -> None:
    """The bot greets a workspace once, in the first channel that it is added to; others' comings are not greeted."""
    async with town(tmp_path) as here:
        readers = club(here)
        bot, state = readers.workspace.bot, here.slack.state
        other = state.channel(readers.workspace, "other")
        for channel, user in ((readers.paper, readers.ben), (readers.paper, bot), (other, bot)):
            event = {"type": "member_joined_channel", "user": user.id, "channel": channel.id, "event_ts": state.ts()}
            state.emit(readers.workspace.id, event)
            await here.idle()
        assert [said(each.blocks).partition(":")[0] for each in readers.messages()] == ["Hello! I run a weekly paper"]
        assert readers.messages(other) == []


async def test_no_second_hello_after_a_restart(tmp_path: Path) -> None:
    """That a workspace was greeted is remembered from one start to the next."""
    greetings = []
    for _ in range(2):
        async with town(tmp_path) as here:
            readers = club(here)
            event = {"type": "member_joined_channel", "user": readers.workspace.bot.id, "channel": readers.paper.id}
            here.slack.state.emit(readers.workspace.id, event | {"event_ts": here.slack.state.ts()})
            await here.idle()
            greetings.append(len(readers.messages()))
    assert greetings == [1, 0]


async def test_no_hello_where_it_is_known(tmp_path: Path) -> None:
    """A workspace with a newsletter needs no greeting."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        before = len(readers.messages())
        bot, state = readers.workspace.bot, here.slack.state
        event = {"type": "member_joined_channel", "user": bot.id, "channel": readers.paper.id, "event_ts": state.ts()}
        state.emit(readers.workspace.id, event)
        await here.idle()
        assert len(readers.messages()) == before


@pytest.mark.parametrize("uninstalled", [True, False])
async def test_a_workspace_that_removes_the_bot(tmp_path: Path, uninstalled: bool) -> None:
    """The installation is forgotten and the channels are suspended, whether the app or its token went."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        if uninstalled:
            here.slack.accounts.uninstall(readers.workspace)
        else:
            here.slack.accounts.revoke(readers.workspace)
        await here.idle()
        assert set(here.installed.forgotten) == {readers.workspace.id}
        async with here.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
            (subscription,) = await tx.newsletters.subscriptions(newsletter.id)
        assert subscription.channel == Channel("slack", readers.workspace.id, readers.paper.id)
        assert subscription.suspended


async def test_a_member_s_token_is_not_ours(tmp_path: Path) -> None:
    """That some member's own token was revoked changes nothing."""
    async with town(tmp_path) as here:
        readers = club(here)
        event = {"type": "tokens_revoked", "tokens": {"oauth": [readers.ben.id], "bot": []}, "event_ts": "1.000001"}
        here.slack.state.emit(readers.workspace.id, event)
        await here.idle()
        assert here.installed.forgotten == []


async def test_events_that_nobody_takes_are_acknowledged(tmp_path: Path) -> None:
    """What we did not ask for is acknowledged, so that Slack does not bring it again, and not logged."""
    async with town(tmp_path) as here:
        readers = club(here)
        with capture_logs() as logs:
            here.slack.state.emit(readers.workspace.id, {"type": "channel_archive", "channel": readers.paper.id})
            await here.idle()
        assert here.slack.delivery.lost == []
        assert logs == []


async def test_an_event_whose_taking_in_fails_is_one_line(tmp_path: Path) -> None:
    """A reaction that cannot be kept is one line in the log; the next one is taken in."""
    async with town(tmp_path) as here:
        readers = await running(here)
        here.clock.advance(timedelta(minutes=6))
        here.slack.script(*(Fault("users.info", error="fatal_error") for _ in range(3)))
        with capture_logs() as logs:
            await readers.react(readers.ballot(), readers.ben, "one")
        assert [each["event"] for each in logs if each["log_level"] != "info"] == ["a member is not known"]
        assert await votes(here, readers) == [1, 0]
