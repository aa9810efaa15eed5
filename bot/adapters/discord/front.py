"""What the adapter needs of the program around the core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bot.core.model import Channel, Message, Subscription


@dataclass(frozen=True, slots=True)
class House:
    """What else the adapter calls; communities are guilds' ids.

    recount: a message's reactions were cleared, so its votes are to be read again. returned: these communities'
    events may have been missed, so their open ballots are to be read again. joined, left: the bot was added to a
    community, or removed from it. known: the communities that it is in, as far as is known. subscriptions: to the
    newsletter that a channel's members mean, those of its community. read_digest, write_digest: what tells the command
    table that Discord has.
    """

    recount: Callable[[Message], Awaitable[None]]
    returned: Callable[[Collection[str]], Awaitable[None]]
    joined: Callable[[str], Awaitable[None]]
    left: Callable[[str], Awaitable[None]]
    known: Callable[[], Awaitable[Collection[str]]]
    subscriptions: Callable[[Channel], Awaitable[Collection[Subscription]]]
    read_digest: Callable[[], Awaitable[str | None]]
    write_digest: Callable[[str], Awaitable[None]]
