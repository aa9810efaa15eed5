from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.core.ballots import KEYCAPS
from bot.core.errors import ChannelGone, MessageGone, SendLater, Undeliverable
from bot.core.post import Button, Card, Heading, Link, Paragraph, Post, Small
from tests.adapters.discord.loopback import EARLIER, Loopback, loopback
from tests.adapters.discord.reader import texts
from tests.fakes.discord_faults import Fault, refused
from tests.fakes.discord_world import FORUM, HISTORY, NEWS, START_THREADS

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


async def test_a_ballot_that_discord_put_away_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forum's post that nobody wrote in for long is archived; its edits, reactions and parts open it again."""
    async with loopback(monkeypatch, kind=FORUM) as here:
        head = await here.chat.send(here.channel, BALLOT, KEY)
        post = here.guild.channels[head]
        post.archived = here.server.now
        await here.chat.edit(here.message(head), HEAD)
        assert "Paper" in texts(post.messages[head].body)[0]
        assert post.archived is None
        post.archived = here.server.now
        await here.chat.seed(here.message(head), KEYCAPS[:2])
        assert list(post.messages[head].reactions) == [*KEYCAPS[:2]]
        here.server.script(refused(f"POST /channels/{head}/messages", 400, 50083))
        await here.chat.send(here.channel, PART, "part", head)
        assert len(here.sent(post)) == 2
        opened = [each for each in here.server.asked if each.body == {"archived": False}]
        assert [each.route for each in opened] == [f"PATCH /channels/{head}"] * 3


async def test_a_post_that_is_locked_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the bot may not open the post again, the refusal is told as it was; the forum gets the next post."""
    async with loopback(monkeypatch, kind=FORUM) as here:
        head = await here.chat.send(here.channel, BALLOT, KEY)
        post = here.guild.channels[head]
        post.archived, post.locked = here.server.now, True
        with pytest.raises(Undeliverable, match="archived"):
            await here.chat.edit(here.message(head), HEAD)
        post.locked = False
        here.server.script(*[refused("PATCH .*/messages/", 400, 50083)] * 2)
        with pytest.raises(Undeliverable, match="archived"):
            await here.chat.edit(here.message(head), HEAD)


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


async def test_a_channel_becomes_one_for_announcements(here: Loopback) -> None:
    """An admin may turn a channel into one that others follow, and back: the next issue goes by what it is then."""
    post = replace(HEAD, crosspost=True)
    for kind, passed_on in ((0, 0), (NEWS, 1), (0, 0)):
        here.room.kind = kind
        sent = await here.chat.send(here.channel, post, f"key {kind} {len(here.room.messages)}")
        assert here.room.messages[sent].body["flags"] & 1 == passed_on


async def test_other_channels_pass_nothing_on(here: Loopback) -> None:
    """Where nobody can follow, nothing is asked of Discord."""
    await here.chat.send(here.channel, replace(HEAD, crosspost=True), KEY)
    assert not [each for each in here.server.routes() if "crosspost" in each]
