"""What goes wrong between Slack and us, as errors that the core knows; each is one sentence a person may read.

The names are those that Slack's documentation gives with each method.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.connection import DEFAULT_WAIT, seconds
from bot.core.errors import (
    BroadsheetError,
    ChannelGone,
    EditsSpent,
    MessageGone,
    PictureRefused,
    SendLater,
    Undeliverable,
)

FORBIDDEN, TOO_MANY, FAULT = 403, 429, 500

ABSENT = frozenset({404, 405, 501})
"""Statuses of a server that lacks a method."""

_UNKNOWN = frozenset({"unknown_method", "method_deprecated"})
"""Slack's names for a method that it does not know, or no more."""

_AGAIN = "then start again there with /newsletter setup"
_TOKEN = f"install the bot in the workspace again, {_AGAIN}."
_RULE = f"let the bot post there or choose another, {_AGAIN}."

_GONE: Mapping[str, str] = {
    "not_in_channel": f"The bot is not in the Slack channel: invite it there with /invite, {_AGAIN}.",
    "channel_not_found": (
        "The bot cannot see the Slack channel, which is private or has been deleted: invite the bot there with "
        f"/invite, {_AGAIN}."
    ),
    "is_archived": f"The Slack channel is archived: bring it back, {_AGAIN}.",
    "is_inactive": f"The Slack channel is archived: bring it back, {_AGAIN}.",
    "token_revoked": f"The Slack workspace has taken the bot's token back: {_TOKEN}",
    "account_inactive": f"The bot has been removed from the Slack workspace: {_TOKEN}",
    "team_access_not_granted": f"The bot has not been granted access to the Slack workspace: {_TOKEN}",
    "team_not_found": f"The bot is not installed in that Slack workspace any more: {_TOKEN}",
    "restricted_action": f"A rule of the Slack workspace keeps the bot from posting in the channel: {_RULE}",
    "restricted_action_read_only_channel": f"The Slack channel may only be read: {_RULE}",
    "restricted_action_thread_only_channel": f"The Slack channel takes replies in threads alone: {_RULE}",
    "restricted_action_non_threadable_channel": f"The Slack channel takes no replies in threads: {_RULE}",
    "no_permission": f"The bot may not post in the Slack channel: invite it there with /invite, {_AGAIN}.",
    "access_denied": f"The bot may not post in the Slack channel: {_RULE}",
    "enterprise_is_restricted": f"A rule of the Slack organisation keeps the bot from posting in the channel: {_RULE}",
    "two_factor_setup_required": f"The Slack workspace asks the bot's account for two factors: {_TOKEN}",
    "ekm_access_denied": f"The Slack workspace's admins have suspended posting: ask them to allow it, {_AGAIN}.",
}

_MISSING: Mapping[str, str] = {
    "message_not_found": "The message has been deleted on Slack.",
    "thread_not_found": "The thread has been deleted on Slack.",
    "cant_update_message_deleted": "The message has been deleted on Slack.",
}

_SPENT: Mapping[str, str] = {
    "edit_window_closed": "The Slack workspace's settings let this message be edited no more.",
    "cant_update_message": "Slack lets the bot edit this message no more.",
    "block_mismatch": "Slack lets the bot edit this message no more.",
}

_LIMITED = frozenset({"ratelimited", "rate_limited"})

_LATER = frozenset(
    {
        "message_limit_exceeded",
        *("request_timeout", "team_added_to_org", "org_login_required", "external_channel_migrating"),
        *("update_failed", "streaming_state_conflict", "accesslimited", "migration_in_progress"),
    }
)
"""What passes; nothing was posted."""

_MISTAKEN: Mapping[str, str] = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "token_expired", "not_allowed_token_type"),
        "Slack does not take the bot's token ({}): copy it anew from the app's page.",
    ),
    **dict.fromkeys(_UNKNOWN, "What slack.api_url names does not know how to post ({}): set it right."),
}
"""What whoever runs the bot has to mend: no channel is given up for it, nor any message."""

TOKEN = timedelta(minutes=10)
"""The wait after what somebody has to change first, such as a token that Slack does not know."""

_FAULTS = frozenset({"fatal_error", "internal_error", "service_unavailable"})
"""Faults of Slack's own, before which a part of what was asked may have been done."""

_NEVER: Mapping[str, str] = {
    "msg_too_long": "Slack finds the message too long.",
    "msg_blocks_too_long": "Slack finds the message too long.",
    "no_text": "Slack finds the message empty.",
    **dict.fromkeys(("thread_locked", "restricted_action_thread_locked"), "The Slack thread is locked: unlock it."),
    "cannot_reply_to_message": "Slack takes no replies to that message.",
}

_POINTER = re.compile(r"\[json-pointer:\s*([^\]\s]{1,200})\]")
_PICTURES = re.compile(r"image_url|downloading[ _]image|slack_file", re.IGNORECASE)


def failure(error: Exception, *, uncertain: bool = False) -> BroadsheetError:
    """The error as the core knows it.

    uncertain: the call was one that posts, so that a broken connection leaves open whether it did.
    """
    match error:
        case BroadsheetError():
            return error
        case SlackApiError():
            return _answered(error, uncertain=uncertain)
        case aiohttp.ClientConnectorError():
            return SendLater("Slack cannot be reached.")
        case TimeoutError():
            return SendLater("Slack took too long to answer.", uncertain=uncertain)
        case aiohttp.ClientError() | OSError():
            return SendLater("The connection to Slack broke.", uncertain=uncertain)
        case _:
            return SendLater(f"Slack's answer makes no sense ({type(error).__name__}).", uncertain=uncertain)


def _answered(error: SlackApiError, *, uncertain: bool) -> BroadsheetError:
    name, number = code(error), status(error)
    if limited(error):
        return SendLater("Slack asks the bot to wait.", retry_after=_wait(error))
    if name in _FAULTS or number >= FAULT:
        return SendLater(f"Slack has a fault of its own ({name or number}).", uncertain=uncertain)
    if not name:
        uncertain = uncertain and number < FORBIDDEN
        return SendLater(f"Slack's answer makes no sense ({number}).", uncertain=uncertain)
    if name in _LATER:
        return SendLater(f"Slack does not take it just now ({name}).", retry_after=DEFAULT_WAIT)
    if name in _MISTAKEN and (uncertain or name not in _UNKNOWN):
        return SendLater(_MISTAKEN[name].format(name), retry_after=TOKEN)
    return _refused(error, name)


def _refused(error: SlackApiError, name: str) -> BroadsheetError:
    if name == "missing_scope":
        return ChannelGone(_scope(str(_data(error).get("needed") or "")))
    if name in _GONE:
        return ChannelGone(_GONE[name])
    if name.startswith("restricted_action") and name not in _NEVER:
        return ChannelGone(_GONE["restricted_action"])
    if name in _MISSING:
        return MessageGone(_MISSING[name])
    if name in _SPENT:
        return EditsSpent(_SPENT[name])
    # Blocks that are refused without a reason may do without their pictures.
    told = complaints(error) or ["image_url"]
    if name.startswith("invalid_blocks") and _PICTURES.search(" ".join(told)):
        return PictureRefused("Slack does not take the message's pictures.")
    return Undeliverable(_NEVER.get(name) or f"Slack refuses the message ({name[:80]}).")


def _scope(needed: str) -> str:
    scope = re.sub(r"[^a-z0-9:._,]", "", needed)[:100].replace(",", " or ")
    wanted = f"the scope {scope}" if scope else "a scope"
    return f"The bot's Slack app lacks {wanted}: add it on the app's page OAuth & Permissions, {_TOKEN}"


def _wait(error: SlackApiError) -> timedelta:
    headers = getattr(error.response, "headers", None) or {}
    told = next((value for name, value in headers.items() if str(name).lower() == "retry-after"), None)
    return seconds(told[0] if isinstance(told, list) and told else told)


def complaints(error: BaseException | None) -> list[str]:
    """What Slack finds wrong with the blocks, sentence by sentence."""
    data = _data(_cause(error))
    metadata = data.get("response_metadata")
    found = [data.get("errors"), metadata.get("messages") if isinstance(metadata, dict) else None]
    return [each for some in found if isinstance(some, list) for each in some if isinstance(each, str)]


def pointers(error: BaseException | None) -> list[tuple[str, ...]]:
    """Where in a message stand the pictures that Slack could not fetch, each as the names on the way there."""
    about = [each for each in complaints(error) if _PICTURES.search(each)]
    found = dict.fromkeys(match[1] for each in about for match in _POINTER.finditer(each))
    return [tuple(each.strip("/").split("/")) for each in found]


def limited(error: BaseException | None) -> bool:
    """Whether Slack asks to come again later, as it was asked too often."""
    return status(error) == TOO_MANY or code(error) in _LIMITED


def absent(error: BaseException | None) -> bool:
    """Whether the server does not know the method that it was asked for."""
    name = code(error)
    return name in _UNKNOWN if name else status(error) in ABSENT


def code(error: BaseException | None) -> str:
    """Slack's own name for what went wrong, empty where it gave none."""
    name = _data(_cause(error)).get("error")
    return name if isinstance(name, str) else ""


def status(error: BaseException | None) -> int:
    """The status of Slack's answer, 0 where there was none."""
    response = getattr(_cause(error), "response", None)
    number = getattr(response, "status_code", None) or getattr(response, "status", None)
    return number if isinstance(number, int) else 0


def _cause(error: BaseException | None) -> BaseException | None:
    while error is not None and not isinstance(error, SlackApiError):
        error = error.__cause__
    return error


def _data(error: BaseException | None) -> Mapping[str, Any]:
    response = getattr(error, "response", None)
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    return data if isinstance(data, dict) else {}
