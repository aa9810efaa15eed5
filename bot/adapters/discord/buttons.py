"""Buttons: what they run stands in their custom_id, so that they work for as long as the message stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote_plus, unquote_plus

import discord

from bot.adapters.discord.limits import BUTTONS, CUSTOM_ID, LABEL, weight
from bot.adapters.discord.markup import flat
from bot.core.post import Button
from bot.core.text import clip

PREFIX = "bs:"

_KEPT = "/:,;@!*()'~."

Row = discord.ui.ActionRow[discord.ui.LayoutView]


def custom_id(button: Button) -> str | None:
    """The command and its options as `pressed` reads them.

    None where they are too long: nothing is kept anywhere else that a shorter name could stand for, so such a button
    is left out. The longest address of an arXiv paper fits.
    """
    words = [PREFIX, _quoted(button.command)]
    words += [f"{'&' if n else '?'}{_quoted(name)}={_quoted(value)}" for n, (name, value) in enumerate(button.options)]
    made = "".join(words)
    return made if len(made) <= CUSTOM_ID else None


def pressed(custom_id: str) -> tuple[str, dict[str, str]] | None:
    """The command and the options of the button with this custom_id, or None where it is none of ours."""
    if not custom_id.startswith(PREFIX):
        return None
    command, _, query = custom_id.removeprefix(PREFIX).partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    try:
        return _unquoted(command), {_unquoted(name): _unquoted(value) for name, _, value in pairs}
    except UnicodeDecodeError:
        return None


def _quoted(text: str) -> str:
    return quote_plus(text, safe=_KEPT, errors="surrogatepass")


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="surrogatepass")


def rows(buttons: Sequence[Button]) -> Iterator[Row]:
    """The buttons in rows of five."""
    named = list(_named(buttons))
    for start in range(0, len(named), BUTTONS):
        row: Row = discord.ui.ActionRow()
        for name, button in named[start : start + BUTTONS]:
            style = discord.ButtonStyle.primary if button.primary else discord.ButtonStyle.secondary
            row.add_item(discord.ui.Button(style=style, label=_label(button.label), custom_id=name))
        yield row


def _named(buttons: Sequence[Button]) -> Iterator[tuple[str, Button]]:
    taken: set[str] = set()
    for button in buttons:
        name = custom_id(button) or ""
        # Discord wants them different; `pressed` passes over empty options at the end.
        while name in taken:
            name += "&" if "?" in name else "?"
        if name and len(name) <= CUSTOM_ID:
            taken.add(name)
            yield name, button


def _label(text: str) -> str:
    label = flat(text).strip() or "…"
    length = LABEL
    while weight(label) > LABEL:
        length -= 1
        label = clip(label, length)
    return label
