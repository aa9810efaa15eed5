"""The languages: for each, the words of the command table by their English text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

NAMES = ("zh-CN", "ja")


def commands() -> Mapping[str, Mapping[str, str]]:
    """Names and descriptions of commands and options, by language and by the English text."""
    folder = files("bot.locale")
    return {name: json.loads(folder.joinpath(f"commands.{name}.json").read_text(encoding="utf-8")) for name in NAMES}
