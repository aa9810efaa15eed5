from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.core.ballots import KEYCAPS
from bot.core.errors import BroadsheetError, MessageGone, SendLater, Undeliverable
from tests.adapters.slack.loopback import EARLIER, Loopback, loopback
from tests.adapters.slack.test_chat import BALLOT, HEAD, KEY, PART
from tests.fakes.slack_faults import Fault
from tests.fakes.slack_world import Json

WITHOUT: dict[str, Any] = {"without": ("reactions.get",)}

Change = Callable[[Json], None]


def messages(answer: Json) -> list[Json]:
    """The messages of an answer, if it has any."""
    found: list[Json] = answer.get("messages") or []
    return found


def altered(here: Loopback, change: Change) -> None:
    """Have the server answer so from now on."""

    def alter(_: str, answer: Json) -> Json:
        change(answer)
        return answer

    here.server.alter = alter


def renamed(answer: Json) -> None:
    """Blocks with ids of the server's own."""
    for number, block in enumerate(block for each in messages(answer) for block in each.get("blocks", ())):
        block["block_id"] = f"own-{number}"


def without(name: str) -> Change:
    """Messages that lack a field."""

    def change(answer: Json) -> None:
        for each in messages(answer):
            each.pop(name, None)

    return change


def in_order(*, rising: bool) -> Change:
    """Messages in the order of their times."""

    def change(answer: Json) -> None:
        messages(answer).sort(key=lambda each: str(each["ts"]), reverse=not rising)

    return change


def shuffled(answer: Json) -> None:
    """Messages in no order."""
    messages(answer).sort(key=lambda each: str(each["ts"])[::-1])


CHANGES = [
    *(renamed, without("blocks"), without("metadata"), without("user"), without("bot_id"), without("text")),
    *(in_order(rising=True), in_order(rising=False), shuffled),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_message_is_found_whatever_else_a_history_leaves_out(change: Change) -> None:
    """The key stands in two places and the writer is named in two ways: one of each does, in whatever order."""
    async with loopback() as here:
        altered(here, change)
        head = await here.chat.send(here.channel, HEAD, "head")
        part = await here.chat.send(here.channel, PART, "part", head)
        sent = await here.chat.send(here.channel, HEAD, KEY)
        await here.chat.send(here.channel, HEAD, "later")
        assert await here.chat.find(here.channel, KEY, EARLIER) == sent
        assert await here.chat.find(here.channel, "part", EARLIER, head) == part
        assert await here.chat.find(here.channel, "another", EARLIER) is None


async def test_a_message_that_does_not_say_who_wrote_it_is_known_by_its_key() -> None:
    """Where auth.test names no bot and a history nobody but the bot, the key has to do."""

    def change(answer: Json) -> None:
        for each in messages(answer):
            del each["user"]
            each["bot_id"] = "B0SOMEBODY"

    async with loopback() as here:
        here.workspace.bot.bot_id = ""
        altered(here, change)
        sent = await here.chat.send(here.channel, HEAD, KEY)
        assert await here.chat.find(here.channel, KEY, EARLIER) == sent


@pytest.mark.parametrize("apart", [timedelta(hours=-3), timedelta(hours=3)])
async def test_a_clock_that_differs_from_slacks_hides_no_message(apart: timedelta) -> None:
    """Whatever our clock says, what was posted last is looked through: it is never posted twice for a wrong clock."""
    async with loopback() as here:
        here.server.now = here.clock.now() + apart
        head = await here.chat.send(here.channel, HEAD, KEY)
        part = await here.chat.send(here.channel, PART, "part", head)
        assert await here.chat.find(here.channel, KEY, EARLIER) == head
        assert await here.chat.find(here.channel, "part", EARLIER, head) == part


async def test_a_look_ends_where_the_first_try_began() -> None:
    """Of a channel's years no more is read than what is younger than the first try."""
    async with loopback() as here:
        ada = here.people(1)[0]
        for n in range(500):
            here.server.state.say(here.room, ada, str(n))
        here.clock.advance(timedelta(hours=1))
        assert await here.chat.find(here.channel, KEY, here.clock.now() - timedelta(minutes=1)) is None
        assert len(here.server.calls("conversations.history")) == 1


@pytest.mark.parametrize("fault", [Fault("conversations.replies", error="unknown_method"), "404"], ids=str)
async def test_without_threads_to_read_replies_are_looked_for_in_the_history(fault: Fault | str) -> None:
    """Some servers keep replies there; where they do not, nothing is posted on a guess, and nothing waits for ever."""
    missing = Fault("conversations.replies", 404, "404: Not Found") if isinstance(fault, str) else fault
    async with loopback(ignores_paging=True) as here:
        head = await here.chat.send(here.channel, HEAD, "head")
        part = await here.chat.send(here.channel, PART, KEY, head)
        here.server.script(missing, missing)
        assert await here.chat.find(here.channel, KEY, EARLIER, head) == part
        with pytest.raises(Undeliverable, match="thread"):
            await here.chat.find(here.channel, "another", EARLIER, head)


async def test_an_answer_may_name_the_message_in_one_place_alone() -> None:
    """Where a message stands is taken from the answer, or from the message in it; nothing else is needed."""
    async with loopback() as here:
        here.server.alter = lambda _, answer: {"ok": True, "ts": answer["ts"]}
        sent = await here.chat.send(here.channel, HEAD, KEY)
        here.server.alter = lambda _, answer: {"ok": True, "message": answer["message"]}
        again = await here.chat.send(here.channel, HEAD, "again")
        assert [each.ts for each in here.sent()] == [sent, again]


@pytest.mark.parametrize("body", ['{"ok": true}', '{"ok": true, "message": null}', "{}", "<html>"])
async def test_an_empty_answer_is_not_an_empty_ballot(body: str) -> None:
    """A server that says yes to whatever it does not know has not told that nobody voted."""
    async with loopback() as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.seed(here.message(sent), KEYCAPS[:2])
        (ada,) = here.people(1)
        here.server.state.react(here.found(sent), ada, "one")
        here.server.script(Fault("reactions.get", 200, body))
        assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault("reactions.get", error="method_not_found"), Fault("reactions.get", 500), Fault("reactions.get", 501)],
    ids=str,
)
async def test_whatever_keeps_a_method_from_answering_another_is_asked(fault: Fault) -> None:
    """Servers have many ways to say that they lack a method."""
    async with loopback() as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        (ada,) = here.people(1)
        here.server.state.react(here.found(sent), ada, "one")
        here.server.script(fault, fault)
        assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 1


def nobody_named(answer: Json) -> None:
    """Reactions by number alone."""
    for each in messages(answer):
        for reaction in each.get("reactions", ()):
            del reaction["users"]


def nobody_counted(answer: Json) -> None:
    """Reactions by name alone."""
    nobody_named(answer)
    for each in messages(answer):
        for reaction in each.get("reactions", ()):
            del reaction["count"]


@pytest.mark.parametrize("change", [nobody_named, nobody_counted, without("reactions")])
async def test_a_history_that_does_not_name_voters_takes_no_vote_away(change: Change) -> None:
    """Votes stay as they were noted, and nothing waits for an answer that will not come."""
    async with loopback(**WITHOUT) as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.seed(here.message(sent), KEYCAPS[:2])
        altered(here, change)
        with pytest.raises(BroadsheetError, match="everybody") as error:
            await here.chat.reactions(here.message(sent))
        assert not isinstance(error.value, SendLater)


@pytest.mark.parametrize("thread", [False, True])
async def test_bounds_that_are_taken_for_exclusive_hide_no_message(thread: bool) -> None:
    """A server that knows no `inclusive` finds the message all the same: it is not taken for a deleted one."""
    async with loopback(**WITHOUT) as here:
        await here.chat.send(here.channel, HEAD, "head")
        head = await here.chat.send(here.channel, HEAD, "head") if thread else None
        sent = await here.chat.send(here.channel, BALLOT, KEY, head)
        await here.chat.seed(here.message(sent), KEYCAPS[:2])
        ts = sent.rpartition("/")[2]
        for method in ("conversations.history", "conversations.replies"):
            asked = [each.arguments for each in here.server.calls(method)]
            assert all(str(each["oldest"]) < ts < str(each["latest"]) for each in asked if "oldest" in each)
        assert set(await here.chat.reactions(here.message(sent))) == set(KEYCAPS[:2])


async def test_a_message_that_one_way_hides_is_asked_for_in_another() -> None:
    """Before a ballot's message counts as deleted, it is asked for as the head of a thread."""
    async with loopback(**WITHOUT) as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.seed(here.message(sent), KEYCAPS[:1])

        def alter(method: str, answer: Json) -> Json:
            return answer | {"messages": []} if method == "conversations.history" else answer

        here.server.alter = alter
        assert set(await here.chat.reactions(here.message(sent))) == {KEYCAPS[0]}
        here.server.script(Fault("conversations.replies", error="unknown_method"))
        with pytest.raises(MessageGone):
            await here.chat.reactions(here.message(sent))
        here.server.script(Fault("conversations.replies", 429, "{}", {"Retry-After": "900"}))
        with pytest.raises(SendLater):
            await here.chat.reactions(here.message(sent))


@pytest.mark.parametrize(
    "lacking",
    [
        [Fault("users.list", error="unknown_method"), Fault("users.info", error="unknown_method")],
        [Fault("users.list", 404, "404: Not Found"), Fault("users.info", 404, "404: Not Found")],
        [Fault("users.list", 200, '{"ok": true}'), Fault("users.info", 200, '{"ok": true}')],
    ],
    ids=str,
)
async def test_without_a_word_on_its_members_everybody_counts(lacking: list[Fault]) -> None:
    """A server that does not tell people from bots keeps no vote from being counted; the bot's own never is."""
    async with loopback() as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.seed(here.message(sent), KEYCAPS[:1])
        for each in here.people(25):
            here.server.state.react(here.found(sent), each, "one")
        here.server.script(*lacking[:1], *(lacking[1:] * 25))
        assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 25


async def test_a_bot_is_known_by_its_profile_too() -> None:
    """Where users.info does not say whether it is a bot, its profile names the bot that it is."""
    async with loopback() as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        robot = here.server.state.user(here.workspace, "Robot", bot=True)
        here.server.state.react(here.found(sent), robot, "one")
        altered(here, lambda answer: answer.get("user", {}).pop("is_bot", None))
        assert (await here.chat.reactions(here.message(sent)))[KEYCAPS[0]] == ()
