from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.adapters.slack import emojis
from bot.core.ballots import KEYCAPS
from bot.core.errors import BroadsheetError, ChannelGone, MessageGone, SendLater
from bot.core.model import Member
from tests.adapters.slack.loopback import Loopback, loopback
from tests.adapters.slack.test_chat import BALLOT, HEAD, KEY, PART
from tests.fakes.slack_faults import Fault, rate_limited

WITHOUT: dict[str, Any] = {"without": ("reactions.get",)}
POORER = WITHOUT | {"ignores_paging": True, "repeats_pages": True}


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Loopback]:
    async with loopback() as made:
        yield made


def names(here: Loopback, message_id: str) -> list[str]:
    """The names of a message's reactions, in their order."""
    return list(here.found(message_id).reactions)


@pytest.mark.parametrize("poverty", [{}, WITHOUT, POORER], ids=str)
async def test_seeding_puts_each_reaction_once_in_order(poverty: dict[str, Any]) -> None:
    """The bot's numbers stand in their order, and seeding again asks for nothing that is there."""
    async with loopback(**poverty) as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.seed(here.message(sent), KEYCAPS[:3])
        await here.chat.seed(here.message(sent), KEYCAPS)
        assert names(here, sent) == [*("one", "two", "three", "four", "five", "six"), *names(here, sent)[6:]]
        assert names(here, sent)[6:] == ["seven", "eight", "nine", "keycap_ten"]
        assert len(here.server.calls("reactions.add")) == 10


async def test_what_stands_already_does_not_stop_the_seeding(here: Loopback) -> None:
    """A number that another try left, unseen meanwhile, is passed over."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    await here.chat.seed(here.message(sent), KEYCAPS[:1])
    here.server.script(*(Fault(each, error="internal_error") for each in ("reactions.get", "conversations.history")))
    await here.chat.seed(here.message(sent), KEYCAPS[:2])
    assert names(here, sent) == ["one", "two"]
    assert [each.error for each in here.server.calls("reactions.add")] == ["", "already_reacted", ""]


@pytest.mark.parametrize("error", ["too_many_emoji", "too_many_reactions"])
async def test_a_message_full_of_reactions_takes_no_more(here: Loopback, error: str) -> None:
    """When members have used up what a message takes, seeding ends there without an error."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    here.server.script(Fault("reactions.add", error=error))
    await here.chat.seed(here.message(sent), KEYCAPS[:2])
    assert len(here.server.calls("reactions.add")) == 1


@pytest.mark.parametrize("error", ["invalid_name", "not_reactable", "thread_locked", "no_access"])
async def test_a_refused_reaction_costs_itself_alone(here: Loopback, error: str) -> None:
    """The message is out, and members may react without the bot's example: it counts as delivered."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    here.server.script(Fault("reactions.add", error=error))
    await here.chat.seed(here.message(sent), KEYCAPS[:2])
    assert names(here, sent) == ["two"]


@pytest.mark.parametrize(
    "fault", [Fault("reactions.add", error="unknown_method"), Fault("reactions.add", 404, "404: Not Found")], ids=str
)
async def test_a_server_without_the_method_gets_no_seeding(here: Loopback, fault: Fault) -> None:
    """Where the bot cannot react at all, that holds up nothing that comes after."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    here.server.script(fault)
    await here.chat.seed(here.message(sent), KEYCAPS[:2])
    assert len(here.server.calls("reactions.add")) == 1


@pytest.mark.parametrize("poverty", [{}, WITHOUT, POORER], ids=str)
async def test_everybody_who_reacted_is_counted_once(poverty: dict[str, Any]) -> None:
    """Skin tones fold, bots are left out and the bot itself most of all, and what is no number is no vote."""
    async with loopback(**poverty) as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.send(here.channel, HEAD, "later")
        await here.chat.seed(here.message(sent), KEYCAPS[:3])
        message, state = here.found(sent), here.server.state
        people = here.people(12)
        robot = state.user(here.workspace, "Other bot", bot=True)
        for each in (*people, robot):
            state.react(message, each, "one")
        state.react(message, people[0], "one::skin-tone-4")
        state.react(message, people[7], "two::skin-tone-2")
        state.react(message, people[3], "thumbsup")
        found = await here.chat.reactions(here.message(sent))
        assert {emoji: len(who) for emoji, who in found.items()} == {KEYCAPS[0]: 12, KEYCAPS[1]: 1, KEYCAPS[2]: 0}
        assert set(found[KEYCAPS[0]]) == {Member("slack", here.workspace.id, each.id) for each in people}
        assert next(iter(found[KEYCAPS[1]])).name == "person 7"


async def test_hundreds_of_voters_cost_few_calls(here: Loopback) -> None:
    """Slack tells all of them where it is asked to; who is a bot is learnt from lists, and remembered."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    for each in here.people(230):
        here.server.state.react(here.found(sent), each, "one")
    found = await here.chat.reactions(here.message(sent))
    assert len(found[KEYCAPS[0]]) == 230
    assert len(here.server.calls("users.list")) == 2
    here.server.asked.clear()
    assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 230
    assert [each.method for each in here.server.asked] == ["reactions.get"]


async def test_a_list_cut_short_is_never_taken_for_all() -> None:
    """A history names only some of those who reacted: where nothing tells more, the votes stay as they are.

    Waiting would not help, so that the issue does not wait either.
    """
    async with loopback(**WITHOUT) as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        for each in here.people(60):
            here.server.state.react(here.found(sent), each, "two")
        with pytest.raises(BroadsheetError, match="everybody") as error:
            await here.chat.reactions(here.message(sent))
        assert not isinstance(error.value, SendLater)
        await here.chat.seed(here.message(sent), KEYCAPS[:1])
        assert names(here, sent) == ["two", "one"]


async def test_a_fuller_answer_is_taken(here: Loopback) -> None:
    """Where reactions.get does not tell everybody, the history is asked, and believed if it does."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    for each in here.people(3):
        here.server.state.react(here.found(sent), each, "one")
    short = '{"ok": true, "message": {"reactions": [{"name": "one", "users": ["U1"], "count": 3}]}}'
    here.server.script(Fault("reactions.get", 200, short))
    assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 3


@pytest.mark.parametrize(
    "fault",
    [
        Fault("reactions.get", error="unknown_method"),
        Fault("reactions.get", error="missing_scope"),
        Fault("reactions.get", error="not_allowed_token_type"),
        Fault("reactions.get", 404, "<html>Not Found</html>"),
    ],
    ids=str,
)
async def test_without_reactions_get_the_history_is_read(here: Loopback, fault: Fault) -> None:
    """Whatever way a server lacks the method, reactions are read from the history, of a reply from its thread."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    part = await here.chat.send(here.channel, PART, "part", head)
    (ada,) = here.people(1)
    for message_id in (head, part):
        here.server.state.react(here.found(message_id), ada, "one")
        here.server.script(fault)
        assert [each.id for each in (await here.chat.reactions(here.message(message_id)))[KEYCAPS[0]]] == [ada.id]


@pytest.mark.parametrize("poverty", [{}, WITHOUT, POORER], ids=str)
async def test_a_deleted_message_is_gone(poverty: dict[str, Any]) -> None:
    """What was deleted has no reactions to read, which is told apart from there being none."""
    async with loopback(**poverty) as here:
        sent = await here.chat.send(here.channel, BALLOT, KEY)
        await here.chat.seed(here.message(sent), KEYCAPS[:1])
        assert await here.chat.reactions(here.message(sent)) == {KEYCAPS[0]: ()}
        here.server.state.delete(here.found(sent))
        with pytest.raises(MessageGone):
            await here.chat.reactions(here.message(sent))


async def test_somebody_whom_slack_cannot_tell_counts(here: Loopback) -> None:
    """A voter of another organisation is a person; while Slack asks to wait for long, nobody is guessed at."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    (ada,) = here.people(1)
    here.server.state.react(here.found(sent), ada, "one")
    here.server.script(rate_limited("users.info", 600))
    with pytest.raises(SendLater):
        await here.chat.reactions(here.message(sent))
    here.server.script(Fault("users.info", error="user_not_found"))
    assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 1
    here.room.archived = True
    here.room.members.clear()
    here.server.script(Fault("reactions.get", error="not_in_channel"))
    with pytest.raises(ChannelGone):
        await here.chat.reactions(here.message(sent))


@pytest.mark.parametrize("method", ["reactions.get", "users.info"])
async def test_a_rate_limit_is_waited_out_while_votes_are_read(here: Loopback, method: str) -> None:
    """Slack tells of some fifty messages a minute: a newsletter with more of them reads on a minute later."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    (ada,) = here.people(1)
    here.server.state.react(here.found(sent), ada, "one")
    here.server.script(rate_limited(method, 40), rate_limited(method, 20))
    assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[0]]) == 1
    assert here.clock.slept == [timedelta(seconds=40), timedelta(seconds=20)]


async def test_a_large_workspace_is_not_read_through(here: Loopback) -> None:
    """Of thousands of members a part is listed, and who voted of the others is asked for: Slack tells no more pages."""
    here.people(2200)
    voters = here.people(30)
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    for each in voters:
        here.server.state.react(here.found(sent), each, "one")
    found = await here.chat.reactions(here.message(sent))
    assert len(found[KEYCAPS[0]]) == 30
    assert len(here.server.calls("users.list")) <= 10
    here.server.script(rate_limited("users.list", 60))
    for each in here.people(30):
        here.server.state.react(here.found(sent), each, "two")
    assert len((await here.chat.reactions(here.message(sent)))[KEYCAPS[1]]) == 30


def test_every_emoji_has_a_name_and_back() -> None:
    """The ten numbers, the newspaper and the tick are known by Slack's names, with skin tones or without selectors."""
    for emoji, name in emojis.NAMES.items():
        assert emojis.name(emoji) == emojis.name(emoji.replace("\ufe0f", "")) == name
        assert emojis.emoji(name) == emojis.emoji(f":{name}:") == emojis.emoji(f"{name}::skin-tone-3") == emoji
    assert [emojis.name(each) for each in KEYCAPS][::9] == ["one", "keycap_ten"]
    assert (emojis.name("🦀"), emojis.emoji("crab"), emojis.emoji("")) == ("", None, None)
