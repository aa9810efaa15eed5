"""The log of Slack's libraries, without what no operator can use: tracebacks of failing networks, advice on code."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bot.adapters.slack.refusals import EXPECTED

LOGGERS = ("slack_bolt.AsyncApp", "slack_bolt.AsyncMultiTeamsAuthorization", "slack_sdk.web.async_client")

LONGEST = 500


def fold(record: logging.LogRecord) -> bool:
    """Make a record one line: its first, and an expected error's words instead of the traceback below it."""
    lines = record.getMessage().splitlines()
    text = lines[0][:LONGEST] if lines else ""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, EXPECTED):
        words = (str(error) or type(error).__name__).splitlines()[0]
        text = f"{text} ({words[:LONGEST]})"
        record.exc_info = record.exc_text = None
    record.msg, record.args = text, ()
    return True


@contextmanager
def quietly() -> Iterator[None]:
    """Fold what the libraries log while the block runs."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for each in loggers:
        each.addFilter(fold)
    try:
        yield
    finally:
        for each in loggers:
            each.removeFilter(fold)
