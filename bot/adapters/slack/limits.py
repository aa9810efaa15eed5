"""What Slack takes, from its documentation of Block Kit, and how it counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

BLOCKS = 50
"""Blocks of a message."""

SIZE = 13_000
"""What all of a message's blocks may come to, in the characters of their JSON.

Slack documents no such limit; its answers turn to msg_blocks_too_long above about 13,200, wrappers counted in
(github.com/slackapi/bolt-js, issues 2509 and 2867).
"""

WRAPPER = 60
"""Characters that a block takes besides: Slack gives each an id, and keeps it in a longer form than JSON."""

TEXT = 3000
"""Characters of a text, marks and escapes counted in."""

HEADER = 150
"""Characters of a header."""

LABEL = 75
"""Characters of a button's text."""

VALUE = 2000
"""Characters of a button's value."""

BUTTONS = 25
"""Buttons of one actions block."""

ID = 255
"""Characters of a block's or a button's id."""

ALT = 1000
"""Characters of a picture's alternative text; Slack takes 2,000, of which few are left for the address beside it."""

URL = 2000
"""Characters of an address; Slack takes 3,000, with its label where that stands beside it."""

FALLBACK = 3000
"""Characters of the text that stands in for a message; chat.update takes 4,000."""

PAGE = 200
"""Messages, or members, of one answer."""


def units(text: str) -> int:
    """The text's length in UTF-16 code units.

    Slack does not say whether it counts these or code points; there are never fewer of these.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def size(block: Mapping[str, Any]) -> int:
    """What the block takes of `SIZE`, with letters beyond ASCII as escapes, as Slack may count them."""
    return len(json.dumps(block)) + WRAPPER
