from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.adapters.discord.render import shortened
from bot.core.errors import ChannelGone, EditsSpent, MessageGone, SendLater
from bot.core.post import Button, Card, Heading, Link, Paragraph, Picture, Post, Small
from tests.adapters.discord.loopback import EARLIER, Loopback, loopback
from tests.adapters.discord.reader import texts
from tests.fakes.discord_faults import Fault
from tests.fakes.discord_world import HISTORY, SEND, VIEW

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


async def test_a_message_is_posted_as_components(here: Loopback) -> None:
    """A post becomes one message of components, which mentions nobody, shows no previews and has the key as nonce."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    (message,) = here.sent()
    assert message.id == sent
    assert "Ballot 3" in texts(message.body)[0]
    asked = here.server.asked[-1].body
    assert (asked["nonce"], asked["enforce_nonce"]) == (KEY, True)
    assert asked["allowed_mentions"] == {"parse": []}
    assert asked["flags"] == 1 << 15 | 1 << 2


PICTURE = Post("", (Picture("https://a.example/x.png", "x"),))


@pytest.mark.parametrize("post", [HEAD, BALLOT, SENTENCE, PICTURE, Post("Nothing")])
async def test_a_message_is_found_by_its_key(here: Loopback, post: Post) -> None:
    """Whatever a message holds, its key can be found in history, which does not tell nonces; no other key fits it."""
    sent = await here.chat.send(here.channel, post, KEY)
    await here.chat.send(here.channel, post, "another")
    assert await here.chat.find(here.channel, KEY, EARLIER) == sent
    assert await here.chat.find(here.channel, "a third", EARLIER) is None


async def test_a_long_key_is_carried_too(here: Loopback) -> None:
    """A key longer than a nonce may be is known by its digest."""
    sent = await here.chat.send(here.channel, SENTENCE, "k" * 60)
    assert await here.chat.find(here.channel, "k" * 60, EARLIER) == sent


async def test_a_message_is_found_beyond_the_first_hundred(here: Loopback) -> None:
    """The look pages through everything since then, and believes only the bot's own messages."""
    first = await here.chat.send(here.channel, HEAD, "first")
    mallory = here.server.state.user(here.guild, "Mallory")
    body = here.server.asked[-1].body
    for n in range(230):
        here.server.state.say(here.room, mallory, {"content": str(n)})
    here.server.now = here.server.now and here.server.now + timedelta(hours=1)
    sent = await here.chat.send(here.channel, HEAD, KEY)
    here.server.state.say(here.room, mallory, body)
    assert await here.chat.find(here.channel, KEY, EARLIER) == sent
    assert await here.chat.find(here.channel, "first", EARLIER) == first
    assert await here.chat.find(here.channel, "first", EARLIER + timedelta(minutes=30)) is None


async def test_a_message_taken_before_the_connection_broke_is_found(here: Loopback) -> None:
    """When Discord took it and no answer came, that is uncertain; a look finds it, and a repeat makes no second."""
    here.server.script(Fault("POST .*/messages", taken=True, reset=True))
    with pytest.raises(SendLater) as error:
        await here.chat.send(here.channel, HEAD, KEY)
    assert error.value.uncertain
    (message,) = here.sent()
    assert await here.chat.find(here.channel, KEY, EARLIER) == message.id
    assert await here.chat.send(here.channel, HEAD, KEY) == message.id
    assert len(here.sent()) == 1


async def test_a_nonce_holds_for_some_minutes_alone(here: Loopback) -> None:
    """Later than that Discord takes the message again, so that only the look keeps it from being posted twice."""
    await here.chat.send(here.channel, HEAD, KEY)
    here.server.now = here.server.now and here.server.now + timedelta(minutes=10)
    await here.chat.send(here.channel, HEAD, KEY)
    assert len(here.sent()) == 2


async def test_a_message_deleted_at_once_is_not_posted_again(here: Loopback) -> None:
    """Discord answers a repeated nonce with a message that is gone: that message was delivered."""
    sent = await here.chat.send(here.channel, HEAD, KEY)
    here.server.state.delete(here.room.messages[sent])
    with pytest.raises(MessageGone):
        await here.chat.send(here.channel, HEAD, KEY)


async def test_an_empty_history_is_not_believed_without_permission(here: Loopback) -> None:
    """Where the bot may not read history, whether the message is there cannot be told, and is not taken for no."""
    await here.chat.send(here.channel, HEAD, KEY)
    here.server.state.deny(here.room, HISTORY)
    with pytest.raises(SendLater, match="Read Message History") as error:
        await here.chat.find(here.channel, KEY, EARLIER)
    assert error.value.uncertain


async def test_a_channel_that_cannot_be_seen_is_gone(here: Loopback) -> None:
    """Without View Channel nothing can be posted until somebody gives it, which the sentence says."""
    here.server.state.deny(here.room, VIEW)
    with pytest.raises(ChannelGone, match="View Channel"):
        await here.chat.find(here.channel, KEY, EARLIER)
    with pytest.raises(ChannelGone, match="View Channel"):
        await here.chat.send(here.channel, HEAD, KEY)


async def test_permissions_of_roles_count(here: Loopback) -> None:
    """What the bot may do is reckoned as Discord does: from its roles and the channel's overwrites."""
    here.guild.roles["77"] = HISTORY
    here.guild.held[here.server.state.bot.id] = ["77"]
    here.guild.roles[here.guild.id] &= ~HISTORY
    assert await here.chat.find(here.channel, KEY, EARLIER) is None
    here.room.overwrites["77"] = (0, HISTORY)
    with pytest.raises(SendLater):
        await here.chat.find(here.channel, KEY, EARLIER)
    here.guild.roles["77"] = 1 << 3
    here.room.overwrites.clear()
    assert await here.chat.find(here.channel, KEY, EARLIER) is None


async def test_an_edit_shows_the_new_post(here: Loopback) -> None:
    """A message shows what it is edited to, in a thread too; a deleted one is gone."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    part = await here.chat.send(here.channel, PART, "part", head)
    await here.chat.edit(here.message(head), BALLOT)
    await here.chat.edit(here.message(part), BALLOT)
    assert "Ballot 3" in texts(here.sent()[0].body)[0]
    assert "Ballot 3" in texts(here.sent(here.guild.channels[head])[0].body)[0]
    assert here.server.asked[-1].body["allowed_mentions"] == {"parse": []}
    here.server.state.delete(here.room.messages[head])
    with pytest.raises(MessageGone):
        await here.chat.edit(here.message(head), BALLOT)


async def test_an_old_message_takes_only_so_many_edits(here: Loopback) -> None:
    """When an old message takes no more edits for now, that is told apart from a wait of seconds."""
    sent = await here.chat.send(here.channel, BALLOT, KEY)
    body = {"message": "Maximum number of edits", "code": 30046, "retry_after": 1.5}
    here.server.script(Fault("PATCH", 429, body, {"Via": "1.1 google"}))
    with pytest.raises(EditsSpent):
        await here.chat.edit(here.message(sent), BALLOT)


async def test_a_post_too_long_for_one_message_is_shortened(here: Loopback) -> None:
    """What core sends as one message is one message, whatever it holds."""
    long = Post("Notice", (Paragraph(("word " * 3000,)), *(Card((f"Item {n}",), (("x" * 400,),)) for n in range(20))))
    await here.chat.send(here.channel, long, KEY)
    (message,) = here.sent()
    assert all(f"Item {n}" in "".join(texts(message.body)) for n in range(20))
    assert shortened(HEAD) == HEAD


async def test_a_channel_that_may_not_be_written_to_is_gone(here: Loopback) -> None:
    """A lost permission suspends the channel, and the sentence says which permissions to give."""
    here.server.state.deny(here.room, SEND)
    with pytest.raises(ChannelGone, match="Send Messages"):
        await here.chat.send(here.channel, HEAD, KEY)
