"""What goes wrong between Discord and us, as errors that the core knows; each is one sentence a person may read.

The codes are those of Discord's list of JSON error codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import aiohttp
import discord

from bot.core.errors import (
    BroadsheetError,
    ChannelGone,
    EditsSpent,
    MessageGone,
    PictureRefused,
    SendLater,
    Undeliverable,
)

UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MESSAGE = 10008
TOO_MANY_REACTIONS = 30010
UNSEEN_PLACE = 50001
ARCHIVED = 50083
THREAD_EXISTS = 160004
EDITS_USED_UP = 30046
BAD_FORM = 50035

BAD_REQUEST, UNAUTHORIZED, TOO_MANY, FAULT = 400, 401, 429, 500

BANNED = timedelta(minutes=5)
"""The wait after a 429 that does not say how long: it comes from what stands before Discord, after too many errors."""

TOKEN = timedelta(minutes=10)
"""The wait after the token was refused, as somebody has to change it first."""

_AGAIN = "then start again there with /newsletter setup"

_GONE: Mapping[int, str] = {
    UNKNOWN_CHANNEL: "The Discord channel has been deleted: choose another with /newsletter setup.",
    UNKNOWN_GUILD: f"The bot is not in that Discord server any more: invite it again, {_AGAIN}.",
    40007: f"The bot is banned from that Discord server: lift the ban and invite it again, {_AGAIN}.",
    40067: f"The Discord forum wants a tag on each post and has none that the bot may use: add one, {_AGAIN}.",
    UNSEEN_PLACE: f"The bot may not see the Discord channel: give it View Channel there, {_AGAIN}.",
    50008: "The Discord channel takes no messages: choose another with /newsletter setup.",
    50009: f"The Discord server's verification level keeps the bot out: give it a role that may write, {_AGAIN}.",
    50013: (
        "The bot lacks a permission in the Discord channel: give it View Channel, Send Messages, Create Public "
        f"Threads, Send Messages in Threads, Add Reactions and Read Message History there, {_AGAIN}."
    ),
    50024: "The Discord channel is of a kind that takes no messages: choose another with /newsletter setup.",
    160002: f"The bot may not read the Discord channel's history: give it Read Message History there, {_AGAIN}.",
}

_NEVER: Mapping[int, str] = {
    20009: "Discord takes the message for explicit content.",
    40005: "Discord finds the message too large.",
    50005: "The message was posted by another bot, so this one cannot change it.",
    50006: "Discord finds the message empty.",
    ARCHIVED: "The Discord thread is archived: open it again.",
    160005: "The Discord thread is locked: unlock it.",
    200000: "The Discord server's AutoMod blocked the message: let the bot's role pass it.",
    200001: "The Discord server's AutoMod blocked the message's title: let the bot's role pass it.",
    240000: "Discord blocked the message for a link in it that it holds to be harmful.",
}

_LATER = frozenset({20016, 20022, 20028, 20029, 40004, 40006, 40062, 40333, 110001, 130000, 160006, 160007})
"""Codes of what passes: slow mode, write limits, an overloaded part of Discord, too many threads open at once."""

_MEDIA = re.compile(r"^In \S*\bmedia\b", re.MULTILINE)


TROUBLE = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)
"""What asking Discord may raise: its refusal, a wait that is too long to be waited, a network that fails."""


class GloballyLimited(discord.RateLimited):
    """Discord asks the bot to wait before any request, not before those of one channel alone."""


class TokenRefused(SendLater):
    """Discord does not take the bot's token."""


def failure(error: Exception, *, uncertain: bool = False, thread: bool = False) -> BroadsheetError:
    """The error as the core knows it.

    uncertain: the request was one that posts, so that a broken connection leaves open whether it did. thread: it was
    about a thread, whose channel is there even if the thread is not.
    """
    match error:
        case BroadsheetError():
            return error
        case discord.RateLimited():
            wait, everywhere = timedelta(seconds=error.retry_after), isinstance(error, GloballyLimited)
            return SendLater("Discord asks the bot to wait.", retry_after=wait, everywhere=everywhere)
        case discord.HTTPException():
            return _answered(error, uncertain=uncertain, thread=thread)
        case aiohttp.ClientConnectorError():
            return SendLater("Discord cannot be reached.")
        case TimeoutError():
            return SendLater("Discord took too long to answer.", uncertain=uncertain)
        case aiohttp.ClientError() | OSError():
            return SendLater("The connection to Discord broke.", uncertain=uncertain)
        case _:
            return SendLater(f"Discord's answer makes no sense ({type(error).__name__}).", uncertain=uncertain)


def _answered(error: discord.HTTPException, *, uncertain: bool, thread: bool) -> BroadsheetError:
    if error.code == EDITS_USED_UP:
        return EditsSpent("Discord lets a message older than an hour be edited only so often.")
    if error.status == TOO_MANY:
        return SendLater("Discord asks the bot to wait.", retry_after=BANNED, everywhere=True)
    if error.status >= FAULT:
        return SendLater(f"Discord has a fault of its own ({error.status}).", uncertain=uncertain)
    if error.status == UNAUTHORIZED:
        told = "Discord refuses the bot's token: put a valid one at discord.token."
        return TokenRefused(told, retry_after=TOKEN, everywhere=True)
    if error.code in _LATER or (error.code == 0 and error.status != BAD_REQUEST):
        return SendLater(f"Discord does not take it just now ({error.code or error.status}).")
    return _refused(error, thread=thread)


def _refused(error: discord.HTTPException, *, thread: bool) -> BroadsheetError:
    if error.code == UNKNOWN_MESSAGE:
        return MessageGone("The message has been deleted on Discord.")
    if error.code == UNKNOWN_CHANNEL and thread:
        return MessageGone("The thread has been deleted on Discord.")
    if error.code in _GONE:
        return ChannelGone(_GONE[error.code])
    if error.code == BAD_FORM and _MEDIA.search(error.text):
        return PictureRefused("Discord does not take the message's pictures.")
    return Undeliverable(_NEVER.get(error.code) or f"Discord refuses the message (code {error.code}).")


def code(error: BroadsheetError) -> int | None:
    """Discord's code for what went wrong, if it gave one."""
    cause = error.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else None


def reason(error: BaseException) -> str:
    """What went wrong, for the log: not every error of a network has words."""
    return str(error) or type(error).__name__
