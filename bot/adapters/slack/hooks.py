"""Answers by response_url: an address that Slack gives with an interaction, good for half an hour and five posts.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters.slack.connection import Connection

log = structlog.get_logger()

MOST_POSTS = 5
"""What one response_url takes, from Slack's documentation."""

_REFUSED = (400, 413, 422)


class Outcome(StrEnum):
    """What became of a post: Slack took it, or not as it is, or takes nothing there, or nobody knows."""

    TAKEN = "taken"
    REFUSED = "refused"
    GONE = "gone"
    UNCERTAIN = "uncertain"


class Hooks:
    """Posts to response_urls; nothing is sent twice by itself, as Slack may have taken it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def post(self, url: str, body: Mapping[str, Any]) -> Outcome:
        """Post to a response_url."""
        client = AsyncWebhookClient(url, timeout=self._connection.timeout, retry_handlers=[])
        client.proxy = self._connection.proxy  # slack_sdk would fall back on the environment's
        try:
            answer = await client.send_dict(dict(body))
        except aiohttp.ClientConnectorError as error:
            log.warning("a response_url could not be reached", reason=str(error))
            return Outcome.GONE
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("a response_url did not answer", reason=str(error) or type(error).__name__)
            return Outcome.UNCERTAIN
        return _outcome(answer.status_code, answer.body)


def _outcome(status: int, body: str) -> Outcome:
    reason = _reason(body)
    if status < HTTPStatus.MULTIPLE_CHOICES and not reason:
        return Outcome.TAKEN
    log.warning("a response_url took no answer", status=status, reason=reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.UNCERTAIN
    refused = status in _REFUSED or "block" in reason or "image" in reason
    return Outcome.REFUSED if refused else Outcome.GONE


def _reason(body: str) -> str:
    """Slack's word for why it took nothing, such as `used_url`: it answers `ok`, or says it in JSON or as it is."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return "" if re.fullmatch("[A-Za-z]*", body.strip()) else body[:80]
    return str(told.get("error") or "") if isinstance(told, dict) and told.get("ok") is not True else ""
