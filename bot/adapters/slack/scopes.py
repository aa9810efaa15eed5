"""What the app asks a workspace for, and why: the manifest and "Add to Slack" ask for exactly this."""

from __future__ import annotations

from collections.abc import Collection, Mapping

SCOPES: Mapping[str, str] = {
    "chat:write": "post issues and ballots, and answer",
    "commands": "slash commands and shortcuts",
    "reactions:read": "votes, as they are given and when they are counted again",
    "reactions:write": "put the numbers to vote with below a ballot",
    "channels:history": "find a message again, and read one that was marked with 📰",
    "groups:history": "the same in private channels",
    "im:history": "the same in a conversation with the bot",
    "im:write": "answer a member in a conversation of their own, where the bot is not in the channel",
    "channels:read": "learn that the bot was added to a channel",
    "groups:read": "the same for private channels",
    "users:read": "names and languages, who is an admin, and who is a bot",
    "files:read": "read in a newsletter that an editor uploads",
}
"""The bot token's scopes, and what each is for."""

EVENTS: Mapping[str, str] = {
    "app_home_opened": "show the Home tab",
    "app_uninstalled": "stop posting to a workspace that removed the app",
    "member_joined_channel": "say hello where the bot is added",
    "reaction_added": "votes, and 📰 on a link",
    "reaction_removed": "votes taken back",
    "tokens_revoked": "stop using a token that is no longer good",
}
"""The events that Slack is asked for, and what each is for."""


def missing(granted: Collection[str]) -> tuple[str, ...]:
    """The scopes that a token lacks; none where Slack did not say what it has."""
    return tuple(each for each in SCOPES if each not in granted) if granted else ()
