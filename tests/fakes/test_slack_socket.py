from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp

from tests.fakes.slack_socket import NotAcknowledged
from tests.fakes.slack_town import Town, actions, button, connected, error, section, town
from tests.fakes.slack_world import Json

MATE = "I am here."


def noting(app: AsyncApp, kind: str = "reaction_added") -> list[Json]:
    """The events of a kind that Bolt hands on, as they come."""
    told: list[Json] = []

    async def note(body: Json) -> None:
        told.append(body)

    app.event(kind)(note)
    return told


async def test_a_command_is_acknowledged_and_answered() -> None:
    """A slash command comes with what was typed; what goes to its response_url is seen by the one who typed."""
    async with town() as here, connected(here) as app:
        commands: list[Json] = []

        async def paper(ack: Any, respond: Any, command: Json) -> None:
            await ack()
            commands.append(command)
            await respond(f"You asked for {command['text']}")

        app.command("/paper")(paper)
        done = await here.server.type(here.workspace, here.channel, here.ada, "/paper", "2103.06255")
        assert (await done.answer())["text"] == "You asked for 2103.06255"
        assert [each.text for each in here.channel.ephemeral(here.ada.id)] == ["You asked for 2103.06255"]
        (command,) = commands
        assert command["team_id"] == here.workspace.id
        assert command["channel_id"] == here.channel.id
        assert command["user_id"] == here.ada.id
        assert here.server.socket.acks == [{"envelope_id": "envelope-3"}]


async def test_an_acknowledgement_can_say_something() -> None:
    """What comes with the acknowledgement of a command is its first answer."""
    async with town() as here, connected(here) as app:

        async def hello(ack: Any) -> None:
            await ack(MATE)

        app.command("/hello")(hello)
        done = await here.server.type(here.workspace, here.channel, here.ada, "/hello")
        assert done.answers == [{"text": MATE}]


async def test_what_is_typed_comes_as_slack_writes_it() -> None:
    """Letters of markup are escaped; people, channels and links are marked; what is marked already stays."""
    async with town() as here, connected(here) as app:
        texts: list[str] = []

        async def say(ack: Any, command: Json) -> None:
            await ack()
            texts.append(command["text"])

        app.command("/say")(say)
        for text in ("<b> & @Ada #papers @nobody", "https://x.org/?a&b", f"<@{here.ben.id}|ben> <!channel>"):
            await here.server.type(here.workspace, here.channel, here.ada, "/say", text)
        assert texts == [
            f"&lt;b&gt; &amp; <@{here.ada.id}|ada> <#{here.channel.id}|papers> @nobody",
            "<https://x.org/?a&amp;b>",
            f"<@{here.ben.id}|ben> &lt;!channel&gt;",
        ]


async def test_a_command_that_is_not_acknowledged() -> None:
    """Nobody there, or nobody who answers in time: the person sees that it failed."""
    async with town() as here:
        typed = here.server.type(here.workspace, here.channel, here.ada, "/paper")
        with pytest.raises(NotAcknowledged, match="connection_failed"):
            await typed
        async with connected(here) as app:
            here.server.delivery.patience = timedelta(milliseconds=20)
            app.command("/slow")(_never)
            with pytest.raises(NotAcknowledged, match="timeout"):
                await here.server.type(here.workspace, here.channel, here.ada, "/slow")


async def _never(ack: Any) -> None:
    await asyncio.Event().wait()


async def test_a_button_and_what_comes_of_it() -> None:
    """A pressed button comes with its value and message; the answer may take the message's place."""
    async with town() as here, connected(here) as app:
        pressed: list[Json] = []

        async def press(ack: Any, respond: Any, body: Json) -> None:
            await ack()
            pressed.append(body)
            await respond(text="Done", replace_original=True)

        app.action("press")(press)
        await here.post(
            "Vote", blocks=[section("Vote"), actions(button("Yes", value="y"), button("No", action_id="n"))]
        )
        (message,) = here.server.messages(here.channel.id)
        await (await here.server.press(message, "Yes", here.ben)).answer()
        (body,) = pressed
        assert body["actions"][0]["value"] == "y"
        assert (body["container"]["message_ts"], body["user"]["id"]) == (message.ts, here.ben.id)
        assert body["message"]["blocks"][0]["block_id"]
        assert (message.text, message.blocks) == ("Done", [])
        with pytest.raises(AssertionError, match="nothing here"):
            await here.server.press(message, "Yes", here.ben)


async def test_a_response_url_wears_out() -> None:
    """It takes five posts within half an hour."""
    async with town() as here, connected(here) as app, aiohttp.ClientSession() as session:
        app.command("/paper")(_acknowledge)
        done = await here.server.type(here.workspace, here.channel, here.ada, "/paper")

        async def post(body: Json) -> str:
            async with session.post(done.payload["response_url"], json=body) as answer:
                return await answer.text()

        assert await post({}) == "no_text"
        assert await post({"blocks": [{"type": "poem"}]}) == "invalid_blocks"
        assert [await post({"text": "x", "response_type": "in_channel"}) for _ in range(6)] == ["ok"] * 5 + ["used_url"]
        assert len(here.server.messages(here.channel.id)) == 5


async def _acknowledge(ack: Any) -> None:
    await ack()


async def test_events_carry_who_and_where() -> None:
    """A reaction comes with the workspace, the message and both people."""
    async with town() as here, connected(here) as app:
        told = noting(app)
        message = await _reacted(here)
        (body,) = told
        assert (body["team_id"], body["authorizations"][0]["user_id"]) == (here.workspace.id, here.workspace.bot.id)
        event = body["event"]
        assert (event["user"], event["item_user"], event["reaction"]) == (here.ada.id, here.workspace.bot.id, "one")
        assert event["item"] == {"type": "message", "channel": here.channel.id, "ts": message}


async def _reacted(here: Town, name: str = "one") -> str:
    ts = await here.post()
    message = here.channel.messages[ts]
    await here.server.react(message, here.ada, name)
    return ts


async def test_events_while_nobody_is_there() -> None:
    """They are lost, or wait, as the test says."""
    async with town() as here:
        await _reacted(here)
        here.server.delivery.queues = True
        await _reacted(here, "two")
        async with connected(here) as app:
            told = noting(app)
            await here.server.delivery.settled()
        assert len(here.server.delivery.lost) == 1
        assert [each["event"]["reaction"] for each in told] == ["two"]


async def test_events_twice_and_backwards() -> None:
    """Duplicates bear the same id; events that were held back may come in any order."""
    async with town() as here, connected(here) as app:
        told = noting(app)
        here.server.delivery.twice = True
        await _reacted(here)
        assert len({each["event_id"] for each in told}) == 1
        assert len(told) == 2
        here.server.delivery.twice = False
        here.server.delivery.hold()
        await _reacted(here, "two")
        await _reacted(here, "three")
        assert len(told) == 2
        await here.server.delivery.release(backwards=True)
        assert [each["event"]["reaction"] for each in told[2:]] == ["three", "two"]
        await here.server.delivery.again(told[-1])
        assert told[-1] == told[-2]


async def test_events_that_are_none_of_the_bots_business() -> None:
    """It hears nothing from channels that it is not in, nor of kinds that it did not subscribe to."""
    async with town() as here, connected(here) as app:
        told, messages = noting(app), noting(app, "message")
        elsewhere = here.server.state.channel(here.workspace, "elsewhere", joined=False)
        message = await here.server.write(elsewhere, here.ada, "x")
        await here.server.react(message, here.ben, "one")
        assert told == messages == []
        here.server.delivery.subscribed |= {"message"}
        await here.server.write(here.channel, here.ada, "y")
        assert [each["event"]["text"] for each in messages] == ["y"]


async def test_several_connections_take_turns() -> None:
    """With two open, each gets one of two events."""
    async with town() as here, connected(here) as one, connected(here) as other:
        first, second = noting(one), noting(other)
        await _reacted(here)
        await _reacted(here, "two")
        assert (len(first), len(second)) == (1, 1)


async def test_a_connection_is_refreshed() -> None:
    """Told to come back, the client opens another connection; nothing is lost."""
    async with town() as here, connected(here) as app:
        told = noting(app)
        await here.server.socket.disconnect("refresh_requested")
        await here.server.socket.until(lambda: here.server.socket.opened == 2)
        await _reacted(here)
        assert len(told) == 1


async def test_a_connection_breaks_off() -> None:
    """Broken off without a word, the client finds out and opens another one."""
    async with town() as here, connected(here):
        await here.server.socket.drop()
        await here.server.socket.until(lambda: here.server.socket.opened >= 2)


async def test_who_may_open_a_connection() -> None:
    """The app's own token with connections:write may, and each address serves once."""
    async with town() as here:
        client = here.with_token(None)
        assert await error(client.apps_connections_open(app_token=here.workspace.token)) == "not_allowed_token_type"
        assert await error(client.apps_connections_open(app_token="xapp-wrong")) == "invalid_auth"
        here.server.accounts.app_scopes = ()
        assert await error(client.apps_connections_open(app_token=here.server.app_token)) == "missing_scope"
        url = here.server.socket.ticket()
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)
