"""What Slack says when it will not have the bot as it is, in our words."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from slack_sdk.errors import SlackClientError

from bot.adapters.slack.failures import code, failure
from bot.core.errors import BroadsheetError, SendLater

EXPECTED = (OSError, TimeoutError, aiohttp.ClientError, SlackClientError)
"""What networks and Slack do now and then."""

UNREACHABLE = (*EXPECTED, ValueError, LookupError, AttributeError, TypeError)
"""What slack_sdk raises for a call that did not work out; the last four where the answer makes no sense."""

REJECTED = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
"""Slack's errors for a token that will not do, whenever it is tried again."""

APP_TOKEN: Mapping[str, str] = {
    **dict.fromkeys(
        REJECTED,
        "Slack refuses the token in slack.app_token: copy it anew from the app's page Basic Information, part "
        "App-Level Tokens; it begins with xapp-.",
    ),
    "missing_scope": "The token in slack.app_token lacks the scope connections:write: make one that has it on the "
    "app's page Basic Information, part App-Level Tokens.",
}

BOT_TOKEN: Mapping[str, str] = dict.fromkeys(
    REJECTED,
    "Slack refuses the token in slack.bot_token: copy it anew from the app's page OAuth & Permissions; it begins with "
    "xoxb-.",
)


class SlackRefused(BroadsheetError):
    """Slack does not let the bot in; the sentence says what to change."""


def refused(error: Exception, sentences: Mapping[str, str]) -> SlackRefused | SendLater:
    """The error as one of ours: `SlackRefused` with its sentence, or `SendLater` where trying again may help."""
    name = code(error)
    if name in sentences:
        return SlackRefused(sentences[name])
    known = failure(error)
    return known if isinstance(known, SendLater) else SendLater(f"Slack refuses ({name}).")
