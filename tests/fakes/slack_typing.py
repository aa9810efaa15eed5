"""What people type in the loopback Slack, as Slack hands it on: escaped, with people, channels and links marked."""

from __future__ import annotations

import re

from tests.fakes.slack_world import Workspace

_MARKED = re.compile(r"<(?:@[UW]|#C|!subteam\^|https?://)[^<>\s]{1,3000}(?: [^<>]{0,200})?>")
_WORD = re.compile(r"https?://[^\s<>]+|[@#][\w.-]+")


def handed_on(workspace: Workspace, text: str) -> str:
    """The text as the bot gets it; what is already written as Slack writes it stays."""
    done, place = [], 0
    for marked in _MARKED.finditer(text):
        done += [_marked(workspace, text[place : marked.start()]), marked[0]]
        place = marked.end()
    return "".join((*done, _marked(workspace, text[place:])))


def _marked(workspace: Workspace, text: str) -> str:
    return _WORD.sub(lambda found: _word(workspace, found[0]), escaped(text))


def escaped(text: str) -> str:
    """The text with Slack's three characters as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _word(workspace: Workspace, word: str) -> str:
    if word.startswith("http"):
        return f"<{word}>"
    name = word[1:].lower()
    if word.startswith("#"):
        channel = next((each for each in workspace.channels.values() if each.name == name), None)
        return f"<#{channel.id}|{channel.name}>" if channel else word
    if name in ("channel", "here", "everyone"):
        return f"<!{name}>"
    user = next((each for each in workspace.users.values() if each.name.lower() == name), None)
    if user:
        return f"<@{user.id}|{name}>"
    group = next((each for each in workspace.usergroups if each.lower() == name), None)
    return f"<!subteam^{group}|@{name}>" if group else word
