"""Emojis by the names that Slack knows them by."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.ballots import KEYCAPS

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "keycap_ten")

NAMES: Mapping[str, str] = {
    **dict(zip(KEYCAPS, _NUMBERS, strict=True)),
    "📰": "newspaper",
    "✅": "white_check_mark",
}
"""The emojis that the bot reads and leaves."""

_TONE = re.compile(r"::skin-tone-[0-9](?:-[0-9])?\Z")


def _bare(emoji: str) -> str:
    """The emoji without the selector that asks for its coloured form, which not everybody writes."""
    return emoji.replace("\ufe0f", "")


_BY_EMOJI = {_bare(emoji): name for emoji, name in NAMES.items()}
_BY_NAME = {name: emoji for emoji, name in NAMES.items()}


def name(emoji: str) -> str:
    """Slack's name for the emoji, empty for one that the bot has no use for."""
    return _BY_EMOJI.get(_bare(emoji), "")


def emoji(name: str) -> str | None:
    """The emoji of this name, whatever its skin tone; None for one that the bot has no use for."""
    return _BY_NAME.get(_TONE.sub("", name.strip(":")))
