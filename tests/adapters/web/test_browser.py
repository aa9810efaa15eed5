"""The page in a real browser, by keyboard and by mouse, with a small bot behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from bot.core.model import Message
from bot.core.post import Bullets, Card, Heading, Link, Paragraph, Picture, Post, Small
from tests.adapters.web.fakes import MONDAY, PAPER, Demo, FakeFront, ballot, demo
from tests.browser import DESK, PHONE, SCREENSHOTS, browser_page

pytestmark = pytest.mark.browser


@asynccontextmanager
async def opened(
    folder: Path,
    colours: Literal["light", "dark"] = "light",
    size: tuple[int, int] = DESK,
    zone: str = "UTC",
    front: FakeFront | None = None,
) -> AsyncIterator[tuple[Demo, Page]]:
    """The page, opened in a browser, with a ballot of two in it."""
    async with demo(folder, front) as served, browser_page(colours, size, zone) as page:
        number = await served.chat.send(PAPER, ballot(), "key")
        await served.chat.seed(Message(PAPER, number), ("1️⃣", "2️⃣"))
        await page.goto(served.address)
        await expect(page.locator("#messages [data-message]")).to_have_count(1)
        yield served, page


async def test_a_command_is_completed_by_keyboard_alone(tmp_path: Path) -> None:
    """Tab takes what is offered, arrows choose, Enter sends, and each step is told to assistive technology."""
    async with opened(tmp_path) as (served, page):
        line = page.locator("#line")
        await page.locator(".skip").focus()
        await page.keyboard.press("Enter")
        await expect(line).to_be_focused()
        await page.keyboard.type("/nom")
        await expect(page.locator("#line-list [role=option]")).to_have_count(1)
        await expect(line).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Tab")
        await expect(line).to_have_value("/nominate ")
        await expect(page.locator("#line-usage")).to_contain_text("/nominate LINK [section] [note]")
        await page.keyboard.type("https://example.org/x sec")
        await expect(page.locator("#line-list [role=option]")).to_have_count(1)
        await page.keyboard.press("Tab")
        await expect(line).to_have_value("/nominate https://example.org/x section:")
        await expect(page.locator("#line-list [role=option]")).to_have_count(3)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await expect(line).to_have_attribute("aria-activedescendant", "line-list-1")
        await page.keyboard.press("Enter")
        await expect(line).to_have_value("/nominate https://example.org/x section:Articles ")
        await page.keyboard.press("Escape")
        await expect(line).to_have_attribute("aria-expanded", "false")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.private")).to_contain_text("nominate: https://example.org/x, Articles")
        await expect(line).to_have_value("")
        assert served.front.invoked == [("nominate", {"loose": "https://example.org/x", "section": "Articles"})]


async def test_a_complete_command_is_sent_by_enter(tmp_path: Path) -> None:
    """The list of completions is no obstacle to a line that needs none."""
    async with opened(tmp_path) as (served, page):
        await page.locator("#line").press_sequentially("/ballot")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.private")).to_have_count(1)
        await page.locator("#line").press_sequentially("/news")
        await expect(page.locator("#line-list [role=option]")).to_have_count(3)
        await page.locator("#line-list").get_by_text("/newsletter import").click()
        await expect(page.locator("#line")).to_have_value("/newsletter import ")
        assert [command for command, _ in served.front.invoked] == ["ballot"]


async def test_reactions_are_toggled_and_keep_the_focus(tmp_path: Path) -> None:
    """A press shows at once who reacted, stays under the finger, and can be taken back."""
    async with opened(tmp_path) as (served, page):
        one = page.locator('.reaction[data-react="1️⃣"]')
        await one.focus()
        await page.keyboard.press("Enter")
        await expect(one).to_have_attribute("aria-pressed", "true")
        await expect(one).to_be_focused()
        await page.locator("#speaker").select_option("ben")
        await expect(one).to_have_attribute("aria-pressed", "false")
        await one.click()
        await expect(one).to_have_attribute("title", "Ada Lovelace, Ben")
        await one.click()
        await expect(one.locator(".count")).to_have_text("1")
        await page.locator(".add summary").focus()
        await page.keyboard.press("Enter")
        await page.locator(".palette").get_by_role("button", name="nominate the link").press("Enter")
        await expect(page.locator(".message.private")).to_contain_text("Nominated what Ben liked.")
        assert [(each.emoji, each.added) for each in served.front.reactions] == [
            ("1️⃣", True),
            ("1️⃣", True),
            ("1️⃣", False),
            ("📰", True),
        ]


async def test_a_thread_opens_beside_and_is_left_by_escape(tmp_path: Path) -> None:
    """Replies stand in the thread, the message counts them, and the focus goes back where it came from."""
    async with opened(tmp_path) as (_, page):
        await page.locator("#messages [data-thread]").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#thread-line")).to_be_focused()
        await page.keyboard.type("I liked the second one.")
        await page.keyboard.press("Enter")
        await expect(page.locator("#thread-messages [data-message]")).to_have_count(2)
        await expect(page.locator("#messages [data-message]")).to_have_count(1)
        await expect(page.locator("#messages .thread-link")).to_have_text("1 reply")
        await page.locator("#speaker").select_option("ben")
        await expect(page.locator("#thread-messages [data-message]")).to_have_count(2)
        await page.reload()
        await expect(page.locator("#thread-messages [data-message]")).to_have_count(2)
        await page.locator("#thread-line").focus()
        await page.keyboard.press("Escape")
        await expect(page.locator("#thread")).to_be_hidden()
        await expect(page.locator("#messages .thread-link")).to_be_focused()


async def test_a_form_stays_open_until_it_is_taken(tmp_path: Path) -> None:
    """What is wrong is said in the dialog; when it is right the dialog closes and the answer is in the channel."""
    async with opened(tmp_path) as (served, page):
        await page.locator("#line").fill("/newsletter setup")
        await page.keyboard.press("Enter")
        await expect(page.locator("#dialog")).to_be_visible()
        await expect(page.locator("#field-name")).to_be_focused()
        await page.keyboard.type("bad")
        await page.keyboard.press("Enter")
        await expect(page.locator("#dialog-error")).to_have_text("A newsletter needs a better name.")
        await page.locator("#field-name").fill("The Paper")
        await page.locator("#field-weekday").select_option("Monday")
        await page.locator("#dialog-send").click()
        await expect(page.locator("#dialog")).to_be_hidden()
        await expect(page.locator(".message.private")).to_contain_text("The Paper")
        command, values = served.front.invoked[-1]
        assert (command, values["name"], values["weekday"], values["time"]) == (
            "newsletter setup",
            "The Paper",
            "Monday",
            "",
        )


async def test_a_form_completes_its_options(tmp_path: Path) -> None:
    """An option with completion has the bot's choices behind it."""
    async with opened(tmp_path) as (_, page):
        await page.locator("#line").fill("/nominate")
        await page.keyboard.press("Enter")
        await page.locator("#field-section").press_sequentially("t")
        await expect(page.locator("#field-section-list option")).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(page.locator("#dialog")).to_be_hidden()


async def test_who_speaks_is_kept_and_sees_only_their_own(tmp_path: Path) -> None:
    """The speaker and the channel outlive a reload; private answers change with the speaker, and can be dismissed."""
    async with opened(tmp_path) as (_, page):
        await page.locator("#speaker").select_option("chen")
        await expect(page.locator("#messages [data-message]")).to_have_count(1)
        await page.locator("#line").fill("/ballot")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.private")).to_have_count(1)
        await page.locator("#speaker").select_option("ben")
        await expect(page.locator("#messages [data-message]")).to_have_count(1)
        await page.locator("#speaker").select_option("chen")
        await page.reload()
        await expect(page.locator("#speaker")).to_have_value("chen")
        await page.locator("[data-dismiss]").click()
        await expect(page.locator(".message.private")).to_have_count(0)
        await page.locator('[data-channel="talk"]').click()
        await page.locator("#line").fill("Hello <b>there</b>")
        await page.keyboard.press("Enter")
        await expect(page.locator("#messages .said")).to_have_text("Hello <b>there</b>")
        await page.reload()
        await expect(page.locator("#channel-title")).to_have_text("# talk")
        await expect(page.locator("#messages .said")).to_have_count(1)


async def test_the_clock_is_moved_from_the_page(tmp_path: Path) -> None:
    """To the next issue by one button, by hours and days, and to a moment; never back."""
    async with opened(tmp_path) as (served, page):
        now = page.locator("#now")
        await expect(now).to_have_text("Sun 22 Nov 2026, 18:40 UTC")
        await page.locator("#clock summary").click()
        await page.locator("#clock-hour").click()
        await expect(now).to_have_text("Sun 22 Nov 2026, 19:40 UTC")
        await page.locator("#clock-slot").click()
        await expect(now).to_have_text("Mon 23 Nov 2026, 09:00 UTC")
        assert served.clock.now() == MONDAY
        await page.locator("#clock summary").press("Enter")
        await expect(page.locator("#clock-slot")).to_contain_text("Mon 30 Nov 2026, 09:00")
        await page.locator("#clock-to").fill("2026-11-24T12:30")
        await page.locator("#clock-form button").click()
        await expect(now).to_have_text("Tue 24 Nov 2026, 12:30 UTC")
        await page.locator("#clock summary").click()
        await page.locator("#clock-to").evaluate("input => { input.min = ''; input.value = '2026-11-01T09:00'; }")
        await page.locator("#clock-form button").click()
        await expect(page.locator("#clock-error")).to_contain_text("forwards")


async def test_times_are_shown_in_the_readers_zone(tmp_path: Path) -> None:
    """The clock, the messages and what they speak of agree on one zone, the reader's."""
    async with opened(tmp_path, zone="Asia/Tokyo") as (_, page):
        await expect(page.locator("#now")).to_have_text("Mon 23 Nov 2026, 03:40 GMT+9")
        await expect(page.locator(".byline time")).to_have_text("03:40")
        await expect(page.locator(".day")).to_have_text("Monday 23 November 2026")
        await page.locator("#line").fill("/ballot")
        await page.keyboard.press("Enter")
        await expect(page.locator(".private .post time")).to_have_text("Mon 23 Nov 2026, 18:00 GMT+9")


async def test_what_happens_elsewhere_is_marked_and_waiting_is_shown(tmp_path: Path) -> None:
    """A channel with news has a mark until it is opened; an answer that takes its time is announced as thinking."""
    front = FakeFront()
    async with opened(tmp_path, front=front) as (served, page):
        await served.post("say", **{"as": "ben", "channel": "talk"}, text="Anybody here?")
        mark = page.locator('[data-channel="talk"] .unread')
        await expect(mark).to_be_visible()
        await page.locator('[data-channel="talk"]').click()
        await expect(mark).to_be_hidden()
        front.hold.clear()
        await page.locator("#line").fill("/ballot")
        await page.keyboard.press("Enter")
        await expect(page.locator(".thinking")).to_be_visible()
        front.hold.set()
        await expect(page.locator(".message.private")).to_have_count(1)
        await expect(page.locator(".thinking")).to_have_count(0)


async def test_the_page_outlives_a_restart_of_the_bot(tmp_path: Path) -> None:
    """While the bot is away the page says so; when it is back the page has what it missed, without a reload."""
    async with browser_page() as page:
        async with demo(tmp_path) as served:
            port = int(served.address.rstrip("/").rsplit(":", 1)[1])
            await served.chat.send(PAPER, ballot(), "one")
            await page.goto(served.address)
            await expect(page.locator("#messages [data-message]")).to_have_count(1)
        await expect(page.locator("#connection")).to_be_visible()
        async with demo(tmp_path, port=port) as served:
            await served.chat.send(PAPER, ballot(), "two")
            await expect(page.locator("#messages [data-message]")).to_have_count(2)
            await expect(page.locator("#connection")).to_be_hidden()


def issue() -> Post:
    """A section of an issue with a drawing."""
    picture = Picture("/figures/drawing.svg", "Figure: a square")
    words = "What a graph is good for, how a network reads one, and a playground in the page to try each choice in."
    small = ("example.org · 3 votes · nominated by Ben",)
    card = Card((Link("A Gentle Introduction to Graphs", "https://example.org/graphs"),), ((words,),), small, picture)
    return Post("Papers", (Heading(("Papers",), 2), card, card))


def head() -> Post:
    """The head of an issue."""
    highlights = Bullets(((Link("A Gentle Introduction to Graphs", "https://example.org/graphs"),), ("And more",)))
    return Post(
        "The Reading Room #1",
        (
            Heading(("The Reading Room #1",), 1),
            Small(("16 November 2026 · issue 1",)),
            Heading(("Highlights",), 3),
            highlights,
            Paragraph(("שלום " * 12,)),
        ),
    )


@pytest.mark.parametrize(
    ("name", "colours", "size"),
    [
        ("light", "light", DESK),
        ("dark", "dark", DESK),
        ("phone", "light", PHONE),
        ("phone-dark", "dark", PHONE),
        ("narrow", "light", (360, 740)),
    ],
)
async def test_it_reads_well_everywhere(
    tmp_path: Path, name: str, colours: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    """In both colour schemes and down to 360 pixels nothing is cut off sideways; pictures of it are left to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    async with opened(tmp_path, colours, size) as (served, page):
        first = await served.chat.send(PAPER, head(), "head")
        await served.chat.send(PAPER, issue(), "part", thread=first)
        await served.post("say", **{"as": "ben", "channel": "the-paper"}, text="https://example.org/" + "long/" * 40)
        await page.locator("#line").fill("/paper 2103.06255")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.private")).to_have_count(1)
        await page.screenshot(path=SCREENSHOTS / f"page-{name}.png", animations="disabled")
        await page.locator(".thread-link").click()
        await expect(page.locator("#thread-messages [data-message]")).to_have_count(2)
        await page.screenshot(path=SCREENSHOTS / f"page-{name}-thread.png", animations="disabled")
        for box in ("html", "#thread-messages"):
            wide = await page.locator(box).evaluate("each => each.scrollWidth - each.clientWidth")
            assert wide <= 0, box
        await page.locator("#thread-close").click()
        assert await page.locator("#messages").evaluate("each => each.scrollWidth - each.clientWidth") <= 0
        if size[0] < DESK[0]:
            await expect(page.locator("#channels")).to_be_hidden()
            await page.locator("#show-channels").click()
            await page.screenshot(path=SCREENSHOTS / f"page-{name}-channels.png", animations="disabled")
            await page.locator('[data-channel="talk"]').click()
            await expect(page.locator("#channel-title")).to_have_text("# talk")
        await page.locator("#clock summary").click()
        panel = await page.locator(".menu-panel").bounding_box()
        assert panel is not None
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= size[0]


async def test_nothing_in_a_message_runs(tmp_path: Path) -> None:
    """A hostile title is shown as text: no script runs, nothing is fetched, the policy has nothing to stop."""
    async with opened(tmp_path) as (served, page):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        text = "<img src=/figures/x onerror=alert(1)><script>alert(1)</script>"
        await served.chat.send(
            PAPER, Post(text, (Heading((text,)), Card((Link(text, "javascript:alert(1)"),)))), "evil"
        )
        await served.clock.move_to(served.clock.now() + timedelta(minutes=1))
        await expect(page.locator("#messages [data-message]")).to_have_count(2)
        await expect(page.locator("#messages h4")).to_have_text(text)
        assert await page.locator("#messages img, #messages script, #messages a[href^=javascript]").count() == 0
        assert [url for url in asked if "figures" in url] == []
