"""Fetching: what is asked for is asked for modestly, and no answer costs more than its limits."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.errors import Unreadable
from bot.sources.addresses import Public
from bot.sources.bodies import read_body
from bot.sources.fetching import LARGEST, REDIRECTS, Fetched, Fetcher
from tests.fakes.web_server import Names, Reply, WebServer, moved, only_here

PAGE = b"<title>Bees</title>"


def _fetcher(server: WebServer, timeout: timedelta = timedelta(seconds=10), largest: int = LARGEST) -> Fetcher:
    return Fetcher(Public(only_here), timeout=timeout, largest=largest, resolver=Names(server))


async def _fetch(reply: Reply, largest: int = LARGEST) -> Fetched:
    async with WebServer({"example.org/": reply}) as server:
        return await _fetcher(server, largest=largest).fetch("http://example.org/")


async def test_what_is_sent() -> None:
    """One GET says truthfully who asks, and carries neither cookies nor a referrer."""
    async with WebServer({"example.org/a?b=1": Reply(PAGE, headers={"Set-Cookie": "id=7"})}) as server:
        fetcher = _fetcher(server)
        for _ in range(2):
            assert (await fetcher.fetch("http://example.org/a?b=1")).content == PAGE
        for asked in server.asked:
            assert asked.method == "GET"
            assert asked.headers["user-agent"].startswith("Broadsheet/")
            assert asked.headers.keys() == {"host", "accept", "accept-encoding", "user-agent", "connection"}


async def test_redirects_are_followed_and_counted() -> None:
    """Five redirects lead to the page; the sixth is one too many."""
    pages = {f"example.org/{n}": moved(f"/{n + 1}") for n in range(REDIRECTS + 1)} | {"example.org/6": Reply(PAGE)}
    async with WebServer(pages) as server:
        found = await _fetcher(server).fetch("http://example.org/1")
        assert (found.url, found.content, found.moved) == ("http://example.org/6", PAGE, True)
        with pytest.raises(Unreadable, match="too often"):
            await _fetcher(server).fetch("http://example.org/0")


async def test_a_passing_redirect_is_told_from_one_for_good() -> None:
    """A site that moved has a new address; one that sends its readers round does not."""
    pages = {
        "example.org/": moved("http://other.example.org/x", 302),
        "example.org/old": moved("//other.example.org/x", 308),
        "other.example.org/x": Reply(PAGE),
    }
    async with WebServer(pages) as server:
        assert not (await _fetcher(server).fetch("http://example.org/")).moved
        assert (await _fetcher(server).fetch("http://example.org/old")).moved
        assert not (await _fetcher(server).fetch("http://other.example.org/x")).moved


async def test_a_redirect_without_a_target_is_an_answer() -> None:
    """What moved to nowhere is what it is: a status without a page."""
    assert (await _fetch(Reply(status=302))).status == 302


@pytest.mark.parametrize("packing", ["gzip", "x-gzip", "deflate", "raw", "identity", ""])
async def test_packed_bodies_are_unpacked(packing: str) -> None:
    """Both makes of deflate are read, and gzip under both its names."""
    page = PAGE * 1000
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(page),
        "x-gzip": gzip.compress(page),
        "deflate": zlib.compress(page),
        "raw": raw.compress(page) + raw.flush(),
    }.get(packing, page)
    name = "deflate" if packing == "raw" else packing
    assert (await _fetch(Reply(packed, headers={"Content-Encoding": name}))).content == page


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "compress"])
async def test_other_packings_are_refused(packing: str) -> None:
    """What was not asked for is not unpacked, least of all twice."""
    with pytest.raises(Unreadable, match="packed"):
        await _fetch(Reply(gzip.compress(PAGE), headers={"Content-Encoding": packing}))


async def test_what_is_not_packed_as_it_says_is_refused() -> None:
    """Bytes that are no gzip are no page either."""
    with pytest.raises(Unreadable, match="unpack"):
        await _fetch(Reply(PAGE, headers={"Content-Encoding": "gzip"}))


async def test_a_bomb_is_cut() -> None:
    """A body that would unpack to a hundred megabytes is unpacked to the limit, and no further."""
    bomb = zlib.compress(b"0" * 100_000_000)
    found = await _fetch(Reply(bomb, headers={"Content-Encoding": "deflate"}))
    assert (len(found.content), found.cut) == (LARGEST, True)


async def test_unpacking_stops_at_the_limit() -> None:
    """What is beyond the limit is not even asked for: neither unpacked nor read from the wire."""
    read = []

    async def endless() -> AsyncIterator[bytes]:
        stream = zlib.compressobj(9, wbits=31)
        while True:
            read.append(1)
            yield stream.compress(b"\0" * 5_000_000) + stream.flush(zlib.Z_SYNC_FLUSH)

    body = await read_body(endless(), "gzip", 1_000_000)
    assert (body.content, body.cut, len(read)) == (b"\0" * 1_000_000, True, 1)


async def test_what_unpacks_to_nothing_is_cut_too() -> None:
    """Bytes without end that unpack to none are bytes all the same."""

    async def endless() -> AsyncIterator[bytes]:
        stream = zlib.compressobj(wbits=31)
        yield stream.compress(PAGE) + stream.flush()
        while True:
            yield b"x" * 10_000

    assert (await read_body(endless(), "gzip", 100_000)).cut


async def test_a_long_body_is_cut() -> None:
    """Of a page beyond the limit its beginning is read; one that just fits is whole."""
    assert (await _fetch(Reply(b"x" * 1001), largest=1000)).cut
    whole = await _fetch(Reply(b"x" * 1000), largest=1000)
    assert (len(whole.content), whole.cut) == (1000, False)


@pytest.mark.parametrize("media", ["application/pdf", "image/png", "text/plain", "application/octet-stream"])
async def test_what_is_no_page_is_not_read(media: str) -> None:
    """Of other kinds of content only the kind is told."""
    found = await _fetch(Reply(b"x" * 100, media))
    assert (found.media, found.content) == (media, b"")


async def test_other_media_are_read_for_who_wants_them() -> None:
    """A feed's reader names the kinds that it takes, and may send what a feed's server asks of it."""
    async with WebServer({"example.org/": Reply(b"<rss/>", "application/rss+xml; charset=utf-8")}) as server:
        found = await _fetcher(server).fetch(
            "http://example.org/", media={"application/rss+xml"}, headers={"If-None-Match": '"1"'}
        )
        assert found.content == b"<rss/>"
        assert server.asked[0].headers["if-none-match"] == '"1"'
        assert server.asked[0].headers["accept"] == "application/rss+xml, */*;q=0.1"


async def test_an_error_page_is_not_read() -> None:
    """Of an answer that is an error the status is told."""
    found = await _fetch(Reply(PAGE, status=404))
    assert (found.status, found.content) == (404, b"")


async def test_no_answer_in_time() -> None:
    """A server that says nothing is waited for as long as it takes to lose patience."""
    async with WebServer({"example.org/": Reply(silent=True)}) as server:
        with pytest.raises(Unreadable, match="in time"):
            await _fetcher(server, timedelta(milliseconds=50)).fetch("http://example.org/")
        assert len(server.asked) == 1


async def test_a_body_that_breaks_off() -> None:
    """Half an answer is none."""
    with pytest.raises(Unreadable, match="reached"):
        await _fetch(Reply(PAGE, cut=5))


async def test_a_name_without_an_address() -> None:
    """A host that there is not cannot be reached."""
    async with WebServer() as server:
        fetcher = Fetcher(Public(only_here), resolver=Names(server, {"nowhere.example.org": [[]]}))
        with pytest.raises(Unreadable, match="reached"):
            await fetcher.fetch("http://nowhere.example.org/")


async def test_headers_without_end() -> None:
    """A server that sends headers for ever is left, with a sentence."""
    with pytest.raises(Unreadable):
        await _fetch(Reply(PAGE, headers={"X-Long": "x" * 200_000}))


@pytest.mark.parametrize("location", ["http://[", "http://exa mple.org/", "\x7f", "http://example.org:99999/"])
async def test_a_broken_redirect(location: str) -> None:
    """A redirect to what is no address is refused, with a sentence."""
    with pytest.raises(Unreadable):
        await _fetch(moved(location))
