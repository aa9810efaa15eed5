"""A delivery's key, where readers do not see it but Discord's answers have it.

Every component has an `id`, a whole number of 32 bits that the sender may choose and that comes back with the message.
The first two components get numbers made of the key: 60 bits in all, far from the small numbers that Discord gives the
others, and the second never equal to the first. The message's nonce, which holds the key too, is not kept in history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.adapters.discord.limits import weight

MARKS = 2

NONCE = 25
"""Characters of a nonce, at most."""

_BITS = 30


def marks(key: str) -> tuple[int, int]:
    """The ids of a message's first two components, each from 2³⁰ on and below 2³¹, as some read them as signed."""
    digest = int.from_bytes(hashlib.blake2s(key.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    first, second = digest % 2**_BITS, digest >> 32 & 2**_BITS - 1
    if first == second:
        second ^= 1
    return 2**_BITS + first, 2**_BITS + second


def walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The components and all within them, in the order in which they are read."""
    for each in components:
        yield each
        yield from walk(each.get("components", ()))
        if "accessory" in each:
            yield each["accessory"]


def mark(components: Sequence[dict[str, Any]], key: str) -> None:
    """Put the key's ids on the first two components, of which there have to be so many."""
    for component, number in zip(walk(components), marks(key), strict=False):
        assert isinstance(component, dict)
        component["id"] = number


def carries(message: Mapping[str, Any], key: str) -> bool:
    """Whether a message, as Discord gives it, carries the key."""
    ids = [each.get("id") for each in walk(message.get("components") or ())]
    return message.get("nonce") == nonce(key) or tuple(ids[:MARKS]) == marks(key)


def nonce(key: str) -> str:
    """The key as a nonce: itself, or what stands for one that is too long."""
    return key if weight(key) <= NONCE else "-".join(map(str, marks(key)))
