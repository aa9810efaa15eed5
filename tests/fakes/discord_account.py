"""The loopback Discord's routes about the bot itself: who it is, its commands, its answers to interactions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.discord_checks import EPHEMERAL, check_message
from tests.fakes.discord_rest import Answer, Handler
from tests.fakes.discord_state import State
from tests.fakes.discord_world import Channel, Guild, Message, Refusal, User

CALLBACK_MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, COMPLETED, MODAL = 4, 5, 6, 7, 8, 9


@dataclass
class Interaction:
    """Something that a user did with a command, a button or a form, and how the bot answered it."""

    id: str
    token: str
    channel: Channel
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    answered: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, number: int = 1) -> dict[str, Any]:
        """What the bot answered, as soon as it has so often; a test that waits for it in vain fails."""
        async with asyncio.timeout(10), self.answered:
            await self.answered.wait_for(lambda: len(self.answers) >= number)
        return self.answers[number - 1]

    async def take(self, body: dict[str, Any]) -> None:
        """Note an answer."""
        async with self.answered:
            self.answers.append(body)
            self.answered.notify_all()


class Account:
    """The bot's account: its application, its commands, its interactions."""

    def __init__(self, state: State, token: str) -> None:
        self.state = state
        self.token = token
        self.gateway_url = ""
        self.shards = 1
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.interactions: dict[str, Interaction] = {}

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Methods, paths and what answers them."""
        application, original = "/applications/{application}", "/webhooks/{application}/{token}/messages/{message}"
        commands = [f"{application}/commands", f"{application}/guilds/{{guild}}/commands"]
        return [
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway", self._gateway),
            ("GET", "/gateway/bot", self._gateway),
            *(("GET", path, self._commands) for path in commands),
            *(("PUT", path, self._put_commands) for path in commands),
            ("POST", "/interactions/{interaction}/{token}/callback", self._callback),
            ("POST", "/webhooks/{application}/{token}", self._follow_up),
            ("GET", original, self._answer),
            ("PATCH", original, self._edit_answer),
            ("DELETE", original, self._delete_answer),
        ]

    def interact(self, guild: Guild, channel: Channel, user: User, kind: int, data: dict[str, Any]) -> Interaction:
        """Let a user do something with the bot: kind 2 is a command, 3 a button, 4 completion, 5 a form."""
        interaction = Interaction(next(self.state.ids), f"token{len(self.interactions)}", channel)
        self.interactions[interaction.token] = interaction
        may = str(guild.permissions(user, channel))
        event: dict[str, Any] = {
            "id": interaction.id,
            "application_id": self.state.bot.id,
            "type": kind,
            "data": data,
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "channel_id": channel.id,
            "channel": channel.payload() | {"permissions": may},
            "member": guild.member_payload(user) | {"permissions": may},
            "token": interaction.token,
            "version": 1,
            "locale": "en-US",
            "guild_locale": "en-US",
            "app_permissions": str(guild.permissions(self.state.bot, channel)),
            "entitlements": [],
            "authorizing_integration_owners": {"0": guild.id},
            "context": 0,
            "attachment_size_limit": 10_000_000,
        }
        self.state.emit("INTERACTION_CREATE", event, guild.id)
        return interaction

    async def _me(self, _: web.Request) -> Answer:
        return self.state.bot.payload() | {"verified": True, "mfa_enabled": False, "flags": 0, "locale": "en-US"}

    async def _application(self, _: web.Request) -> Answer:
        bot = self.state.bot
        return {
            "id": bot.id,
            "name": bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "summary": "",
            "owner": bot.payload(),
            "team": None,
        }

    async def _gateway(self, _: web.Request) -> Answer:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86400000, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit}

    async def _commands(self, request: web.Request) -> Answer:
        return self.commands.get(request.match_info.get("guild", ""), [])

    async def _put_commands(self, request: web.Request) -> Answer:
        body = await request.json()
        rest = {"application_id": self.state.bot.id, "version": "1"}
        put = [{"type": 1, "description": ""} | each | rest | {"id": next(self.state.ids)} for each in body]
        self.commands[request.match_info.get("guild", "")] = put
        return put

    def _interaction(self, request: web.Request) -> Interaction:
        found = self.interactions.get(request.match_info["token"])
        if found is None:
            raise Refusal(404, 10062, "Unknown interaction")
        return found

    async def _callback(self, request: web.Request) -> Answer:
        interaction, body = self._interaction(request), await request.json()
        if interaction.callbacks:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        interaction.callbacks.append(body)
        message, data = None, body.get("data") or {}
        if body["type"] == CALLBACK_MESSAGE:
            check_message(data)
        if body["type"] in (CALLBACK_MESSAGE, DEFERRED):
            message = self._say(interaction, data)
        if body["type"] not in (DEFERRED, DEFERRED_UPDATE):
            await interaction.take(data)
        about = {"id": interaction.id, "type": 2, "response_message_id": message.id if message else None}
        if request.query.get("with_response") not in ("1", "true"):
            return None
        resource = {"type": body["type"], "message": message.payload(self.state.bot.id) if message else None}
        return {"interaction": about, "resource": resource}

    def _say(self, interaction: Interaction, body: dict[str, Any]) -> Message:
        message = self.state.say(interaction.channel, self.state.bot, body)
        message.interaction = interaction.token
        interaction.messages.append(message)
        return message

    async def _follow_up(self, request: web.Request) -> Answer:
        interaction, body = self._interaction(request), await request.json()
        check_message(body)
        first = interaction.messages[0] if interaction.messages else None
        if first and interaction.callbacks[0]["type"] == DEFERRED and not first.edits:
            # The first message after an acknowledgement takes its place, and is as public as it was.
            hidden = first.body.get("flags", 0) & EPHEMERAL
            self.state.edit(first, body | {"flags": body.get("flags", 0) & ~EPHEMERAL | hidden})
        else:
            first = self._say(interaction, body)
        await interaction.take(body)
        return first.payload(self.state.bot.id)

    def _answered(self, request: web.Request) -> Message:
        interaction, wanted = self._interaction(request), request.match_info["message"]
        for message in interaction.messages:
            if wanted in {"@original", message.id} and not message.deleted:
                return message
        raise Refusal(404, 10008, "Unknown Message")

    async def _answer(self, request: web.Request) -> Answer:
        return self._answered(request).payload(self.state.bot.id)

    async def _edit_answer(self, request: web.Request) -> Answer:
        message, body = self._answered(request), await request.json()
        self.state.edit(message, body)
        await self._interaction(request).take(body)
        return message.payload(self.state.bot.id)

    async def _delete_answer(self, request: web.Request) -> Answer:
        self.state.delete(self._answered(request))
        return None
