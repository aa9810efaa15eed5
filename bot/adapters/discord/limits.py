"""What Discord takes, from its documentation of components and messages, and how it counts."""

from __future__ import annotations

COMPONENTS = 40
"""Components of a message, nested ones and a section's accessory counted."""

TEXT = 4000
"""Characters of a message, over all its text displays."""

BLOCK = TEXT - 50
"""Characters of a message that one block may take: a called role may stand above it."""

GALLERY = 10
"""Pictures of one gallery."""

BUTTONS = 5
"""Buttons of one row."""

LABEL = 80
"""Characters of a button's label."""

CUSTOM_ID = 100
"""Characters of a button's custom_id."""

ALT = 1024
"""Characters of a picture's description."""

URL = 2000
"""Characters of an address; Discord takes 2,048."""

THREAD_NAME = 100
"""Characters of a thread's name."""

PAGE = 100
"""Messages, or reactors, of one answer."""


def weight(text: str) -> int:
    """The text's length in UTF-16 code units.

    Discord does not say whether it counts these or code points; there are never fewer of these.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
