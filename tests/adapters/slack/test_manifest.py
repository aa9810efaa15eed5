from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.slack.manifest import LONGEST_HINT, manifest
from bot.adapters.slack.refusals import SlackRefused
from bot.adapters.slack.scopes import EVENTS, SCOPES, missing
from bot.core.commands import Command, Option
from bot.core.post import Answer, sentence
from bot.core.table import COMMANDS
from tests.adapters.slack.manifests import faults

ROOM = Path(__file__).resolve().parents[3] / "bot" / "adapters" / "slack"

PUBLIC = "https://paper.example.org/"

METHODS: dict[str, set[str]] = {
    "api.test": set(),
    "apps.connections.open": set(),
    "auth.test": set(),
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "files.info": {"files:read"},
    "oauth.v2.access": set(),
    "reactions.add": {"reactions:write"},
    "reactions.get": {"reactions:read"},
    "usergroups.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "users.list": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
"""The scopes that each Web API method needs for what we ask it, from Slack's reference of methods."""

OTHERWISE: dict[str, set[str]] = {
    "commands": {"commands"},
    "downloads": {"files:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
}
"""The scopes that other things need: features of the manifest, downloads, events."""

METHOD = re.compile(r"(api|apps|auth|bots|chat|conversations|files|oauth|reactions|usergroups|users|views)\.[\w.]+")


NOT_ASKED = {"api.call", "api.url", "chat.scheduleMessage", "views.push", "files.slack.com"}
"""What merely looks like a method that we ask, or is named where it is not asked."""


async def _nothing(*_: object) -> Answer:
    return sentence("")


def made(**options: Any) -> dict[str, Any]:
    read = yaml.safe_load(manifest(COMMANDS, **options))
    assert isinstance(read, dict)
    return read


def _methods() -> set[str]:
    """The Web API methods that the adapter asks, as Slack names them in our texts, or slack_sdk in its methods."""
    found: set[str] = set()
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr.replace("_", "."))
    return {each for each in found if METHOD.fullmatch(each)} - NOT_ASKED


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prefix": "bs-"},
        {"mode": "http", "public_url": PUBLIC},
        {"mode": "http", "public_url": PUBLIC, "many": True, "name": "The Paper"},
        {"many": True, "public_url": "http://localhost:3000"},
    ],
)
def test_slack_takes_it(options: dict[str, Any]) -> None:
    """In every variant, fields, limits and types are those of Slack's schema."""
    assert list(faults(made(**options))) == []


def test_what_slack_would_not_take_is_seen() -> None:
    """The schema's facts, as written here, do refuse what is wrong."""
    read = made()
    read["features"]["slash_commands"][0]["command"] = "paper"
    read["features"]["shortcuts"][0]["name"] = "x" * 25
    read["settings"]["socket_mode"] = True
    del read["display_information"]["name"]
    assert sorted(each.split(" ")[0] for each in faults(read)) == [
        "/display_information/name",
        "/features/shortcuts/0/name",
        "/features/slash_commands/0/command",
        "/settings/socket_mode",
    ]


def test_every_command_is_there() -> None:
    """Each first word of the table is a slash command, with what can be typed behind it."""
    commands = {each["command"]: each for each in made()["features"]["slash_commands"]}
    assert list(commands) == list(dict.fromkeys(f"/{each.name.split()[0]}" for each in COMMANDS))
    assert commands["/paper"]["usage_hint"] == "REFERENCE [show]"
    assert commands["/newsletter"]["usage_hint"].startswith("setup | schedule | sections")
    assert commands["/newsletter"]["description"].endswith("(for editors)")
    assert "usage_hint" not in commands["/ballot"]
    assert all(each["should_escape"] for each in commands.values())


def test_a_prefix_stands_before_every_command() -> None:
    """Where names are taken, all commands move away together."""
    commands = [each["command"] for each in made(prefix="bs-")["features"]["slash_commands"]]
    assert commands
    assert all(each.startswith("/bs-") for each in commands)


def test_socket_mode_names_no_address() -> None:
    """With Socket Mode Slack needs no address of ours, and is given none."""
    text = manifest(COMMANDS, public_url=PUBLIC)
    assert "https://" not in text
    assert yaml.safe_load(text)["settings"]["socket_mode_enabled"] is True


def test_http_mode_names_one_address_for_everything() -> None:
    """Commands, events, interactivity and the options of selects come to the same address."""
    read = made(mode="http", public_url=PUBLIC)
    address = "https://paper.example.org/slack/events"
    assert {each["url"] for each in read["features"]["slash_commands"]} == {address}
    assert read["settings"]["event_subscriptions"]["request_url"] == address
    assert read["settings"]["interactivity"]["request_url"] == address
    assert read["settings"]["interactivity"]["message_menu_options_url"] == address
    assert read["settings"]["socket_mode_enabled"] is False
    assert "redirect_urls" not in read["oauth_config"]


def test_many_workspaces_need_a_redirect() -> None:
    """Where workspaces install the app by themselves, Slack learns where to send them back to."""
    read = made(mode="http", public_url=PUBLIC, many=True)
    assert read["oauth_config"]["redirect_urls"] == ["https://paper.example.org/slack/oauth_redirect"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"mode": "http"}, "public_url"),
        ({"many": True, "public_url": "paper.example.org"}, "public_url"),
        ({"prefix": "Ü "}, "command_prefix"),
        ({"prefix": "/"}, "command_prefix"),
        ({"name": "x" * 36}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_what_slack_would_refuse_is_refused_here(options: dict[str, Any], why: str) -> None:
    """One sentence names what to change, before anybody pastes anything."""
    with pytest.raises(SlackRefused, match=why):
        made(**options)


def test_too_many_commands_are_refused() -> None:
    """A table of more commands than an app may have cannot be installed, so it is no manifest."""
    commands = [Command(f"word{number}", "Do it", _nothing) for number in range(26)]
    with pytest.raises(SlackRefused, match="25 commands"):
        manifest(commands)


def test_long_words_are_cut_to_what_slack_takes() -> None:
    """Hints keep to their length; a name that is too long is refused, as a cut one would be another command."""
    options = tuple(Option(f"option_number_{number}", "Something") for number in range(100))
    read = yaml.safe_load(manifest([Command("paper", "Look it up", _nothing, options)]))
    assert len(read["features"]["slash_commands"][0]["usage_hint"]) == LONGEST_HINT
    assert list(faults(read)) == []
    with pytest.raises(SlackRefused, match="shorter prefix"):
        manifest([Command("p" * 20, "Look it up", _nothing)], prefix="a" * 20)


def test_scopes_and_events_are_asked_for_with_a_reason() -> None:
    """The manifest asks for exactly the scopes and events that stand in the tables, and each has its reason."""
    read = made()
    assert read["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert read["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert all([*SCOPES.values(), *EVENTS.values()])


def test_every_method_we_ask_has_its_scopes() -> None:
    """Whatever the adapter calls, the app may do; and nothing is asked for that no call needs."""
    asked = _methods()
    assert {"auth.test", "chat.postMessage", "conversations.replies", "reactions.get"} <= asked <= METHODS.keys()
    needed = set().union(*(METHODS[each] for each in asked), *OTHERWISE.values())
    assert needed == set(SCOPES)


def test_every_event_has_a_listener() -> None:
    """What Slack is asked to tell is listened to."""
    tree = ast.parse((ROOM / "app.py").read_text(encoding="utf-8"))
    named = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)}
    assert set(EVENTS) <= named


def test_a_missing_scope_is_named() -> None:
    """Scopes that a token lacks come in the manifest's order; a Slack that names none is believed to grant all."""
    assert missing(()) == ()
    assert missing(tuple(SCOPES)) == ()
    assert missing(("chat:write", "files:read", "commands")) == tuple(SCOPES)[2:-1]
