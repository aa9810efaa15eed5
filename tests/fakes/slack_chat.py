"""The loopback Slack's methods that write: messages and reactions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.fakes.slack_blocks import check_message
from tests.fakes.slack_calls import Answer, Call
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Channel, Json, Message, Poverty, Refusal

LONGEST = 4000
"""The characters of a message's `text`: Slack's own page on chat.update; more is msg_too_long."""

PACE = timedelta(seconds=1)
"""A message a second in a channel, where the server is told to hold the bot to it."""

METADATA = 8000
"""The characters of a message's metadata as JSON: a bit less than Slack's 8 kB, whose wrapper is not documented."""

_EMOJI = re.compile(r":?([^:]+(?:::skin-tone-[2-6])?):?")


class Chat:
    """Answers out of the state; `fetch` says whether the picture at an address can be had."""

    def __init__(self, state: State, poverty: Poverty, fetch: Callable[[str], bool]) -> None:
        self.state = state
        self.poverty = poverty
        self.fetch = fetch
        self._posted: dict[str, datetime] = {}

    def methods(self) -> dict[str, Answer]:
        """What answers each method."""
        return {
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._whisper,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.getPermalink": self._permalink,
            "reactions.add": self._react,
            "reactions.remove": self._unreact,
        }

    def _open(self, call: Call, channel_id: str) -> Channel:
        """The channel, into which the bot may write."""
        channel = self._conversation(call, channel_id)
        if channel.archived:
            raise Refusal("is_archived")
        if call.workspace.bot.id in channel.members:
            return channel
        if channel.private:
            raise Refusal("channel_not_found")
        if "chat:write.public" not in call.grant.scopes or call.method == "chat.postEphemeral":
            raise Refusal("not_in_channel")
        return channel

    def _conversation(self, call: Call, channel_id: str) -> Channel:
        """The channel; a person's id stands for the conversation with them."""
        person = call.workspace.users.get(channel_id)
        if person is None:
            return self.state.find_channel(call.workspace, channel_id)
        if person.bot:
            raise Refusal("cannot_dm_bot")
        if person.deleted:
            raise Refusal("user_disabled")
        return self.state.direct(call.workspace, person)

    def _checked(self, call: Call) -> Json:
        """What a message is made of, once it is such as Slack takes."""
        text, blocks = call.text("text", needed=False), call.arguments.get("blocks")
        if not text and not blocks and not call.arguments.get("attachments"):
            raise Refusal("no_text")
        if len(text) > LONGEST:
            raise Refusal("msg_too_long")
        if blocks:
            check_message(blocks, self.fetch)
        return {"text": text, "blocks": blocks or [], "metadata": self._metadata(call)}

    def _metadata(self, call: Call) -> Json | None:
        found = call.arguments.get("metadata")
        if found is None or self.poverty.ignores_metadata:
            return None
        if found == {}:
            return {}
        if not isinstance(found, dict) or not isinstance(found.get("event_payload"), dict):
            raise Refusal("invalid_metadata_format")
        if not found.get("event_type"):
            raise Refusal("invalid_metadata_schema")
        if len(repr(found)) > METADATA:
            raise Refusal("metadata_too_large")
        return {"event_type": found["event_type"], "event_payload": found["event_payload"]}

    def _keep_pace(self, channel: Channel) -> None:
        if not self.poverty.paced:
            return
        last, now = self._posted.get(channel.id), self.state.now()
        if last and now - last < PACE:
            raise Refusal("ratelimited")
        self._posted[channel.id] = now

    def _post(self, call: Call) -> Json:
        channel = self._open(call, call.text("channel"))
        thread = call.text("thread_ts", needed=False)
        if thread:
            parent = self.state.find_message(channel, call.ts("thread_ts", "invalid_thread_ts"), "thread_not_found")
            if parent.is_reply:
                raise Refusal("cannot_reply_to_message")
        body = self._checked(call)
        self._keep_pace(channel)
        message = self.state.say(
            channel,
            call.workspace.bot,
            **body,
            thread_ts=thread or None,
            broadcast=bool(thread) and call.flag("reply_broadcast"),
            arguments=dict(call.arguments),
        )
        shown = self.state.shown(message, metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": shown}

    def _whisper(self, call: Call) -> Json:
        channel = self._open(call, call.text("channel"))
        user = call.text("user")
        if user not in call.workspace.users:
            raise Refusal("user_not_in_channel")
        body = self._checked(call)
        thread = call.text("thread_ts", needed=False) or None
        message = self.state.say(
            channel, call.workspace.bot, **body, thread_ts=thread, seen_by=user, arguments=dict(call.arguments)
        )
        return {"message_ts": message.ts}

    def _mine(self, call: Call, error: str) -> Message:
        channel = self._conversation(call, call.text("channel"))
        message = self.state.find_message(channel, call.ts("ts", "message_not_found"))
        if message.user is not call.workspace.bot or message.subtype == "tombstone":
            raise Refusal(error)
        return message

    def _update(self, call: Call) -> Json:
        message = self._mine(call, "cant_update_message")
        if message.channel.archived:
            raise Refusal("is_archived")
        body = self._checked(call)
        # Blocks that are left out go where there is a new text, and stay where there is none.
        if body["text"] or call.arguments.get("blocks") is not None:
            message.blocks = self.state.numbered(body["blocks"])
        message.text = body["text"] or message.text
        if body["metadata"] is not None:
            message.metadata = body["metadata"] or None
        message.edits += 1
        message.edited_ts = self.state.ts()
        message.arguments = dict(call.arguments)
        shown = self.state.shown(message, metadata=True)
        event = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": message.channel.id}
        self.state.emit(message.channel.team_id, event | {"message": shown, "ts": self.state.ts()})
        return {"channel": message.channel.id, "ts": message.ts, "text": message.text, "message": shown}

    def _delete(self, call: Call) -> Json:
        message = self._mine(call, "cant_delete_message")
        self.state.delete(message)
        return {"channel": message.channel.id, "ts": message.ts}

    def _permalink(self, call: Call) -> Json:
        channel = self.state.find_channel(call.workspace, call.text("channel"))
        message = self.state.find_message(channel, call.ts("message_ts", "message_not_found"))
        place = f"https://{call.workspace.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
        below = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else ""
        return {"channel": channel.id, "permalink": place + below}

    def _target(self, call: Call) -> tuple[Message, str]:
        name = _EMOJI.fullmatch(call.text("name"))
        if name is None:
            raise Refusal("invalid_name")
        if not call.arguments.get("channel") or not call.arguments.get("timestamp"):
            raise Refusal("no_item_specified")
        channel = self.state.find_channel(call.workspace, call.text("channel"))
        message = self.state.find_message(channel, call.ts("timestamp", "bad_timestamp"))
        if channel.archived:
            raise Refusal("is_archived")
        return message, name[1]

    def _react(self, call: Call) -> Json:
        message, name = self._target(call)
        if call.workspace.bot.id not in message.channel.members:
            raise Refusal("not_in_channel")
        self.state.react(message, call.workspace.bot, name)
        return {}

    def _unreact(self, call: Call) -> Json:
        message, name = self._target(call)
        self.state.unreact(message, call.workspace.bot, name)
        return {}
