"""What only Slack's own settings can mend, below an answer that is about a channel."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.adapters.slack.failures import code
from bot.adapters.slack.wire import Wire
from bot.core.commands import Caller
from bot.core.errors import BroadsheetError
from bot.core.post import Answer, Post, Small

log = structlog.get_logger()

NOTED = frozenset({"newsletter setup", "newsletter status"})
"""Commands whose answer says that the bot is not in the channel, where it is not."""

INVITE = "I am not in that channel yet and cannot post there: add me with /invite and my name, behind an @."

_ABSENT = frozenset({"channel_not_found", "not_in_channel"})


async def noted(wire: Wire, caller: Caller, command: str, answer: Answer) -> Answer:
    """The answer, with a note below it where the bot has to be added to the channel."""
    if not isinstance(answer, Post) or answer.refused or command not in NOTED or not caller.channel.id:
        return answer
    if await _there(wire, caller):
        return answer
    return replace(answer, blocks=(*answer.blocks, Small((INVITE,))))


async def _there(wire: Wire, caller: Caller) -> bool:
    """Whether the bot is in the channel, as far as Slack tells."""
    try:
        answer = await wire.ask(caller.channel.community, "conversations.info", channel=caller.channel.id)
    except BroadsheetError as error:
        log.info("a channel could not be looked at", channel=caller.channel.id, reason=str(error))
        return code(error) not in _ABSENT
    channel = answer.get("channel") or {}
    return bool(channel.get("is_im") or channel.get("is_member", True))
