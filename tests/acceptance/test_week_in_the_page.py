"""The week, lived through in the demo's page by a real browser against the real process."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.acceptance.shell import demo
from tests.acceptance.test_demo import free_port
from tests.browser import SCREENSHOTS, browser_page

pytestmark = pytest.mark.browser


class Reader:
    """Somebody in front of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def speak_as(self, person: str) -> None:
        """Choose who speaks."""
        await self.page.locator("#speaker").select_option(person)

    async def say(self, line: str) -> None:
        """Type a line and send it."""
        await self.page.locator("#line").fill(line)
        await self.page.locator("#line").press("Enter")
        await expect(self.page.locator("#line")).to_have_value("")

    def message(self, text: str) -> Locator:
        """The messages of the channel that hold this text."""
        return self.page.locator("#messages [data-message]").filter(has_text=text)

    async def vote(self, ballot: Locator, *numbers: str, pressed: bool = True) -> None:
        """Press reactions, and wait until they show it."""
        for number in numbers:
            reaction = ballot.locator(f'.reaction[data-react="{number}"]')
            await reaction.click()
            await expect(reaction).to_have_attribute("aria-pressed", "true" if pressed else "false")

    async def picture(self, name: str) -> None:
        """Leave a screenshot."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SCREENSHOTS / f"week-{name}.png")


async def test_a_week_is_lived_through_in_the_page(tmp_path: Path) -> None:
    """From a look-up to the issue in its right order and the next ballot, and a restart that loses nothing."""
    port = free_port()
    async with demo(tmp_path / "demo", port) as running, browser_page() as page:
        await page.goto(running.address)
        reader = Reader(page)
        ballot = reader.message("ballot 2")
        await expect(ballot).to_have_count(1)

        await reader.speak_as("ben")
        await reader.say("/paper 2103.06255")
        paper = reader.message("Involution: Inverting the Inherence")
        await expect(paper).to_have_count(1)
        await paper.get_by_role("button", name="Abstract").click()
        await expect(reader.message("its kernel differs from place to place")).to_have_count(1)
        await paper.get_by_role("button", name="Nominate").click()
        await expect(ballot).to_contain_text("Involution")
        await reader.say("/nominate https://example.org/posts/how-we-read-papers section:Articles note:Short and kind")
        await expect(ballot).to_contain_text("How we read papers")
        await reader.say("/nominate 2103.11886")
        await expect(ballot).to_contain_text("DeepViT")
        await reader.picture("1-nominated")

        # 5 is Involution, 6 the article, 7 DeepViT: 6 gets three votes, 5 two, 7 two and loses one again.
        await reader.vote(ballot, "5️⃣", "6️⃣", "7️⃣")
        await reader.speak_as("chen")
        await reader.vote(ballot, "5️⃣", "6️⃣", "7️⃣")
        await reader.vote(ballot, "7️⃣", pressed=False)
        await reader.speak_as("dora")
        await reader.vote(ballot, "6️⃣")
        await reader.say("/ballot")
        await expect(reader.message("3 votes")).to_have_count(1)
        await reader.picture("2-voted")

        await page.locator("#clock summary").click()
        await page.locator("#clock-slot").click()
        head = reader.message("The Reading Room #2")
        await expect(head).to_have_count(1)
        await expect(reader.message("Closed: the votes are counted.")).to_have_count(1)
        words = await head.inner_text()
        assert words.index("How we read papers") < words.index("Involution")
        assert "DeepViT" not in words
        after = reader.message("ballot 3")
        await expect(after).to_contain_text("DeepViT")
        await expect(after).to_contain_text("carried over")
        await head.locator("[data-thread]").click()
        await expect(page.locator("#thread-messages [data-message]")).to_have_count(3)
        await reader.picture("3-published")

        assert await running.stop() == 0
    async with demo(tmp_path / "demo", port) as again, browser_page() as page:
        await page.goto(again.address)
        reader = Reader(page)
        await expect(reader.message("The Reading Room #2")).to_have_count(1)
        await expect(reader.message("ballot 3")).to_have_count(1)
        await expect(page.locator("#now")).to_contain_text("09:0")
