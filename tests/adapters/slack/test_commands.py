from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.slack.comings import HELLO
from bot.adapters.slack.commands import Prefixed, line, slash
from bot.adapters.slack.replies import GOING_ON
from bot.core.errors import SourceDown
from bot.core.model import Channel, Member, Paper
from bot.core.plain import plain
from bot.core.table import COMMANDS
from tests.adapters.slack.town import OTHER, READ, answer, club, town
from tests.fakes.slack_faults import Fault, broken
from tests.world import INVOLUTION, FakeSource


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_commands_in_both_modes(tmp_path: Path, mode: str) -> None:
    """Over a socket and over HTTP, commands are acknowledged without a word and answered by response_url."""
    async with town(tmp_path, mode) as here:
        readers = club(here)
        assert "Readers Weekly comes to this channel" in await readers.set_up()
        done = await here.slack.type(readers.workspace, readers.paper, readers.ben, "/nominate", f"{READ} note:Go on")
        assert done.ack == {}
        assert "On the ballot as number 1" in answer(done) or await done.answer()
        await here.idle()
        assert await here.standing(readers.workspace) == {"A good long read": 0}


async def test_who_sees_the_answer(tmp_path: Path) -> None:
    """A nomination is everybody's to see; how the vote stands only the asker sees."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        before = len(readers.messages())
        await readers.type(readers.ben, "/nominate", READ)
        assert len(readers.messages()) == before + 1
        assert "how ballot 1 stands" in await readers.type(readers.ben, "/ballot")
        assert len(readers.messages()) == before + 1
        assert "how ballot 1 stands" in readers.whispers(readers.ben)[-1]


async def test_what_slack_escapes_is_undone_once(tmp_path: Path) -> None:
    """Links come back as they were typed, and letters that Slack writes as entities too, each once."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        link = "<https://example.org/some-long-read?a=1&amp;b=2|example.org/some…>"
        done = await here.slack.type(
            readers.workspace, readers.paper, readers.ben, "/nominate", f"{link} note:by @ada &lt; <b>"
        )
        assert done.payload["text"] == f"{link} note:by <@{readers.ada.id}|ada> &amp;lt; &lt;b&gt;"
        await here.idle()
        async with here.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
            ballot = await tx.ballots.current(newsletter.id)
            assert ballot
            (nomination,) = await tx.ballots.nominations(ballot.id)
        assert nomination.item.url == "https://example.org/some-long-read?a=1&b=2"
        assert nomination.note == "by @ada &lt; <b>"
        assert nomination.by == Member("slack", readers.workspace.id, readers.ben.id)
        assert nomination.by.name == "ben"


class SlowSource(FakeSource):
    """Answers when it may."""

    def __init__(self, *papers: Paper) -> None:
        super().__init__(*papers)
        self.asked = asyncio.Event()
        self.may = asyncio.Event()

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        self.asked.set()
        await self.may.wait()
        if self.down:
            raise SourceDown("arXiv does not answer just now.")
        return await super().fetch(paper_id, version)


async def test_long_work_shows_that_it_goes_on(tmp_path: Path) -> None:
    """What takes more than two seconds says so to the asker alone, until the answer comes in its place."""
    slow = SlowSource(INVOLUTION)
    async with town(tmp_path, source=slow) as here:
        readers = club(here)
        slow.down = True
        done = await here.slack.type(readers.workspace, readers.paper, readers.ben, "/paper", "2103.06255")
        assert done.ack == {}
        await slow.asked.wait()
        assert done.answers == []
        here.clock.advance(timedelta(seconds=2))
        first = await done.answer()
        assert first["text"] == GOING_ON.title
        assert first["response_type"] == "ephemeral"
        slow.may.set()
        second = await done.answer(2)
        assert "arXiv does not answer" in second["text"]
        assert second["replace_original"] is True


async def test_an_address_that_takes_no_more_is_replaced_by_messages(tmp_path: Path) -> None:
    """When the response_url is too old the asker is told in the channel or, where the bot is not in, directly."""
    slow = SlowSource(INVOLUTION)
    async with town(tmp_path, source=slow) as here:
        readers = club(here)
        elsewhere = here.slack.state.channel(readers.workspace, "elsewhere", joined=False)
        for channel in (readers.paper, elsewhere):
            slow.asked.clear()
            slow.may.clear()
            await here.slack.type(readers.workspace, channel, readers.ben, "/paper", "2103.99999")
            await slow.asked.wait()
            here.clock.advance(timedelta(minutes=31))
            slow.may.set()
            await here.idle()
        assert "no paper 2103.99999" in readers.whispers(readers.ben)[-1]
        assert "no paper 2103.99999" in readers.direct(readers.ben)[-1]


async def test_a_prefix_before_every_command(tmp_path: Path) -> None:
    """With a prefix the commands are named so, and answers speak of them as they are typed here."""
    async with town(tmp_path, prefix="bs-") as here:
        readers = club(here)
        told = await readers.type(readers.ada, "/bs-help")
        assert "/bs-nominate LINK [section] [note]" in told
        assert "/bs-newsletter setup" in told
        assert "/nominate" not in told
        assert "comes to this channel" in await readers.type(readers.ada, "/bs-newsletter", "setup name:Weekly")
        assert "takes a second word: /bs-newsletter setup," in await readers.type(readers.ada, "/bs-newsletter")


def test_the_table_as_slash_commands() -> None:
    """There is one slash command for each first word, and what stands behind it is read from the text."""
    found = slash(COMMANDS, "bs-")
    assert {"/bs-paper", "/bs-newsletter", "/bs-item"} < set(found)
    assert {each for behind in found.values() for each in behind} == set(COMMANDS)
    assert line("/bs-newsletter", "setup name:Weekly", "bs-") == "/newsletter setup name:Weekly"
    assert line("/help", "") == "/help"
    assert line("/BS-Paper", "1", "bs-") == "/paper 1"


def test_links_and_words_of_others_get_no_prefix() -> None:
    """Only what stands there as a command is changed: no address, and no word that is none of ours."""
    prefixed = Prefixed(COMMANDS, "bs-")
    assert prefixed.text("/paper, (see /help) or/help https://example.org/paper /papers /invite") == (
        "/bs-paper, (see /bs-help) or/help https://example.org/paper /papers /invite"
    )
    assert "/bs-newsletter setup" in plain(prefixed(HELLO))
    assert Prefixed(COMMANDS, "")(HELLO) is HELLO


async def test_only_those_who_run_the_workspace_edit_at_first(tmp_path: Path) -> None:
    """An admin or owner may set a newsletter up, others may not; so may nobody of whom Slack tells nothing."""
    async with town(tmp_path) as here:
        readers = club(here)
        owner = here.slack.state.user(readers.workspace, "Olga", owner=True)
        assert "is for the editors" in await readers.type(readers.ben, "/newsletter", "setup name:Mine")
        here.slack.script(Fault("users.info", error="fatal_error"))
        with capture_logs() as logs:
            assert "is for the editors" in await readers.type(owner, "/newsletter", "setup name:Mine")
        assert [each["event"] for each in logs if each["log_level"] == "warning"] == ["a member is not known"]
        assert "comes to this channel" in await readers.type(owner, "/newsletter", "setup name:Mine")


async def test_who_runs_another_workspace_does_not_run_this_one(tmp_path: Path) -> None:
    """In a shared channel somebody may come by who is an admin elsewhere: here they are none."""
    async with town(tmp_path) as here:
        readers, others = club(here), club(here, "Others", installed=False)
        readers.workspace.users[others.ada.id] = others.ada
        assert "is for the editors" in await readers.type(others.ada, "/newsletter", "setup name:Mine")


async def test_people_are_asked_for_once_in_five_minutes(tmp_path: Path) -> None:
    """Who somebody is, is remembered for a while, and then asked for again."""
    async with town(tmp_path) as here:
        readers = club(here)
        for _ in range(3):
            await readers.type(readers.ben, "/help")
        assert len(here.slack.calls("users.info")) == 1
        here.clock.advance(timedelta(minutes=5))
        await readers.type(readers.ben, "/help")
        assert len(here.slack.calls("users.info")) == 2


async def test_editors_are_named_by_mention(tmp_path: Path) -> None:
    """Mentioned members become editors by their names; bots and strangers do not, and a bare name names nobody."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        robot = here.slack.state.user(readers.workspace, "Robot", bot=True)
        gone = here.slack.state.user(readers.workspace, "Gone", deleted=True)
        mentions = f"<@{readers.ben.id}|ben> <@{robot.id}> <@{gone.id}> <@U0NOBODY>"
        told = await readers.type(readers.ada, "/newsletter", f"editors members:{mentions} here:no")
        assert "Editors of Readers Weekly: ben." in told
        for nobody in (f"<@{robot.id}>", "@nobody", "ada"):
            told = await readers.type(readers.ada, "/newsletter", f"editors members:{nobody}")
            assert "Name the editors by mentioning them" in told


async def test_a_role_is_a_user_group(tmp_path: Path) -> None:
    """An issue may call a user group that is mentioned; a bare name is refused, as Slack would call nobody by it."""
    async with town(tmp_path) as here:
        readers = club(here)
        told = await readers.type(readers.ada, "/newsletter", "setup name:Weekly mention:@readers")
        assert "mention takes one user group" in told
        told = await readers.type(readers.ada, "/newsletter", "setup name:Weekly mention:<!subteam^S012|@readers>")
        assert "comes to this channel" in told
        async with here.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
            (subscription,) = await tx.newsletters.subscriptions(newsletter.id)
        assert subscription.mention == "S012"
        assert subscription.channel == Channel("slack", readers.workspace.id, readers.paper.id)


async def test_a_command_that_comes_twice_is_done_once(tmp_path: Path) -> None:
    """Slack may send a command again whose acknowledgement it missed; it is acknowledged again, and no more."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        done = await here.slack.type(readers.workspace, readers.paper, readers.ben, "/nominate", READ)
        await here.idle()
        assert await here.slack.delivery.send("slash_commands", done.payload) == {}
        await here.idle()
        assert len(done.answers) == 1


async def test_the_bot_says_where_it_has_to_be_added(tmp_path: Path) -> None:
    """A newsletter may be set up where the bot is not in yet: the answer says how to add it."""
    async with town(tmp_path) as here:
        readers = club(here)
        elsewhere = here.slack.state.channel(readers.workspace, "elsewhere", joined=False)
        secret = here.slack.state.channel(readers.workspace, "secret", joined=False, private=True)
        for channel, name in ((elsewhere, "One"), (secret, "Two")):
            told = await readers.type(readers.ada, "/newsletter", f"setup name:{name}", channel)
            assert "add me with /invite" in told
        assert "/invite" not in await readers.type(readers.ada, "/newsletter", "setup name:Three")


async def test_commands_in_a_direct_message(tmp_path: Path) -> None:
    """In a conversation with the bot the workspace's only newsletter is meant, and answers come there."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        direct = here.slack.state.direct(readers.workspace, readers.ben)
        assert "how ballot 1 stands" in await readers.type(readers.ben, "/ballot", channel=direct)


async def test_no_newsletter_comes_to_a_direct_message(tmp_path: Path) -> None:
    """Setting up without a word there asks for the channel; with words it is refused, and so is no choice."""
    async with town(tmp_path) as here:
        readers = club(here)
        direct = here.slack.state.direct(readers.workspace, readers.ada)
        assert "not to a direct message" in await readers.type(readers.ada, "/newsletter", "setup name:Mine", direct)
        view = await readers.form(readers.ada, "/newsletter", "setup", direct)
        picker = next(each["element"] for each in view.blocks if each["block_id"] == "channel")
        assert "initial_conversation" not in picker
        await readers.submit(view, name="Mine", channel=direct.id)
        assert list(view.errors) == ["channel"]
        await readers.submit(view, name="Mine", channel=readers.paper.id)
        assert "Mine comes to this channel" in readers.whispers(readers.ada)[-1]


async def test_names_that_look_like_links(tmp_path: Path) -> None:
    """Slack takes a name with a point in it for a link; it stays the name that was typed, and a link gets its http."""
    async with town(tmp_path) as here:
        readers = club(here)
        told = await readers.set_up("name:The <http://Readers.io|Readers.io> Weekly")
        assert "The Readers.io Weekly comes to this channel" in told
        told = await readers.type(
            readers.ben, "/nominate", "<http://example.org/some-long-read|example.org/some-long-read>"
        )
        assert "On the ballot as number 1" in told


async def test_two_workspaces(tmp_path: Path) -> None:
    """Each workspace has its own newsletter, whoever else uses the app."""
    async with town(tmp_path) as here:
        readers, writers = club(here), club(here, "Writers")
        await readers.set_up()
        assert "no newsletter yet" in await writers.type(writers.ben, "/ballot")
        await writers.set_up("name:Writers Weekly")
        await readers.nominate(READ)
        await writers.nominate(READ, OTHER)
        assert len(await here.standing(readers.workspace)) == 1
        assert len(await here.standing(writers.workspace)) == 2


async def test_a_workspace_without_the_app_is_told_so(tmp_path: Path) -> None:
    """A command from a workspace that is not installed is answered with one sentence."""
    async with town(tmp_path) as here:
        strangers = club(here, installed=False)
        assert "not installed in this workspace" in await strangers.type(strangers.ben, "/help")


async def test_a_stranger_in_a_shared_channel(tmp_path: Path) -> None:
    """What somebody from another workspace does in a shared channel is about the workspace that has the app."""
    async with town(tmp_path) as here:
        readers, others = club(here), club(here, "Others", installed=False)
        await readers.set_up()
        await readers.nominate(READ)
        button = next(each for each in readers.messages() if each.arguments.get("response_type") == "in_channel")
        done, url = here.slack.responses.begin(others.ben, readers.paper, button)
        element = next(block for block in button.blocks if block["type"] == "actions")["elements"][0]
        done.payload = {
            "type": "block_actions",
            "team": {"id": others.workspace.id, "domain": "others"},
            "user": {"id": others.ben.id, "name": "ben", "team_id": others.workspace.id},
            "channel": {"id": readers.paper.id, "name": "the-paper"},
            "message": here.slack.state.shown(button),
            "actions": [element | {"action_ts": "1.000001", "block_id": "b"}],
            "response_url": url,
            "trigger_id": "1.2.3",
        }
        assert await here.slack.delivery.send("interactive", done.payload) == {}
        await here.idle()
        assert "how ballot 1 stands" in answer(done)


async def test_a_server_that_cannot_tell_who_asks(tmp_path: Path) -> None:
    """When Slack does not say who somebody is, they are answered all the same, as somebody without rights."""
    async with town(tmp_path) as here:
        readers = club(here)
        here.slack.script(*(broken("users.info") for _ in range(4)))
        with capture_logs():
            assert "What I can do" in await readers.type(readers.ben, "/help")


async def test_a_name_that_cannot_be_kept(tmp_path: Path) -> None:
    """When Slack tells no more than the name that came along, it is made one that can be kept and mentioned."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        here.slack.script(*(Fault("users.info", error="user_not_found") for _ in range(4)))
        here.slack.delivery.trim = lambda payload: payload | {"user_name": "b\ud800e<n>"}
        assert "On the ballot as number 1" in await readers.type(readers.ben, "/nominate", READ)
        async with here.store.snapshot() as tx:
            (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
            ballot = await tx.ballots.current(newsletter.id)
            assert ballot
            (nomination,) = await tx.ballots.nominations(ballot.id)
        assert nomination.by
        assert nomination.by.name == "ben"
