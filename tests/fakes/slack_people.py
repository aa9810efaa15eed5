"""People in the loopback Slack, as a test has them act; each act returns once the bot has acknowledged it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.slack_accounts import Accounts
from tests.fakes.slack_delivery import Delivery
from tests.fakes.slack_filling import chosen, filled
from tests.fakes.slack_interactions import Interaction, Responses
from tests.fakes.slack_state import State
from tests.fakes.slack_typing import handed_on
from tests.fakes.slack_views import View, Views
from tests.fakes.slack_world import Channel, Json, Message, User, Workspace


class People:
    """What people do. `NotAcknowledged` is raised where the bot does not take in a command or an interaction."""

    state: State
    accounts: Accounts
    views: Views
    delivery: Delivery
    responses: Responses

    # Words.

    async def type(
        self, workspace: Workspace, channel: Channel, user: User, command: str, text: str = ""
    ) -> Interaction:
        """Type a slash command into a channel."""
        made, url = self.responses.begin(user, channel)
        made.payload = {
            "token": self.accounts.verification,
            "team_id": workspace.id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.partner else channel.name,
            "user_id": user.id,
            "user_name": user.name.lower(),
            "command": command,
            "text": handed_on(workspace, text),
            "api_app_id": self.state.app_id,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self.views.trigger(user),
        }
        return await self._do(made, "slash_commands")

    async def write(self, channel: Channel, user: User, text: str, thread: str | None = None, **body: Any) -> Message:
        """Write a message."""
        text = handed_on(self.state.workspaces[channel.team_id], text)
        message = self.state.say(channel, user, text, thread_ts=thread, **body)
        await self.delivery.settled()
        return message

    async def mention(self, channel: Channel, user: User, text: str) -> Message:
        """Write a message to the bot."""
        workspace = self.state.workspaces[channel.team_id]
        message = self.state.say(channel, user, f"<@{workspace.bot.id}> {handed_on(workspace, text)}")
        event = self.state.shown(message) | {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        self.state.emit(channel.team_id, event)
        await self.delivery.settled()
        return message

    async def react(self, message: Message, user: User, name: str) -> None:
        """Leave a reaction."""
        self.state.react(message, user, name)
        await self.delivery.settled()

    async def unreact(self, message: Message, user: User, name: str) -> None:
        """Take a reaction back."""
        self.state.unreact(message, user, name)
        await self.delivery.settled()

    # Buttons, shortcuts, forms.

    async def press(self, where: Message | View, name: str, user: User | None = None) -> Interaction:
        """Press a button, named by its label or action_id; in a view, its own person does."""
        block, button = _element(where, name, "button")
        return await self._act(where, user, block, button, {"text": button["text"], "value": button.get("value")})

    async def choose(self, where: Message | View, name: str, value: Any, user: User | None = None) -> Interaction:
        """Choose in a select that stands outside of a form, named by its action_id."""
        block, select = _element(where, name, "_select")
        return await self._act(where, user, block, select, chosen(select, value))

    async def _act(
        self, where: Message | View, user: User | None, block: Json, element: Json, what: Json
    ) -> Interaction:
        acting = user or (where.user if isinstance(where, View) else None)
        assert acting, "say who does it"
        message = where if isinstance(where, Message) else None
        made, url = self.responses.begin(acting, message.channel if message else None, message)
        action = {
            "type": element["type"],
            "action_id": element.get("action_id") or "auto",
            "block_id": block["block_id"],
            "action_ts": self.state.ts(),
        }
        made.payload = self._who(acting, "block_actions") | {
            "trigger_id": self.views.trigger(acting),
            "actions": [action | {name: value for name, value in what.items() if value is not None}],
            **(self._about(message) | {"response_url": url} if message else {}),
        }
        if isinstance(where, View):
            container = {"type": "view", "view_id": where.id}
            made.payload |= {"container": container, "view": self.views.payload(where)}
        return await self._do(made, "interactive")

    async def shortcut(self, user: User, callback_id: str, message: Message | None = None) -> Interaction:
        """Use a shortcut, on a message where one is given."""
        made, url = self.responses.begin(user, message.channel if message else None)
        made.payload = self._who(user, "message_action" if message else "shortcut") | {
            "callback_id": callback_id,
            "trigger_id": self.views.trigger(user),
            "action_ts": self.state.ts(),
        }
        if message:
            about = self._about(message)
            made.payload |= {"channel": about["channel"], "message": about["message"], "message_ts": message.ts}
            made.payload["response_url"] = url
        return await self._do(made, "interactive")

    async def submit(self, view: View, values: Mapping[str, Any] | None = None) -> Interaction:
        """Fill in a view by block_id, action_id or label, and send it; its `errors` are what stands at its fields."""
        made, _ = self.responses.begin(view.user, None)
        shown = self.views.payload(view, filled(view.blocks, values or {}))
        trigger = {"trigger_id": self.views.trigger(view.user), "response_urls": []}
        made.payload = self._who(view.user, "view_submission") | trigger | {"view": shown}
        await self._do(made, "interactive")
        self._submitted(view, made.ack or {})
        return made

    def _submitted(self, view: View, ack: Json) -> None:
        stack, view.errors = self.views.stacks[view.user.id], {}
        match ack.get("response_action"):
            case "errors":
                known = {each["block_id"] for each in view.blocks if each["type"] == "input"}
                assert set(ack["errors"]) <= known, f"errors at fields that are not there: {ack['errors']}"
                assert all(ack["errors"].values()), "an error without a word"
                view.errors = dict(ack["errors"])
            case "update":
                self.views.check(ack["view"], "modal")
                self.views.replace(view, ack["view"])
            case "push":
                self.views.check(ack["view"], "modal")
                self.views.push(view.user, ack["view"])
            case "clear":
                stack.clear()
            case None:
                if view in stack:
                    stack.remove(view)
            case other:
                raise AssertionError(f"no such response_action: {other}")

    async def close(self, view: View) -> None:
        """Close a view without sending it; the bot is told if it wanted to know."""
        self.views.stacks[view.user.id].remove(view)
        if view.body.get("notify_on_close"):
            made, _ = self.responses.begin(view.user, None)
            closed = {"view": self.views.payload(view), "is_cleared": False}
            made.payload = self._who(view.user, "view_closed") | closed
            await self._do(made, "interactive")

    async def suggest(self, view: View, name: str, typed: str) -> list[Json]:
        """Type into a select with outside options; returns the options that the bot offers."""
        block, select = _element(view, name, "external_select")
        made, _ = self.responses.begin(view.user, None)
        made.payload = self._who(view.user, "block_suggestion") | {
            "container": {"type": "view", "view_id": view.id},
            "view": self.views.payload(view),
            "action_id": select["action_id"],
            "block_id": block["block_id"],
            "value": typed,
        }
        ack = (await self._do(made, "interactive")).ack or {}
        groups = ack.get("option_groups") or [ack]
        return [each for group in groups for each in group.get("options") or []]

    async def open_home(self, user: User) -> View | None:
        """Open the bot's App Home; returns what is there once the bot was told, which it may yet replace."""
        there = self.views.homes.get(user.id)
        channel = self.state.direct(self.state.workspaces[user.team_id], user)
        event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": "home"}
        event |= {"event_ts": self.state.ts()} | ({"view": self.views.payload(there)} if there else {})
        self.state.emit(user.team_id, event)
        await self.delivery.settled()
        return self.views.homes.get(user.id)

    # How it is sent.

    def _who(self, user: User, kind: str) -> Json:
        workspace = self.state.workspaces[user.team_id]
        beside = {"enterprise": None, "is_enterprise_install": False, "token": self.accounts.verification}
        app = {"api_app_id": self.state.app_id}
        return {"type": kind, "user": user.brief(), "team": workspace.brief()} | beside | app

    def _about(self, message: Message) -> Json:
        channel = message.channel
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        container |= {"is_ephemeral": message.seen_by is not None}
        container |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
        found: Json = {"container": container, "channel": {"id": channel.id, "name": channel.name or "directmessage"}}
        found["state"] = {"values": {}}
        # Of a message for one person only, Slack does not say what stood in it.
        return found if message.seen_by else found | {"message": self.state.shown(message)}

    async def _do(self, made: Interaction, kind: str) -> Interaction:
        made.ack = await self.delivery.send(kind, made.payload)
        if made.channel and (made.ack.get("text") or made.ack.get("blocks")):
            await self.responses.say(made, made.ack)
        return made


def _elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for each in (block.get("accessory"), block.get("element"), *(block.get("elements") or ())):
            if isinstance(each, dict):
                yield block, each


def _element(where: Message | View, name: str, kind: str) -> tuple[Json, Json]:
    """The one element of a kind that has this action_id or label."""
    there = [(block, each) for block, each in _elements(where.blocks) if str(each.get("type")).endswith(kind)]
    for block, each in there:
        if name in (each.get("action_id"), (each.get("text") or {}).get("text"), block["block_id"]):
            return block, each
    raise AssertionError(f"nothing here goes by {name!r}, but {[each.get('action_id') for _, each in there]}")
