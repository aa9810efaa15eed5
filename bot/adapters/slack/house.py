"""What the adapter needs of the program around the core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class House:
    """What else the adapter calls; communities are workspaces' ids.

    returned: these communities' events may have been missed, so their open ballots are to be read again. joined, left:
    the app was installed in a community, or removed from it. first_time: whether a community is to be greeted, which is
    so once, whenever the bot was started since.
    """

    returned: Callable[[Collection[str]], Awaitable[None]]
    joined: Callable[[str], Awaitable[None]]
    left: Callable[[str], Awaitable[None]]
    first_time: Callable[[str], Awaitable[bool]]
