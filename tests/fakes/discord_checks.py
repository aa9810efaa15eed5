"""Whether a message is one that Discord takes: its documented rules for components of the second version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.discord_world import Refusal

V2, EMBEDS_OFF, EPHEMERAL = 1 << 15, 1 << 2, 1 << 6

ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, SEPARATOR, CONTAINER = 1, 2, 9, 10, 11, 12, 14, 17
TOP = {ROW, SECTION, TEXT, GALLERY, SEPARATOR, CONTAINER}

_URL = re.compile(r"https?://[^\s/?#]+\S*")

Problem = tuple[str, str, str]


def check_message(body: dict[str, Any]) -> None:
    """Raise what Discord would answer to a message that it does not take."""
    problems = list(_message(body))
    if problems:
        raise invalid(problems)


def invalid(problems: list[Problem]) -> Refusal:
    """Code 50035, with each problem under its path."""
    tree: dict[str, Any] = {}
    for path, code, message in problems:
        node = tree
        for step in path.split("."):
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return Refusal(400, 50035, "Invalid Form Body", tree)


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The components with all that they hold."""
    for each in components:
        yield each
        yield from walk(each.get("components", []))
        if each.get("accessory"):
            yield each["accessory"]


def units(text: str) -> int:
    """The length of a text as the strictest reading of Discord's limits has it."""
    return len(text.encode("utf-16-le")) // 2


def number(components: list[dict[str, Any]]) -> None:
    """Give an id to each component that has none, as Discord does."""
    taken = {each.get("id") for each in walk(components)}
    free = (n for n in range(1, 1000) if n not in taken)
    for each in walk(components):
        each["id"] = each.get("id") or next(free)


def _message(body: dict[str, Any]) -> Iterator[Problem]:
    if len(body.get("nonce") or "") > 25:
        yield "nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."
    if not body.get("flags", 0) & V2:
        if not (body.get("content") or body.get("embeds") or body.get("components")):
            raise Refusal(400, 50006, "Cannot send an empty message")
        if units(body.get("content") or "") > 2000:
            yield "content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length."
        return
    if body.get("content") or body.get("embeds"):
        yield "content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with the second version."
    components = body.get("components")
    if not components:
        raise Refusal(400, 50006, "Cannot send an empty message")
    everything = list(walk(components))
    if len(everything) > 40:
        yield "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "Must be 40 or fewer in all."
    if sum(units(each.get("content", "")) for each in everything) > 4000:
        yield "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Must be 4000 or fewer in all."
    yield from _unique("id", [each["id"] for each in everything if each.get("id")])
    yield from _unique("custom_id", [each["custom_id"] for each in everything if "custom_id" in each])
    for place, each in enumerate(components):
        yield from _component(f"components.{place}", each, TOP)


def _unique(name: str, values: list[Any]) -> Iterator[Problem]:
    if len(values) != len(set(values)):
        yield "components", f"COMPONENT_{name.upper()}_DUPLICATED", f"Each {name} must be used once."


def _component(path: str, component: dict[str, Any], allowed: set[int]) -> Iterator[Problem]:
    kind = component.get("type")
    if kind not in allowed:
        yield f"{path}.type", "UNION_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}."
        return
    if not 0 <= component.get("id", 0) < 2**31:
        yield f"{path}.id", "NUMBER_TYPE_MAX", "Must be a whole number of 32 bits."
    yield from _content(path, component, kind)


def _content(path: str, component: dict[str, Any], kind: int) -> Iterator[Problem]:
    match kind:
        case 10:
            yield from _length(f"{path}.content", component.get("content", "").strip(), 1, 4000)
        case 2:
            yield from _length(f"{path}.label", component.get("label", ""), 1, 80)
            yield from _length(f"{path}.custom_id", component.get("custom_id", ""), 1, 100)
        case 11:
            yield from _media(path, component)
        case 12:
            yield from _count(f"{path}.items", component.get("items", []), 10)
            for place, item in enumerate(component.get("items", [])):
                yield from _media(f"{path}.items.{place}", item)
        case 1:
            yield from _children(path, component, {BUTTON}, 5)
        case 9:
            yield from _children(path, component, {TEXT}, 3)
            yield from _component(f"{path}.accessory", component.get("accessory") or {}, {THUMBNAIL, BUTTON})
        case 17:
            yield from _children(path, component, TOP - {CONTAINER}, 40)


def _children(path: str, component: dict[str, Any], allowed: set[int], most: int) -> Iterator[Problem]:
    children = component.get("components", [])
    yield from _count(f"{path}.components", children, most)
    for place, child in enumerate(children):
        yield from _component(f"{path}.components.{place}", child, allowed)


def _media(path: str, item: dict[str, Any]) -> Iterator[Problem]:
    url = item.get("media", {}).get("url", "")
    if not _URL.fullmatch(url) or len(url) > 2048:
        yield f"{path}.media.url", "URL_TYPE_INVALID_URL", "Not a well formed URL."
    if item.get("description") is not None:
        yield from _length(f"{path}.description", item["description"], 1, 1024)


def _length(path: str, text: str, least: int, most: int) -> Iterator[Problem]:
    if not least <= units(text) <= most:
        yield path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."


def _count(path: str, things: list[Any], most: int) -> Iterator[Problem]:
    if not 1 <= len(things) <= most:
        yield path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length."
