"""Posts as Slack's messages: Block Kit within its limits, and no text from people active."""

from __future__ import annotations

from typing import Any

from bot.adapters.slack import rich
from bot.adapters.slack.blocks import rendered
from bot.adapters.slack.costs import bar, call
from bot.adapters.slack.limits import FALLBACK, ID, units
from bot.adapters.slack.markup import escape, guard, live
from bot.adapters.slack.text import flat, seen, tidy
from bot.core.plain import plain
from bot.core.post import Post
from bot.core.text import clip

EVENT = "broadsheet_delivery"
"""The type of the metadata that holds a delivery's key."""

MARK = "broadsheet-"
"""What the first block's id begins with, before a delivery's key."""


def to_blocks(post: Post, key: str = "") -> list[dict[str, Any]]:
    """The post as blocks, with a delivery's key in the first one's id; it has to be one of those that `fit` gave."""
    made = [*call(post), *(each for block in post.blocks for each in rendered(block)), *bar(post.buttons)]
    if not made:
        title = flat(post.title)
        made = [rich.block(rich.section([rich.text(title if seen(title) else "…")]))]
    if key:
        made[0]["block_id"] = block_id(key)
    return made


def block_id(key: str) -> str:
    """The id of the first block of the delivery's message."""
    return f"{MARK}{key}"[:ID]


def fallback(post: Post) -> str:
    """The post's text for notifications, for screen readers and for search; nothing in it takes effect."""
    title = flat(clip(post.title, FALLBACK)).strip()
    text = tidy(plain(post)).strip()
    whole = text if text.startswith(title) else f"{title}\n\n{text}".strip()
    length = FALLBACK
    while True:
        kept = clip(whole, length)
        safe = guard(escape(kept, live([kept])))
        if units(safe) <= FALLBACK:
            return safe if seen(safe) else "…"
        length = length * 3 // 4


def metadata(key: str) -> dict[str, Any]:
    """What the message of the delivery with this key carries beside its text."""
    return {"event_type": EVENT, "event_payload": {"key": key}}


def message(post: Post, key: str = "") -> dict[str, Any]:
    """The message as chat.postMessage takes it, with a delivery's key in it where there is one."""
    made = {
        "text": fallback(post),
        "blocks": to_blocks(post, key),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return made | {"metadata": metadata(key)} if key else made


def carries(found: dict[str, Any], key: str) -> bool:
    """Whether a message, as Slack gives it, carries the key."""
    data = found.get("metadata")
    payload = data.get("event_payload") if isinstance(data, dict) and data.get("event_type") == EVENT else None
    if isinstance(payload, dict) and payload.get("key") == key:
        return True
    blocks = found.get("blocks")
    return isinstance(blocks, list) and any(
        isinstance(each, dict) and each.get("block_id") == block_id(key) for each in blocks
    )
