"""The page's files: colours that can be read, and nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from bot.adapters.web.pages import HERE

CSS = (HERE / "static" / "page.css").read_text(encoding="utf-8")

TEXT_ON_GROUND = [
    *((text, ground) for text in ("ink", "muted", "accent", "link") for ground in ("ground", "paper", "wash")),
    ("ink", "hover"),
    ("muted", "hover"),
    ("on-accent", "accent"),
    ("paper", "ink"),
]

ENOUGH = 4.5
"""The contrast that WCAG 2.2, success criterion 1.4.3, asks of text."""


def colours(scheme: str) -> dict[str, str]:
    """The colour tokens of a scheme; dark ones stand in place of the light ones."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)", 1)
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        tokens |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark.split("*, *::before", 1)[0]))
    return tokens


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    """Each colour of text stands out from each ground that it is used on."""
    tokens = colours(scheme)
    assert contrast(tokens[text], tokens[ground]) >= ENOUGH


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("number", range(6))
def test_initials_can_be_read(scheme: str, number: int) -> None:
    """White initials, large and bold as they are, stand out from every person's tint."""
    assert contrast("#ffffff", colours(scheme)[f"tint-{number}"]) >= 3


def test_scripts_and_styles_load_nothing_from_elsewhere() -> None:
    """No file of the page names another address, and the page's scripts import only each other."""
    for path in (HERE / "static").iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, path
        assert "https:" not in text, path
        for name in re.findall(r'from "([^"]+)"', text):
            assert (HERE / "static" / name).is_file()
