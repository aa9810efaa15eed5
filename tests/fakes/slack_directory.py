"""The loopback Slack's methods about who and what there is: the bot, people, channels, groups, files."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from tests.fakes.slack_calls import Answer, Call
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Channel, Json, Refusal, User


class Directory:
    """Answers out of the state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def methods(self) -> dict[str, Answer]:
        """What answers each method."""
        return {
            "auth.test": self._me,
            "team.info": self._team,
            "bots.info": self._bot,
            "users.info": self._user,
            "users.list": self._users,
            "usergroups.list": self._groups,
            "usergroups.users.list": self._group,
            "conversations.info": self._info,
            "conversations.list": self._list,
            "conversations.members": self._members,
            "conversations.open": self._open,
            "conversations.join": self._join,
            "files.info": self._file,
        }

    def _me(self, call: Call) -> Json:
        workspace = call.workspace
        return {
            "url": f"https://{workspace.domain}.slack.com/",
            "team": workspace.name,
            "team_id": workspace.id,
            "user": workspace.bot.name.lower(),
            "user_id": workspace.bot.id,
            "bot_id": workspace.bot.bot_id,
            "is_enterprise_install": False,
        }

    def _team(self, call: Call) -> Json:
        workspace = call.workspace
        icon = {"image_default": True}
        return {"team": {"id": workspace.id, "name": workspace.name, "domain": workspace.domain, "icon": icon}}

    def _bot(self, call: Call) -> Json:
        wanted = call.text("bot", needed=False) or call.workspace.bot.bot_id
        found = next((each for each in call.workspace.users.values() if each.bot and each.bot_id == wanted), None)
        if found is None:
            raise Refusal("bot_not_found")
        return {"bot": {"id": wanted, "name": found.name, "user_id": found.id, "app_id": self.state.app_id}}

    def _person(self, call: Call) -> User:
        found = call.workspace.users.get(call.text("user", needed=False))
        if found is None:
            raise Refusal("user_not_found")
        return found

    def _user(self, call: Call) -> Json:
        return {"user": self._person(call).payload(locale=call.flag("include_locale"))}

    def _users(self, call: Call) -> Json:
        page, rest = paged(call, list(call.workspace.users.values()))
        return {"members": [each.payload(locale=call.flag("include_locale")) for each in page], **rest}

    def _groups(self, call: Call) -> Json:
        with_people = call.flag("include_users")
        return {
            "usergroups": [
                {
                    "id": each,
                    "team_id": call.workspace.id,
                    "is_usergroup": True,
                    "handle": each.lower(),
                    "date_delete": 0,
                }
                | ({"users": users} if with_people else {})
                for each, users in call.workspace.usergroups.items()
            ]
        }

    def _group(self, call: Call) -> Json:
        found = call.workspace.usergroups.get(call.text("usergroup"))
        if found is None:
            raise Refusal("no_such_subteam")
        return {"users": found}

    def _channel(self, call: Call) -> Channel:
        found = self.state.find_channel(call.workspace, call.text("channel"))
        call.need(found.kind)
        return found

    def _info(self, call: Call) -> Json:
        channel = self._channel(call)
        people = {"num_members": len(channel.members)} if call.flag("include_num_members") else {}
        return {"channel": channel.payload(call.workspace.bot.id) | people}

    def _list(self, call: Call) -> Json:
        kinds = call.text("types", needed=False) or "public_channel"
        wanted = {"public_channel": "channels", "private_channel": "groups", "im": "im"}
        found = [
            each
            for each in call.workspace.channels.values()
            if any(wanted.get(kind.strip()) == each.kind for kind in kinds.split(","))
            and not (call.flag("exclude_archived") and each.archived)
            and not (each.private and call.workspace.bot.id not in each.members)
        ]
        page, rest = paged(call, found)
        return {"channels": [each.payload(call.workspace.bot.id) for each in page], **rest}

    def _members(self, call: Call) -> Json:
        page, rest = paged(call, self._channel(call).members)
        return {"members": list(page), **rest}

    def _open(self, call: Call) -> Json:
        if call.arguments.get("channel"):
            channel = self.state.find_channel(call.workspace, call.text("channel"))
            return {"channel": {"id": channel.id}}
        people = [call.workspace.users.get(each.strip()) for each in call.text("users").split(",")]
        if len(people) != 1 or people[0] is None:
            raise Refusal("user_not_found")
        if people[0].bot:
            raise Refusal("cannot_dm_bot")
        if people[0].deleted:
            raise Refusal("user_disabled")
        return {"channel": {"id": self.state.direct(call.workspace, people[0]).id}}

    def _join(self, call: Call) -> Json:
        channel = self.state.find_channel(call.workspace, call.text("channel"))
        if channel.kind != "channels":
            raise Refusal("method_not_supported_for_channel_type")
        if channel.archived:
            raise Refusal("is_archived")
        me = call.workspace.bot
        if me.id not in channel.members:
            channel.members.append(me.id)
            event = {"type": "member_joined_channel", "user": me.id, "channel": channel.id, "channel_type": "C"}
            self.state.emit(call.workspace.id, event | {"team": call.workspace.id, "event_ts": self.state.ts()})
        return {"channel": channel.payload(me.id)}

    def _file(self, call: Call) -> Json:
        found = call.workspace.files.get(call.text("file"))
        if found is None:
            raise Refusal("file_not_found")
        return {"file": {name: value for name, value in found.items() if name != "content"}}


def paged(call: Call, things: Sequence[Any]) -> tuple[Sequence[Any], Json]:
    """One page of a list, and the cursor of the next."""
    limit = call.number("limit", 100, 1000)
    cursor = call.text("cursor", needed=False)
    try:
        start = int(base64.b64decode(cursor, validate=True)) if cursor else 0
    except ValueError:
        raise Refusal("invalid_cursor") from None
    end = start + limit
    following = base64.b64encode(str(end).encode()).decode() if end < len(things) else ""
    return things[start:end], {"response_metadata": {"next_cursor": following}}
