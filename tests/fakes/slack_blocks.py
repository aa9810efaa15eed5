"""Whether blocks are such as Slack takes: the documented rules of Block Kit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.slack_elements import ELEMENTS, INPUTS, element, length, text_object
from tests.fakes.slack_world import Json, Refusal

IN_MESSAGE, IN_VIEW = 50, 100
"""How many blocks a message takes, and how many a view."""

TOTAL = 13_000
"""The characters of all of a message's blocks, as compact JSON.

Slack documents none; its answers were seen to turn to msg_blocks_too_long near there, wrappers counted in
(slackapi/bolt-js issues 2509 and 2867).
"""

PICTURE_URL = re.compile(r"https?://[^\s/?#]+\S*")

Fetch = Callable[[str], bool]
"""Whether Slack could fetch the picture at this address."""


def check_message(blocks: Any, fetch: Fetch) -> None:
    """Raise what Slack would answer to a message with these blocks."""
    if not isinstance(blocks, list) or not all(isinstance(each, dict) for each in blocks):
        raise Refusal("invalid_blocks_format")
    refuse("invalid_blocks", list(problems(blocks, "/blocks", IN_MESSAGE, fetch)))
    if len(json.dumps(blocks, separators=(",", ":"), ensure_ascii=False)) > TOTAL:
        raise Refusal("msg_blocks_too_long")


def refuse(error: str, found: list[str]) -> None:
    """Raise the error with its problems, if there are any."""
    if found:
        raise Refusal(error, errors=found, response_metadata={"messages": [f"[ERROR] {each}" for each in found]})


def problems(blocks: Any, path: str, most: int, fetch: Fetch) -> Iterator[str]:
    """What is wrong with the blocks, each with a pointer to where."""
    if not isinstance(blocks, list):
        yield f"must be an array [json-pointer:{path}]"
        return
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:{path}]"
    ids = [each["block_id"] for each in blocks if each.get("block_id")]
    if len(ids) != len(set(ids)):
        yield f"`block_id` must be unique [json-pointer:{path}]"
    for place, block in enumerate(blocks):
        where = f"{path}/{place}"
        yield from length(block.get("block_id"), 1, 255, f"{where}/block_id", needed=False)
        kind = BLOCKS.get(str(block.get("type")))
        if kind is None or (most == IN_MESSAGE and block["type"] == "input"):
            yield f"unsupported type: {block.get('type')} [json-pointer:{where}/type]"
            continue
        yield from kind(block, where, fetch)


def _section(block: Json, where: str, fetch: Fetch) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield f"missing required field: text or fields [json-pointer:{where}]"
    if block.get("text"):
        yield from text_object(block["text"], 3000, f"{where}/text")
    fields = block.get("fields") or []
    if len(fields) > 10:
        yield f"no more than 10 items allowed [json-pointer:{where}/fields]"
    for place, each in enumerate(fields):
        yield from text_object(each, 2000, f"{where}/fields/{place}")
    if block.get("accessory"):
        yield from _inner(block["accessory"], f"{where}/accessory", ELEMENTS | {"image"}, fetch)


def _header(block: Json, where: str, _: Fetch) -> Iterator[str]:
    yield from text_object(block.get("text"), 150, f"{where}/text", plain=True)


def _image(block: Json, where: str, fetch: Fetch) -> Iterator[str]:
    if block.get("title"):
        yield from text_object(block["title"], 2000, f"{where}/title", plain=True)
    yield from _picture(block, where, fetch)


def _picture(image: Json, where: str, fetch: Fetch) -> Iterator[str]:
    yield from length(image.get("alt_text"), 1, 2000, f"{where}/alt_text")
    url = image.get("image_url")
    if image.get("slack_file"):
        return
    if not isinstance(url, str) or len(url) > 3000 or not PICTURE_URL.fullmatch(url):
        yield f"invalid url [json-pointer:{where}/image_url]"
    elif not fetch(url):
        yield f"downloading image failed [json-pointer:{where}/image_url]"


def _context(block: Json, where: str, fetch: Fetch) -> Iterator[str]:
    elements = yield from _items(block.get("elements"), 10, f"{where}/elements")
    for place, each in enumerate(elements):
        if each.get("type") == "image":
            yield from _picture(each, f"{where}/elements/{place}", fetch)
        else:
            yield from text_object(each, 3000, f"{where}/elements/{place}")


def _actions(block: Json, where: str, fetch: Fetch) -> Iterator[str]:
    elements = yield from _items(block.get("elements"), 25, f"{where}/elements")
    ids = [each["action_id"] for each in elements if each.get("action_id")]
    if len(ids) != len(set(ids)):
        yield f"`action_id` must be unique within the block [json-pointer:{where}/elements]"
    for place, each in enumerate(elements):
        yield from _inner(each, f"{where}/elements/{place}", ELEMENTS, fetch)


def _input(block: Json, where: str, fetch: Fetch) -> Iterator[str]:
    yield from text_object(block.get("label"), 2000, f"{where}/label", plain=True)
    if block.get("hint"):
        yield from text_object(block["hint"], 2000, f"{where}/hint", plain=True)
    yield from _inner(block.get("element") or {}, f"{where}/element", INPUTS, fetch)


def _inner(found: Json, where: str, allowed: frozenset[str], fetch: Fetch) -> Iterator[str]:
    if found.get("type") not in allowed:
        yield f"unsupported type: {found.get('type')} [json-pointer:{where}/type]"
    elif found["type"] == "image":
        yield from _picture(found, where, fetch)
    else:
        yield from element(found, where)


def _items(found: Any, most: int, where: str) -> Any:
    if not isinstance(found, list) or not found:
        yield f"must have at least 1 item [json-pointer:{where}]"
        return []
    if len(found) > most:
        yield f"no more than {most} items allowed [json-pointer:{where}]"
    return found


RICH = {
    "rich_text_section": {"text", "link", "emoji", "date", "user", "channel", "usergroup", "broadcast", "color"},
    "rich_text_quote": {"text", "link", "emoji", "date", "user", "channel", "usergroup", "broadcast", "color"},
    "rich_text_preformatted": {"text", "link"},
    "rich_text_list": {"rich_text_section"},
}
"""What the parts of a rich text hold."""

_NEEDED = {"text": "text", "link": "url", "emoji": "name", "date": "timestamp", "user": "user_id"}


def _rich_text(block: Json, where: str, _: Fetch) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list):
        yield f"missing required field: elements [json-pointer:{where}]"
        return
    for place, each in enumerate(elements):
        yield from _rich(each, f"{where}/elements/{place}", set(RICH))


def _rich(part: Json, where: str, allowed: set[str]) -> Iterator[str]:
    kind = part.get("type")
    if kind not in allowed:
        yield f"unsupported type: {kind} [json-pointer:{where}/type]"
        return
    needed = _NEEDED.get(str(kind))
    if needed and part.get(needed) in (None, ""):
        yield f"missing required field: {needed} [json-pointer:{where}]"
    if kind == "date" and not (isinstance(part.get("timestamp"), int) and part.get("format")):
        yield f"invalid date [json-pointer:{where}]"
    if kind == "rich_text_list" and part.get("style") not in ("bullet", "ordered"):
        yield f"must be one of: bullet, ordered [json-pointer:{where}/style]"
    if kind in RICH:
        for place, each in enumerate(part.get("elements") or []):
            yield from _rich(each, f"{where}/elements/{place}", RICH[kind])


def _divider(_block: Json, _where: str, _fetch: Fetch) -> Iterator[str]:
    return iter(())


def _markdown(block: Json, where: str, _: Fetch) -> Iterator[str]:
    yield from length(block.get("text"), 1, 12_000, f"{where}/text")


BLOCKS: dict[str, Callable[[Json, str, Fetch], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "image": _image,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "rich_text": _rich_text,
    "divider": _divider,
    "markdown": _markdown,
}
