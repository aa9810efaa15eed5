"""The emoji names that the loopback Slack knows."""

from __future__ import annotations

import re

_NAMES = """
    one two three four five six seven eight nine keycap_ten zero newspaper rolled_up_newspaper white_check_mark
    heavy_check_mark x +1 -1 thumbsup thumbsdown heart eyes tada fire rocket bookmark books page_facing_up wave clap
    raised_hands muscle pray point_up smile joy thinking_face bulb star sparkles 100 hash asterisk warning bell question
    grey_question no_entry arrow_up arrow_down lock calendar memo link mag speech_balloon hourglass ok ok_hand
"""

KNOWN = frozenset(_NAMES.split())
"""Some of Slack's standard emojis; a workspace may have more of its own."""

_TONE = re.compile(r"::skin-tone-[2-6]\Z")


def bare(name: str) -> str:
    """The name without a skin tone."""
    return _TONE.sub("", name)
