"""What a person fills into a view of the loopback Slack, as its state has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.slack_world import Json

PLACES = {
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "file_input": "files",
}
"""Where the state keeps what was chosen; a typed text stands under `value`."""


def label(block: Json) -> str:
    """What stands above an input."""
    return str((block.get("label") or block.get("text") or {}).get("text", ""))


def inputs(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """The elements that take a value, each with its block."""
    for block in blocks:
        for each in (block.get("element"), block.get("accessory"), *(block.get("elements") or ())):
            kind = each.get("type") if isinstance(each, dict) else None
            if each and (kind in PLACES or str(kind).endswith("_input")):
                yield block, each


def filled(blocks: list[Json], values: Mapping[str, Any]) -> Json:
    """The state's values: what is given by an input's block_id, action_id or label; what it began with otherwise.

    Fails as Slack's own window would not let a person send it: where a needed input is empty, a text is too short or
    too long, an option is not offered, or nothing goes by a name.
    """
    left, state = dict(values), dict[str, Json]()
    for block, element in inputs(blocks):
        action = element.setdefault("action_id", f"{block['block_id']}-action")
        name = next((each for each in (block["block_id"], action, label(block)) if each in left), None)
        chosen = left.pop(name) if name is not None else _initial(element)
        state.setdefault(block["block_id"], {})[action] = _state(element, chosen)
        empty = chosen in (None, "", [])
        assert not (empty and block["type"] == "input" and not block.get("optional")), f"{label(block)!r} is needed"
        if isinstance(chosen, str) and element["type"] == "plain_text_input" and chosen:
            assert element.get("min_length", 0) <= len(chosen) <= element.get("max_length", 3000), "not so long"
    assert not left, f"nothing here goes by {sorted(left)}"
    return state


def _state(element: Json, chosen: Any) -> Json:
    kind = element["type"]
    place = PLACES.get(kind, "value")
    if place == "selected_option":
        chosen = None if chosen is None else _option(element, chosen)
    elif place == "selected_options":
        chosen = [_option(element, each) for each in chosen or []]
    elif place == "value":
        chosen = chosen or None
    return {"type": kind, place: chosen}


def _option(element: Json, chosen: Any) -> Json:
    """The option that has this value or text; one that a suggestion brought is taken as it is."""
    if isinstance(chosen, dict):
        return chosen
    groups = element.get("option_groups") or [element]
    offered = [each for group in groups for each in group.get("options") or []]
    found = next((each for each in offered if chosen in (each["value"], each["text"]["text"])), None)
    assert found, f"{chosen!r} is not offered, but {[each['text']['text'] for each in offered]}"
    assert isinstance(found, dict)
    return found


def _initial(element: Json) -> Any:
    for name, value in element.items():
        if name.startswith("initial_"):
            return value
    return None


def chosen(element: Json, value: Any) -> Json:
    """What an action says of a choice outside of a form."""
    return _state(element, value)
