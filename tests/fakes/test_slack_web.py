from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from tests.fakes.slack_server import MORNING
from tests.fakes.slack_town import error, refused, section, town
from tests.fakes.slack_world import SCOPES

METADATA = {"event_type": "broadsheet_delivery", "event_payload": {"key": "issue:1"}}


async def test_a_message_is_posted_and_found_again() -> None:
    """What chat.postMessage takes stands in the channel, and its answer has the message."""
    async with town() as here:
        ts = await here.post("Good morning", blocks=[section("Good morning")], metadata=METADATA)
        (message,) = here.server.messages(here.channel.id)
        assert (message.ts, message.text, message.key) == (ts, "Good morning", "issue:1")
        assert [each.arguments["channel"] for each in here.server.calls("chat.postMessage")] == [here.channel.id]


async def test_both_ways_to_send_arguments() -> None:
    """A form, whose blocks are JSON in it, and a JSON body say the same; the token may stand in the form."""
    async with town() as here, aiohttp.ClientSession() as session:
        url = f"{here.server.api_url}chat.postMessage"
        form = {"channel": here.channel.id, "blocks": '[{"type":"divider"}]', "token": here.workspace.token}
        async with session.post(url, data=form) as answer:
            assert (await answer.json())["ok"]
        broken = form | {"blocks": "[{"}
        async with session.post(url, data=broken) as answer:
            assert (await answer.json())["error"] == "invalid_blocks_format"
        assert [each.blocks[0]["type"] for each in here.server.messages(here.channel.id)] == ["divider"]
        assert "token" not in here.server.asked[0].arguments


async def test_tokens() -> None:
    """No token, a wrong one, the app's own, a revoked one and one of a dead workspace are each refused by name."""
    async with town() as here:
        assert await error(here.with_token(None).auth_test()) == "not_authed"
        assert await error(here.with_token("xoxb-none").auth_test()) == "invalid_auth"
        assert await error(here.with_token(here.server.app_token).auth_test()) == "not_allowed_token_type"
        for reason in ("token_revoked", "account_inactive"):
            here.server.accounts.revoke(here.workspace, reason)
            assert await error(here.client.auth_test()) == reason


async def test_who_i_am() -> None:
    """auth.test names the bot and its workspace, and a header the token's scopes."""
    async with town() as here:
        me = await here.client.auth_test()
        assert (me["team_id"], me["user_id"], me["bot_id"]) == (
            here.workspace.id,
            here.workspace.bot.id,
            here.workspace.bot.bot_id,
        )
        assert me.headers["x-oauth-scopes"].split(",") == list(SCOPES)


@pytest.mark.parametrize(
    ("method", "arguments", "scope"),
    [
        ("chat.postMessage", {"text": "x"}, "chat:write"),
        ("reactions.get", {"timestamp": "1.000000"}, "reactions:read"),
        ("conversations.history", {}, "channels:history"),
        ("users.list", {}, "users:read"),
    ],
)
async def test_a_missing_scope_is_named(method: str, arguments: dict[str, Any], scope: str) -> None:
    """A token without the scope is told which one a method needs, and which it has."""
    async with town() as here:
        here.server.state.install(here.workspace, tuple(each for each in SCOPES if each != scope))
        client = here.with_token(here.workspace.token)
        answer = await refused(client.api_call(method, json={"channel": here.channel.id} | arguments))
        assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
        assert scope not in answer["provided"].split(",")


async def test_the_scope_of_a_history_is_that_of_its_channel() -> None:
    """For a private channel it is another than for a public one."""
    async with town() as here:
        secret = here.server.state.channel(here.workspace, "secret", private=True)
        here.server.state.install(here.workspace, ("channels:history",))
        client = here.with_token(here.workspace.token)
        answer = await refused(client.conversations_history(channel=secret.id))
        assert answer["needed"] == "groups:history"
        assert (await client.conversations_history(channel=here.channel.id))["ok"]


async def test_where_the_bot_may_write() -> None:
    """Not into a channel that is not there, that it is not in, that is private to others, or that is archived."""
    async with town() as here:
        state, scopes = here.server.state, tuple(each for each in SCOPES if each != "chat:write.public")
        state.install(here.workspace, scopes)
        client = here.with_token(here.workspace.token)
        elsewhere = state.channel(here.workspace, "elsewhere", joined=False)
        secret = state.channel(here.workspace, "secret", private=True, joined=False)
        assert await error(client.chat_postMessage(channel="C404", text="x")) == "channel_not_found"
        assert await error(client.chat_postMessage(channel=elsewhere.id, text="x")) == "not_in_channel"
        assert await error(client.chat_postMessage(channel=secret.id, text="x")) == "channel_not_found"
        await here.server.archive(here.channel)
        assert await error(client.chat_postMessage(channel=here.channel.id, text="x")) == "is_archived"
        assert (await client.conversations_join(channel=elsewhere.id))["channel"]["is_member"]
        assert (await client.chat_postMessage(channel=elsewhere.id, text="x"))["ok"]
        assert (await client.chat_postMessage(channel=here.ada.id, text="x"))["channel"].startswith("D")


async def test_texts_that_are_none_or_too_long() -> None:
    """A message needs words or blocks, and takes 4,000 letters."""
    async with town() as here:
        wordless = here.client.api_call("chat.postMessage", json={"channel": here.channel.id})
        assert await error(wordless) == "no_text"
        assert await error(here.post("x" * 4001)) == "msg_too_long"
        assert await here.post("x" * 4000)


async def test_threads() -> None:
    """A reply stands below its message and not in the channel; below what is not there, or a reply, none can stand."""
    async with town() as here:
        head = await here.post("Head")
        reply = await here.post("Reply", thread_ts=head)
        assert [each.ts for each in here.server.messages(here.channel.id)] == [head]
        assert [each.ts for each in here.server.messages(here.channel.id, head)] == [reply]
        assert await error(here.post("x", thread_ts="1.000000")) == "thread_not_found"
        assert await error(here.post("x", thread_ts="yesterday")) == "invalid_thread_ts"
        assert await error(here.post("x", thread_ts=reply)) == "cannot_reply_to_message"


async def test_edits() -> None:
    """The bot's own messages can be edited, nobody else's, and none that is gone; metadata that is left out stays."""
    async with town() as here:
        ts = await here.post("Before", blocks=[section("Before")], metadata=METADATA)
        await here.client.chat_update(channel=here.channel.id, ts=ts, text="After")
        (message,) = here.server.messages(here.channel.id)
        assert (message.text, message.blocks, message.key, message.edits) == ("After", [], "issue:1", 1)
        other = await here.server.write(here.channel, here.ada, "Mine")
        update = here.client.chat_update
        assert await error(update(channel=here.channel.id, ts=other.ts, text="x")) == "cant_update_message"
        await here.client.chat_delete(channel=here.channel.id, ts=ts)
        assert await error(update(channel=here.channel.id, ts=ts, text="x")) == "message_not_found"
        assert await error(here.client.chat_delete(channel=here.channel.id, ts=other.ts)) == "cant_delete_message"


async def test_a_deleted_head_leaves_a_tombstone() -> None:
    """A message with replies stays as an empty place, so that its thread does."""
    async with town() as here:
        head = await here.post("Head")
        await here.post("Reply", thread_ts=head)
        await here.client.chat_delete(channel=here.channel.id, ts=head)
        (there,) = (await here.client.conversations_history(channel=here.channel.id))["messages"]
        assert (there["subtype"], there["reply_count"]) == ("tombstone", 1)
        assert await error(here.client.chat_update(channel=here.channel.id, ts=head, text="x")) == "cant_update_message"


async def test_what_one_person_sees() -> None:
    """An ephemeral message is seen by the one it is for, and stands in no history."""
    async with town() as here:
        await here.client.chat_postEphemeral(channel=here.channel.id, user=here.ada.id, text="Psst")
        assert [each.text for each in here.channel.ephemeral(here.ada.id)] == ["Psst"]
        assert here.channel.ephemeral(here.ben.id) == here.server.messages(here.channel.id) == []
        nobody = here.client.chat_postEphemeral(channel=here.channel.id, user="U404", text="Psst")
        assert await error(nobody) == "user_not_in_channel"


async def test_people() -> None:
    """users.info says who is an admin, a bot or gone, and their language where it is asked for."""
    async with town() as here:
        gone = here.server.state.user(here.workspace, "Gone", deleted=True)
        ada = (await here.client.users_info(user=here.ada.id))["user"]
        ben = (await here.client.users_info(user=here.ben.id, include_locale=True))["user"]
        assert (ada["is_admin"], ada["is_bot"], "locale" in ada) == (True, False, False)
        assert (ben["is_admin"], ben["locale"]) == (False, "ja-JP")
        assert (await here.client.users_info(user=gone.id))["user"]["deleted"]
        assert await error(here.client.users_info(user="U404")) == "user_not_found"
        first = await here.client.users_list(limit=2)
        second = await here.client.users_list(limit=2, cursor=first["response_metadata"]["next_cursor"])
        assert [len(each["members"]) for each in (first, second)] == [2, 2]
        assert second["response_metadata"]["next_cursor"] == ""


async def test_files_are_for_the_bot() -> None:
    """A file's address gives its content to the token, and a page for signing in to anybody else."""
    async with town() as here, aiohttp.ClientSession() as session:
        about = here.server.attach(here.ada, "issue.md", b"# Issue")
        assert (await here.client.files_info(file=about["id"]))["file"]["name"] == "issue.md"
        headers = {"Authorization": f"Bearer {here.workspace.token}"}
        async with session.get(about["url_private"], headers=headers) as answer:
            assert await answer.read() == b"# Issue"
        async with session.get(about["url_private"]) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")


async def test_a_strict_server_holds_the_bot_to_its_pace() -> None:
    """Where it is told to, it takes one message a second in each channel."""
    async with town(paced=True) as here:
        await here.post()
        answer = await refused(here.post())
        assert answer["error"] == "ratelimited"
        here.server.now = MORNING + timedelta(seconds=1)
        assert await here.post()


async def test_methods_that_are_not_there() -> None:
    """A method that no Slack knows, or that this one is to lack, is unknown."""
    async with town(without={"reactions.get"}) as here:
        ts = await here.post()
        assert await error(here.client.api_call("tea.make")) == "unknown_method"
        assert await error(here.client.reactions_get(channel=here.channel.id, timestamp=ts)) == "unknown_method"
