"""Pages that members link to: read where they can be, refused with a sentence where not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.core.errors import Unreadable
from bot.core.model import Kind, Page
from bot.core.ports import PageReader
from bot.sources.addresses import Public
from bot.sources.fetching import Fetcher
from bot.sources.services import Service
from bot.sources.webpage import WebPages
from tests.fakes.web_server import Names, Reply, WebServer, moved, only_here


def _html(title: str, head: str = "") -> Reply:
    return Reply(f"<html lang=en><title>{title}</title>{head}".encode())


async def _read(pages: Mapping[str, Reply], url: str, *services: Service) -> Page:
    async with WebServer(pages) as server:
        reader: PageReader = WebPages(Fetcher(Public(only_here), resolver=Names(server)), services)
        return await reader.read(url)


async def test_a_page() -> None:
    """A page is fetched and read, under its address without what tracks."""
    page = await _read({"example.org/bees?utm_source=x": _html("Bees")}, "http://example.org/bees?utm_source=x")
    assert page == Page("http://example.org/bees", "Bees", "example.org", language="en")


@pytest.mark.parametrize("charset", ["gb18030", "shift_jis", "euc_kr", "utf-8"])
async def test_character_sets(charset: str) -> None:
    """A title in any script comes out as it was written, also where the server names the wrong set."""
    title = {"gb18030": "蜜蜂怎样数到四", "shift_jis": "ミツバチは四まで数える", "euc_kr": "꿀벌은 넷까지 센다"}.get(
        charset, "蜂"
    )
    body = f'<html><meta charset="{charset}"><title>{title}</title>'.encode(charset)
    for header in ("text/html", f"text/html; charset={charset}", "text/html; charset=iso-8859-1"):
        page = await _read({"example.org/": Reply(body, header)}, "http://example.org/")
        assert page.title == title


async def test_the_language_of_the_header() -> None:
    """The server's word on the language counts where the page has none."""
    reply = Reply(b"<title>Bees</title>", headers={"Content-Language": "de-AT"})
    assert (await _read({"example.org/": reply}, "http://example.org/")).language == "de-AT"


async def test_a_shortened_link_is_the_page_that_it_leads_to() -> None:
    """Shorteners' addresses stand for others, however they redirect."""
    pages = {"bit.ly/abc": moved("http://example.org/bees", 302), "example.org/bees": _html("Bees")}
    assert (await _read(pages, "http://bit.ly/abc")).url == "http://example.org/bees"


async def test_a_site_that_moved() -> None:
    """A page that moved for good is at its new address; one that is elsewhere for now is where it was asked for."""
    pages = {
        "example.org/old": moved("http://example.net/new"),
        "example.org/now": moved("http://example.net/new", 302),
        "example.net/new": _html("Bees", '<link rel=canonical href="/newest">'),
    }
    assert (await _read(pages, "http://example.org/old")).url == "http://example.net/newest"
    assert (await _read(pages, "http://example.org/now")).url == "http://example.org/now"
    assert (await _read(pages, "http://example.org/now")).title == "Bees"


@pytest.mark.parametrize(
    "where", ["/login?next=/bees", "http://consent.example.net/consent", "/accounts/sso", "/sign-in"]
)
async def test_a_gate_is_no_page(where: str) -> None:
    """Who is asked to sign in does not see the page."""
    target = where if where.startswith("http") else f"http://example.org{where}"
    pages = {"example.org/bees": moved(where, 302), target.removeprefix("http://"): _html("Sign in")}
    with pytest.raises(Unreadable, match="gate"):
        await _read(pages, "http://example.org/bees")


async def test_a_file_has_its_address_alone() -> None:
    """What is no page of HTML has no title to read, but may have moved."""
    pages = {"example.org/a": moved("/b.pdf"), "example.org/b.pdf": Reply(b"%PDF", "application/pdf")}
    assert await _read(pages, "http://example.org/a") == Page("http://example.org/b.pdf", site="example.org")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
async def test_an_error_is_no_page(status: int) -> None:
    """A page that is not there is not read, whatever its error says."""
    with pytest.raises(Unreadable, match=str(status)):
        await _read({"example.org/": Reply(b"<title>Oh no</title>", status=status)}, "http://example.org/")


class Says:
    """A service that knows everything, or nothing, or fails."""

    def __init__(self, page: Page | Unreadable | None) -> None:
        self.said = page

    async def page(self, url: str) -> Page | None:
        if isinstance(self.said, Unreadable):
            raise self.said
        return self.said


async def test_services_come_first() -> None:
    """What a service says stands; where it knows nothing or fails, the page is read."""
    pages = {"example.org/": _html("Bees")}
    known = Page("http://example.org/", "Known", kind=Kind.VIDEO)
    assert await _read(pages, "http://example.org/", Says(None), Says(known)) == known
    for service in (Says(None), Says(Unreadable("It fails."))):
        assert (await _read(pages, "http://example.org/", service)).title == "Bees"


async def test_without_an_allowance_nothing_here_is_read() -> None:
    """As operators build it, the reader opens public addresses only."""
    async with WebServer({"example.org/": _html("Bees")}) as server:
        with pytest.raises(Unreadable):
            await WebPages().read(f"http://127.0.0.1:{server.port}/")
        with pytest.raises(Unreadable):
            await WebPages(Fetcher(resolver=Names(server))).read("http://example.org/")
        assert server.connections == 0
