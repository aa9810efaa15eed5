"""What goes wrong in an interaction: one line in the log, one sentence to the asker."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError

from bot.adapters.slack.replies import Reply
from bot.core.errors import BroadsheetError, Refused
from bot.core.post import sentence

log = structlog.get_logger()

NETWORK = (aiohttp.ClientError, SlackClientError, OSError, TimeoutError)


def explained(error: Exception) -> str:
    """An error as a sentence for the asker; what is not theirs to mend is in the log under the id that it names."""
    if isinstance(error, Refused):
        return str(error)
    number = secrets.token_hex(4)
    expected = isinstance(error, (BroadsheetError, *NETWORK))
    log.error("an interaction failed", error_id=number, reason=str(error), exc_info=None if expected else error)
    return f"Something went wrong here; it is in the log as {number}. Please try again."


async def guarded(reply: Reply, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work; the asker is told what went wrong, where they can be reached."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001  # explained logs it
        try:
            await reply.give(sentence(explained(error), refused=True))
        except (BroadsheetError, *NETWORK) as further:
            log.warning("an apology did not reach Slack", team=reply.asked.team, reason=str(further))
