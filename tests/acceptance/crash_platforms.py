"""Platforms of our own as the crash tests see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from bot.core.model import Channel
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_server import SlackServer


class DiscordSide:
    """Some channels of one guild, which remembers no nonces: only the bot itself keeps a message from coming twice."""

    def __init__(self, server: DiscordServer, channels: int) -> None:
        self.server = server
        server.state.nonces_kept = timedelta(0)
        guild = server.state.guild()
        made = [server.state.channel(guild, f"paper-{number}") for number in range(channels)]
        self.channels: Sequence[Channel] = [Channel("discord", guild.id, each.id) for each in made]

    def settings(self) -> Mapping[str, str]:
        """The variables that point the bot at the server."""
        return {
            "BROADSHEET_DISCORD__TOKEN": self.server.token,
            "BROADSHEET_DISCORD__API_URL": self.server.api_url,
            "BROADSHEET_DISCORD__GATEWAY_URL": self.server.gateway_url,
        }

    def watch(self, told: Callable[[bool], None]) -> None:
        """Tell of every request twice, and whether it posts."""
        self.server.watch = lambda asked: told(asked.method == "POST" and asked.path.endswith("/messages"))

    def messages(self, channel: Channel) -> Sequence[str]:
        """The ids of the bot's messages in a channel and its threads, oldest first."""
        guild, home = self.server.state.find_channel(channel.id)
        threads = [each for each in guild.channels.values() if each.parent_id == channel.id]
        found = [(int(each.id), each.id) for each in home.messages.values() if not each.deleted]
        found += [(int(m.id), f"{thread.id}/{m.id}") for thread in threads for m in thread.messages.values()]
        return [name for _, name in sorted(found)]


class SlackSide:
    """Some channels of one workspace."""

    def __init__(self, server: SlackServer, channels: int) -> None:
        self.server = server
        self.workspace = server.state.workspace("Town")
        made = [server.state.channel(self.workspace, f"paper-{number}") for number in range(channels)]
        self.channels: Sequence[Channel] = [Channel("slack", self.workspace.id, each.id) for each in made]

    def settings(self) -> Mapping[str, str]:
        """The variables that point the bot at the server."""
        return {
            "BROADSHEET_SLACK__BOT_TOKEN": self.workspace.token,
            "BROADSHEET_SLACK__APP_TOKEN": self.server.app_token,
            "BROADSHEET_SLACK__API_URL": self.server.api_url,
        }

    def watch(self, told: Callable[[bool], None]) -> None:
        """Tell of every call twice, and whether it posts."""
        self.server.watch = lambda method: told(method == "chat.postMessage")

    def messages(self, channel: Channel) -> Sequence[str]:
        """The ids of the bot's messages in a channel and its threads, oldest first."""
        there = self.server.messages(channel.id)
        replies = [(each, head) for head in there for each in self.server.messages(channel.id, head.ts)]
        found = [(each.ts, each.ts) for each in there]
        found += [(each.ts, f"{head.ts}/{each.ts}") for each, head in replies if each.ts != head.ts]
        return [name for _, name in sorted(found)]
