from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.core.ballots import KEYCAPS
from bot.core.errors import Undeliverable
from bot.core.model import Member
from bot.core.post import Button, Card, Heading, Link, Paragraph, Post, Small
from tests.adapters.discord.loopback import Loopback, loopback
from tests.fakes.discord_faults import refused

KEY = "0123456789abcdef0123"

HEAD = Post("Paper #12", (Heading(("Paper #12 [x]",), 1), Small(("23 November 2026",))))
PART = Post(
    "Paper #12: Papers", (Heading(("Papers",)), Card((Link("Involution", "https://arxiv.org/abs/2103.06255"),)))
)
BALLOT = Post("Ballot 3", (Heading(("Ballot 3",), 1), Card(("One",), mark="1️⃣")), (Button("Standing", "ballot"),))
SENTENCE = Post("Ready", (Paragraph(("The draft is ready.",)),))


@pytest_asyncio.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    async with loopback(monkeypatch) as made:
        yield made


async def test_seeding_puts_each_reaction_once_in_order(here: Loopback) -> None:
    """The bot's numbers stand in their order, and seeding again asks for nothing that is there."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    await here.chat.seed(here.message(sent), KEYCAPS[:3])
    await here.chat.seed(here.message(sent), KEYCAPS[:5])
    message = here.room.messages[sent]
    assert list(message.reactions) == list(KEYCAPS[:5])
    assert len(here.server.routes("PUT")) == 5


async def test_a_message_full_of_reactions_takes_no_more(here: Loopback) -> None:
    """When members have used up the twenty, seeding ends there without an error."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    ada = here.server.state.user(here.guild, "Ada")
    for n in range(20):
        here.server.state.react(here.room.messages[sent], chr(0x1F600 + n), [ada])
    await here.chat.seed(here.message(sent), KEYCAPS[:2])
    here.server.script(refused("PUT", 400, 10014))
    with pytest.raises(Undeliverable):
        await here.chat.seed(here.message(sent), KEYCAPS[:2])


async def test_everybody_who_reacted_is_counted_once(here: Loopback) -> None:
    """Hundreds of reactors are read page by page; bots are left out, a super-reaction is a reaction, once a member."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    await here.chat.seed(here.message(sent), KEYCAPS[:3])
    message, state = here.room.messages[sent], here.server.state
    people = [state.user(here.guild, f"Person {n}") for n in range(257)]
    bot = state.user(here.guild, "Other bot", bot=True)
    state.react(message, KEYCAPS[0], [*people, bot])
    state.react(message, KEYCAPS[0], people[:3], burst=True)
    state.react(message, KEYCAPS[1], [people[7]], burst=True)
    state.react(message, "👍", people[:5])
    found = await here.chat.reactions(here.message(sent))
    assert {emoji: len(who) for emoji, who in found.items()} == {KEYCAPS[0]: 257, KEYCAPS[1]: 1, KEYCAPS[2]: 0}
    assert set(found[KEYCAPS[0]]) == {Member("discord", here.guild.id, each.id) for each in people}
    assert next(iter(found[KEYCAPS[1]])).name == "Person 7"


async def test_reactions_that_only_the_bot_left_cost_no_request(here: Loopback) -> None:
    """A ballot without votes is read in one request."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    await here.chat.seed(here.message(sent), KEYCAPS)
    here.server.asked.clear()
    found = await here.chat.reactions(here.message(sent))
    assert not any(found.values())
    assert len(here.server.asked) == 1


async def test_keycaps_are_known_without_their_selector(here: Loopback) -> None:
    """Clients that leave out the selector for coloured emoji vote all the same."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    ada = here.server.state.user(here.guild, "Ada")
    here.room.messages[sent].reactions.clear()
    here.server.state.react(here.room.messages[sent], "1\ufe0f\u20e3", [ada])
    found = await here.chat.reactions(here.message(sent))
    assert list(found) == [KEYCAPS[0]]
