"""A page in the Chromium that is installed, for tests marked `browser`."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import ConsoleMessage, Error, Page, async_playwright

SCREENSHOTS = Path(__file__).resolve().parents[1] / "build" / "screenshots"
"""Where browser tests leave pictures; git ignores it."""

DESK = (1280, 860)
PHONE = (390, 844)

_NAMES = ("chromium", "chromium-browser", "google-chrome")

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The path of the Chromium that is installed; skips the test where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium is installed: none of {', '.join(_NAMES)} was found")
    return found


@asynccontextmanager
async def browser_page(
    colours: Literal["light", "dark"] = "light", size: tuple[int, int] = DESK, zone: str = "UTC"
) -> AsyncIterator[Page]:
    """A fresh page in a browser of its own.

    Fails the test at its end if the page's script raised an error, or if its security policy stopped something.
    """
    path = chromium()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def fail(error: Error) -> None:
        faults.append(str(error))

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            width, height = size
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=colours,
                timezone_id=zone,
                locale="en-GB",
                has_touch=size == PHONE,
            )
            page = await context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", note)
            page.on("pageerror", fail)
            yield page
        finally:
            await browser.close()
    assert faults == []
