from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.adapters.discord.render import shortened
from bot.core.ballots import KEYCAPS
from bot.core.errors import ChannelGone, EditsSpent, MessageGone, SendLater, Undeliverable
from bot.core.model import Member
from bot.core.post import Button, Card, Heading, Link, Paragraph, Picture, Post, Small
from tests.adapters.discord.loopback import EARLIER, Loopback, loopback
from tests.adapters.discord.reader import texts
from tests.fakes.discord_faults import Fault, refused
from tests.fakes.discord_world import FORUM, HISTORY, NEWS, SEND, START_THREADS, VIEW

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


async def test_parts_stand_in_a_thread_below_the_head(here: Loopback) -> None:
    """The thread is started once, with the first part, and named after the head message; parts are found there."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    parts = [await here.chat.send(here.channel, PART, f"part {n}", head) for n in range(3)]
    thread = here.guild.channels[head]
    assert (thread.name, thread.auto_archive) == ("Paper #12 [x]", 7 * 24 * 60)
    assert parts == [f"{head}/{each.id}" for each in here.sent(thread)]
    assert len(here.server.routes(f"POST /channels/{here.room.id}/messages/{head}/threads")) == 1
    assert await here.chat.find(here.channel, "part 2", EARLIER, head) == parts[2]
    assert await here.chat.find(here.channel, "part 2", EARLIER) is None


async def test_a_thread_that_is_there_is_used(here: Loopback) -> None:
    """A thread that somebody else, or a try before, started on the head message is the one."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    thread = here.server.state.thread(here.room, "Talk", 60, here.room.messages[head])
    await here.chat.send(here.channel, PART, "part", head)
    assert len(here.sent(thread)) == 1
    other = await here.chat.send(here.channel, HEAD, "other")
    body = {"message": "A thread has already been created for this message", "code": 160004}
    here.server.script(Fault(".*/threads", 400, body, taken=True))
    await here.chat.send(here.channel, PART, "part of other", other)
    assert len(here.sent(here.guild.channels[other])) == 1


async def test_no_thread_yet_means_no_part_yet(here: Loopback) -> None:
    """A part is not found where there is no thread, and that is no error."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    assert await here.chat.find(here.channel, "part", EARLIER, head) is None


async def test_parts_of_a_deleted_issue_go_nowhere(here: Loopback) -> None:
    """When its head message was deleted, an issue's parts are not posted into the channel."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    here.server.state.delete(here.room.messages[head])
    with pytest.raises(MessageGone):
        await here.chat.send(here.channel, PART, "part", head)


async def test_a_missing_permission_for_threads_is_named(here: Loopback) -> None:
    """A thread that the bot may not start is told, with what to give it."""
    head = await here.chat.send(here.channel, HEAD, KEY)
    here.server.state.deny(here.room, START_THREADS)
    with pytest.raises(ChannelGone, match="Create Public Threads"):
        await here.chat.send(here.channel, PART, "part", head)


async def test_parts_follow_in_a_channel_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a channel can have no threads, as one in a voice channel, the parts come below the head message."""
    async with loopback(monkeypatch, kind=2) as here:
        head = await here.chat.send(here.channel, HEAD, KEY)
        part = await here.chat.send(here.channel, PART, "part", head)
        assert [each.id for each in here.sent()] == [head, part]
        assert await here.chat.find(here.channel, "part", EARLIER, head) == part


async def test_in_a_forum_an_issue_is_a_post(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head message opens a post with the title for its name; parts go below it; all can be found and edited."""
    async with loopback(monkeypatch, kind=FORUM) as here:
        here.room.tags = [
            {"id": "1", "name": "mods", "moderated": True},
            {"id": "2", "name": "news", "moderated": False},
        ]
        here.room.flags = 1 << 4
        head = await here.chat.send(here.channel, HEAD, KEY)
        post = here.guild.channels[head]
        assert (post.name, post.parent_id) == ("Paper #12", here.room.id)
        part = await here.chat.send(here.channel, PART, "part", head)
        assert [each.id for each in here.sent(post)] == [head, part.partition("/")[2]]
        assert await here.chat.find(here.channel, KEY, EARLIER) == head
        assert await here.chat.find(here.channel, "part", EARLIER, head) == part
        await here.chat.edit(here.message(head), replace(HEAD, blocks=PART.blocks))
        assert "Involution" in texts(post.messages[head].body)[1]
        await here.chat.seed(here.message(head), KEYCAPS[:1])
        assert list(post.messages[head].reactions) == [KEYCAPS[0]]


async def test_a_closed_forum_post_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A post that somebody closed before the bot learned of it is still found, and one that is not there is not."""
    async with loopback(monkeypatch, kind=FORUM) as here:
        head = await here.chat.send(here.channel, HEAD, KEY)
        here.guild.channels[head].archived = here.server.now
        assert await here.chat.find(here.channel, KEY, EARLIER) == head
        assert await here.chat.find(here.channel, "other", EARLIER) is None
        here.server.state.deny(here.room, HISTORY)
        with pytest.raises(SendLater):
            await here.chat.find(here.channel, KEY, EARLIER)


async def test_a_deleted_forum_post_is_not_a_deleted_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a post was deleted its parts have nowhere to go; the forum still gets the next issue."""
    async with loopback(monkeypatch, kind=FORUM) as here:
        head = await here.chat.send(here.channel, HEAD, KEY)
        del here.guild.channels[head]
        with pytest.raises(MessageGone):
            await here.chat.send(here.channel, PART, "part", head)
        with pytest.raises(MessageGone):
            await here.chat.edit(here.message(head), HEAD)


async def test_an_announcement_is_passed_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an announcement channel a post that is to be passed on is; edits repeat it only where it was left undone."""
    async with loopback(monkeypatch, kind=NEWS) as here:
        post = replace(HEAD, crosspost=True)
        here.server.script(Fault(".*/crosspost", 503))
        sent = await here.chat.send(here.channel, post, KEY)
        assert not here.room.messages[sent].body["flags"] & 1
        await here.chat.edit(here.message(sent), post)
        await here.chat.edit(here.message(sent), post)
        assert here.room.messages[sent].body["flags"] & 1
        assert len(here.server.routes(f"POST /channels/{here.room.id}/messages/{sent}/crosspost")) == 2


async def test_other_channels_pass_nothing_on(here: Loopback) -> None:
    """Where nobody can follow, nothing is asked of Discord."""
    await here.chat.send(here.channel, replace(HEAD, crosspost=True), KEY)
    assert not [each for each in here.server.routes() if "crosspost" in each]


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


async def test_a_channel_that_may_not_be_written_to_is_gone(here: Loopback) -> None:
    """A lost permission suspends the channel, and the sentence says which permissions to give."""
    here.server.state.deny(here.room, SEND)
    with pytest.raises(ChannelGone, match="Send Messages"):
        await here.chat.send(here.channel, HEAD, KEY)
