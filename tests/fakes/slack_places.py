"""What happens to channels, messages and files of the loopback Slack by the hands of people."""

from __future__ import annotations

from tests.fakes.slack_delivery import Delivery
from tests.fakes.slack_state import State
from tests.fakes.slack_world import Channel, Json, Message, User


class Places:
    """What people do with places; each act returns once the bot has acknowledged what it was told of it."""

    state: State
    delivery: Delivery
    root: str

    async def invite(self, channel: Channel, by: User | None = None) -> None:
        """Take the bot into a channel."""
        bot = self.state.workspaces[channel.team_id].bot
        channel.members.append(bot.id)
        kind = "G" if channel.private else "C"
        event: Json = {"type": "member_joined_channel", "user": bot.id, "channel_type": kind, "team": channel.team_id}
        await self._told(channel, event | ({"inviter": by.id} if by else {}))

    async def remove(self, channel: Channel) -> None:
        """Take the bot out of a channel."""
        channel.members.remove(self.state.workspaces[channel.team_id].bot.id)
        await self._told(channel, {"type": "group_left" if channel.private else "channel_left"})

    async def archive(self, channel: Channel, by: User | None = None) -> None:
        """Archive a channel."""
        channel.archived = True
        kind = "group_archive" if channel.private else "channel_archive"
        await self._told(channel, {"type": kind, "is_moved": 0} | ({"user": by.id} if by else {}))

    async def unarchive(self, channel: Channel, by: User | None = None) -> None:
        """Take a channel out of the archive."""
        channel.archived = False
        kind = "group_unarchive" if channel.private else "channel_unarchive"
        await self._told(channel, {"type": kind} | ({"user": by.id} if by else {}))

    async def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with all that stood in it."""
        del self.state.workspaces[channel.team_id].channels[channel.id]
        await self._told(channel, {"type": "group_deleted" if channel.private else "channel_deleted"})

    async def delete(self, message: Message) -> None:
        """Delete a message."""
        self.state.delete(message)
        await self.delivery.settled()

    def attach(self, user: User, name: str, content: bytes, mimetype: str = "text/plain") -> Json:
        """A file as a person attaches it to a form: what to give `submit` in a list."""
        file_id = self.state.id("F")
        url = f"{self.root}/files/{file_id}"
        about: Json = {"id": file_id, "user": user.id, "name": name, "title": name, "mimetype": mimetype}
        about |= {"size": len(content), "mode": "hosted", "url_private": url, "url_private_download": url}
        self.state.workspaces[user.team_id].files[file_id] = about | {"content": content}
        return about

    async def _told(self, channel: Channel, event: Json) -> None:
        self.state.emit(channel.team_id, event | {"channel": channel.id, "event_ts": self.state.ts()})
        await self.delivery.settled()
