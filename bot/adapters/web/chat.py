"""The room as a chat platform: what the core's `Chat` port asks of Discord and Slack."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.adapters.web.records import BOT, COMMUNITY, PLATFORM, NewMessage, Person
from bot.adapters.web.room import Room
from bot.core.errors import ChannelGone, MessageGone
from bot.core.model import Channel, Member, Message
from bot.core.ports import Clock
from bot.core.post import Post


class WebChat:
    """Posts to the room as the bot."""

    def __init__(self, room: Room, clock: Clock) -> None:
        self._room = room
        self._clock = clock

    @property
    def platform(self) -> str:
        """The platform's name."""
        return PLATFORM

    async def send(self, channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        """Post a message; returns its id."""
        self._expect(channel)
        head = None if thread is None else number(thread)
        new = NewMessage(channel.id, BOT, self._clock.now(), post, thread=head, key=key)
        return str(await self._room.add(new))

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        """The id of the message that carries this key."""
        self._expect(channel)
        head = None if thread is None else number(thread)
        found = await self._room.find(channel.id, key, since, head)
        return None if found is None else str(found)

    async def edit(self, message: Message, post: Post) -> None:
        """Make the message show this post."""
        self._expect(message.channel)
        await self._room.edit(number(message.id), post)

    async def seed(self, message: Message, emojis: Sequence[str]) -> None:
        """Put the bot's reactions on the message."""
        self._expect(message.channel)
        for emoji in emojis:
            await self._room.react(number(message.id), emoji, BOT, on=True)

    async def reactions(self, message: Message) -> Mapping[str, Collection[Member]]:
        """Who reacted with what; the bot is left out."""
        self._expect(message.channel)
        found = await self._room.message(number(message.id))
        people = {each.id: each for each in self._room.people}
        return {
            emoji: tuple(member(people.get(each, Person(each, each))) for each in who if each != BOT)
            for emoji, who in found.reactions.items()
        }

    def _expect(self, channel: Channel) -> None:
        if (channel.platform, channel.community) != (PLATFORM, COMMUNITY) or not self._room.has_channel(channel.id):
            raise ChannelGone(f"There is no channel {channel.id} here.")


def member(person: Person) -> Member:
    """A person of the room as the core knows members."""
    return Member(PLATFORM, COMMUNITY, person.id, person.name)


def number(message_id: str) -> int:
    """The room's number for a message; raises `MessageGone` for an id that the room never gave."""
    if not message_id.isascii() or not message_id.isdigit() or len(message_id) > 15:  # noqa: PLR2004  # fits SQLite
        raise MessageGone(f"Message {message_id[:40]} is not here any more.")
    return int(message_id)
