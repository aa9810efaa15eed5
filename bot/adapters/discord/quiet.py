"""discord.py's own log, without a traceback for what is no bug: networks fail, and it connects again by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.adapters.discord.failures import reason

EXPECTED = (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordException)

LOGGERS = ("discord.shard", "discord.client", "discord.gateway", "discord.state", "discord.app_commands.tree")


def fold(record: logging.LogRecord) -> bool:
    """Put an expected error's words at the end of the line instead of a traceback below it."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, EXPECTED):
        record.msg = f"{record.getMessage()} ({reason(error)})"
        record.args = ()
        record.exc_info = None
        record.exc_text = None
    return True


@contextmanager
def quietly() -> Iterator[None]:
    """Fold what discord.py logs while the block runs."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for each in loggers:
        each.addFilter(fold)
    try:
        yield
    finally:
        for each in loggers:
            each.removeFilter(fold)
