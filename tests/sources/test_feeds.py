"""Feeds, and links that lead to them: what is read from the web, in what order, and when it is asked again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import NotANewsletter, Unreadable
from bot.core.feeds import Feed, FeedEntry
from bot.sources.addresses import Public
from bot.sources.feeds import is_feed, read_feed
from bot.sources.fetching import Fetcher
from bot.sources.newsletters import LARGEST, NewsletterReader
from tests.fakes.web_server import Names, Reply, WebServer, moved, only_here

PAGES = Path(__file__).parent / "pages"
NOW = datetime(2026, 5, 20, tzinfo=UTC)
XML = "application/rss+xml; charset=utf-8"


def text(number: int) -> str:
    """The HTML of an issue."""
    return (
        f"<h2>Papers</h2><ul><li><a href='https://arxiv.org/abs/2401.0000{number}'>Paper {number}</a>: it works.</li>"
        f"<li><a href='/posts/{number}'>Post {number}</a>: it helps.</li></ul>"
    )


def item(number: int, *, full: bool = True, day: int = 0) -> str:
    """An entry of an RSS feed."""
    whole = f"<content:encoded><![CDATA[{text(number)}]]></content:encoded>"
    return (
        f"<item><title>The Weekly #{number}</title><link>http://weekly.example.org/p/{number}</link>"
        f"<guid isPermaLink='false'>tag:{number}</guid><pubDate>{day or number:02} May 2026 09:00:00 GMT</pubDate>"
        f"{whole if full else '<description>Short.</description>'}</item>"
    )


def rss(*items: str) -> bytes:
    """An RSS feed."""
    return (
        "<?xml version='1.0' encoding='utf-8'?>"
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
        f"<channel><title>The Weekly</title><link>http://weekly.example.org/</link>{''.join(items)}</channel></rss>"
    ).encode()


ATOM = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">The &amp;amp; Weekly</title>
<link rel="self" href="http://weekly.example.org/feed.atom"/>
<entry><id>tag:1</id><title>The Weekly #1</title><link rel="alternate" href="/p/1"/>
<updated>2026-05-01T09:00:00Z</updated>
<content type="html">{text(1).replace("<", "&lt;")}</content></entry>
<entry><id>tag:2</id><title>The Weekly #2</title><link href="/p/2"/><published>2026-05-08T09:00:00Z</published>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{text(2)}</div></content></entry>
</feed>""".encode()

FRONT = """<!doctype html><html><head><meta property="og:type" content="website"><title>The Weekly</title>
<link rel="alternate" type="application/rss+xml" title="The Weekly" href="/feed"></head>
<body><h1>The Weekly</h1>
<ul><li><a href="/p/2">Issue 2</a></li><li><a href="/p/1">Issue 1</a></li></ul></body></html>"""


def page(number: int) -> Reply:
    """The page of an issue."""
    head = f"<title>The Weekly #{number}</title><meta property='article:published_time' content='2026-05-0{number}'>"
    feed = "<link rel='alternate' type='application/rss+xml' href='/feed'>"
    return Reply(f"<!doctype html><html><head>{head}{feed}</head><body>{text(number)}</body></html>".encode())


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    """A site with a front page, a feed with full texts, and a page for each issue."""
    async with WebServer() as server:
        server.pages |= {
            "weekly.example.org/": Reply(FRONT.encode()),
            "weekly.example.org/feed": Reply(rss(item(2), item(1)), XML),
            "weekly.example.org/p/1": page(1),
            "weekly.example.org/p/2": page(2),
        }
        yield server


def reader(server: WebServer) -> NewsletterReader:
    return NewsletterReader(Fetcher(Public(only_here), resolver=Names(server), largest=LARGEST))


def targets(server: WebServer) -> list[str]:
    """What was asked for, in order."""
    return [each.target for each in server.asked]


def test_a_feed_in_rss_and_one_in_atom_say_the_same() -> None:
    """Titles, ids, addresses, days and full texts, the latest entry first."""
    for content in (rss(item(1), item(2, day=8)), ATOM):
        assert is_feed(content)
        answer = read_feed(content, "http://weekly.example.org/feed")
        assert [each.id for each in answer.entries] == ["tag:2", "tag:1"]
        assert [each.title for each in answer.entries] == ["The Weekly #2", "The Weekly #1"]
        assert [each.url for each in answer.entries] == [f"http://weekly.example.org/p/{n}" for n in (2, 1)]
        assert answer.entries[0].dated == datetime(2026, 5, 8, 9, tzinfo=UTC)
        assert all(each.whole and "arxiv.org" in each.text for each in answer.entries)
    assert read_feed(ATOM, "").title == "The & Weekly"


def test_entries_are_told_apart() -> None:
    """By their ids, or their addresses where they have none; the same one twice is one."""
    bare = "<item><title>One</title><link>http://a.example.org/1</link></item>"
    answer = read_feed(rss(bare, bare, item(1)), "http://weekly.example.org/feed")
    assert sorted(each.id for each in answer.entries) == ["http://a.example.org/1", "tag:1"]


@pytest.mark.parametrize(
    "content", [b"", b"x", b"<html></html>", b"{}", b"<?xml version='1.0'?><opml/>", bytes(range(256))]
)
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    """Pages, other XML and plain bytes are no feeds."""
    with pytest.raises(NotANewsletter):
        read_feed(content, "http://weekly.example.org/feed")


def test_a_feed_that_is_no_quite_xml_is_read() -> None:
    """A stray ampersand and an unknown entity, as hand-made feeds have them, do no harm."""
    broken = rss(item(1).replace("The Weekly", "This &nbsp; & That"))
    (entry,) = read_feed(broken, "http://weekly.example.org/feed").entries
    assert entry.title.startswith("This & That")


@pytest.mark.parametrize(
    "content",
    [
        rss("<item>" * 50_000),
        rss("<a " * 100_000),
        rss("<item a='" * 50_000),
        rss("<div>" * 100_000),
        b"<!DOCTYPE l [<!ENTITY a0 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
        + b"]><rss version='2.0'><channel><title>&a11;</title></channel></rss>",
    ],
    ids=["nested", "attributes", "quotes", "elements", "entities"],
)
def test_no_feed_takes_long(content: bytes) -> None:
    """What would take a parser minutes is refused, or read without what swells."""
    try:
        assert len(read_feed(content, "http://weekly.example.org/feed").title) < 1000
    except NotANewsletter as error:
        assert "feed" in str(error)  # noqa: PT017  # either way is well


def test_a_feed_names_no_file() -> None:
    """Bytes that are a path are not opened."""
    with pytest.raises(NotANewsletter):
        read_feed(str(PAGES / "feed.xml").encode(), "")


async def test_a_front_page_leads_to_its_feeds_latest_issue(web: WebServer) -> None:
    """The feed that the page names is read; its latest entry is the issue, with its own date and address."""
    found = await reader(web).read_link("http://weekly.example.org/")
    assert [each.title for each in found.issues] == ["The Weekly #2"]
    (issue,) = found.issues
    assert issue.dated == date(2026, 5, 2)
    assert issue.source_url == "http://weekly.example.org/p/2"
    assert [each.url for each in issue.items] == [
        "https://arxiv.org/abs/2401.00002",
        "http://weekly.example.org/posts/2",
    ]
    assert found.feed is not None
    assert found.feed.url == "http://weekly.example.org/feed"
    assert [each.id for each in found.feed.entries] == ["tag:2", "tag:1"]
    assert targets(web) == ["/", "/feed"]


async def test_all_issues_of_a_feed_are_read_when_asked_for(web: WebServer) -> None:
    """The feed itself, with every entry that it has."""
    found = await reader(web).read_link("http://weekly.example.org/feed", every=True)
    assert [each.title for each in found.issues] == ["The Weekly #2", "The Weekly #1"]


async def test_an_issues_page_is_that_issue(web: WebServer) -> None:
    """Not the latest one of the feed that it names, which can be followed all the same."""
    found = await reader(web).read_link("http://weekly.example.org/p/1")
    assert [each.title for each in found.issues] == ["The Weekly #1"]
    assert found.feed is not None
    assert found.feed.url == "http://weekly.example.org/feed"
    assert targets(web) == ["/p/1"]


async def test_a_page_that_its_feed_lists_is_that_entry(web: WebServer) -> None:
    """A page that does not say that it is an article is known by its feed."""
    plain = page(1).body.replace(b"article:published_time", b"nothing")
    web.pages["weekly.example.org/p/1"] = Reply(plain)
    found = await reader(web).read_link("http://weekly.example.org/p/1")
    assert [each.title for each in found.issues] == ["The Weekly #1"]


async def test_an_entry_without_its_text_is_read_on_its_page(web: WebServer) -> None:
    """A feed with teasers has its pages fetched, and no more of them than are needed."""
    web.pages["weekly.example.org/feed"] = Reply(rss(item(2, full=False), item(1, full=False)), XML)
    found = await reader(web).read_link("http://weekly.example.org/")
    assert [each.title for each in found.issues] == ["The Weekly #2"]
    assert found.issues[0].source_url == "http://weekly.example.org/p/2"
    assert targets(web) == ["/", "/feed", "/p/2"]


async def test_an_announcement_on_top_of_a_feed_is_passed_over(web: WebServer) -> None:
    """The latest entry that has items is the issue."""
    announcement = item(3).replace(text(3), "<p>We are on holiday.</p>")
    web.pages["weekly.example.org/feed"] = Reply(rss(announcement, item(2)), XML)
    found = await reader(web).read_link("http://weekly.example.org/feed")
    assert [each.title for each in found.issues] == ["The Weekly #2"]


async def test_a_page_whose_feed_is_broken_is_read_itself(web: WebServer) -> None:
    """What the front page holds is better than nothing."""
    front = FRONT.replace("<ul>", f"{text(7)}<ul>")
    web.pages |= {"weekly.example.org/": Reply(front.encode()), "weekly.example.org/feed": Reply(b"gone", status=410)}
    found = await reader(web).read_link("http://weekly.example.org/")
    assert "https://arxiv.org/abs/2401.00007" in [each.url for each in found.issues[0].items]


async def test_markdown_and_mails_are_read_behind_links_too(web: WebServer) -> None:
    """By what they are, whatever the server calls them; the only issue there gets the link as its address."""
    letter = "# Letter 7\n\n- [One](https://a.org/1): first\n- [Two](https://a.org/2): second\n"
    web.pages |= {
        "files.example.org/letter.md": Reply(letter.encode(), "text/plain"),
        "files.example.org/mail": Reply((PAGES / "digest.eml").read_bytes(), "application/octet-stream"),
        "github.com/team/weekly/raw/main/README.md": moved("http://files.example.org/letter.md", 302),
    }
    (issue,) = (await reader(web).read_link("http://files.example.org/letter.md")).issues
    assert (issue.number, issue.source_url) == (7, "http://files.example.org/letter.md")
    (issue,) = (await reader(web).read_link("http://files.example.org/mail")).issues
    assert issue.title == "Chips, chairs and a compiler 🛠️"
    (issue,) = (await reader(web).read_link("http://github.com/team/weekly/blob/main/README.md")).issues
    assert issue.number == 7


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply(status=404), Unreadable, "status 404"),
        (Reply(b"\x89PNG", "image/png"), Unreadable, "no page, no feed and no text"),
        (Reply(b"<!doctype html><p>Nothing.</p>"), NotANewsletter, "no links"),
        (Reply(rss(), XML), NotANewsletter, "without entries"),
    ],
)
async def test_what_holds_no_newsletter_is_refused(
    web: WebServer, reply: Reply, error: type[Exception], said: str
) -> None:
    """With a reason: no such page, a picture, a page without links, an empty feed."""
    web.pages["weekly.example.org/x"] = reply
    with pytest.raises(error, match=said):
        await reader(web).read_link("http://weekly.example.org/x")


async def test_only_public_addresses_are_asked(web: WebServer) -> None:
    """Links and feeds go through the guard, those that a page names too."""
    guarded = NewsletterReader(Fetcher(Public(), resolver=Names(web)))
    with pytest.raises(Unreadable):
        await guarded.read_link("http://weekly.example.org/")
    assert web.asked == []


async def test_a_feed_is_asked_for_what_changed(web: WebServer) -> None:
    """Its tag and its day go with the next question, and an answer without a text says that nothing is new."""
    web.pages["weekly.example.org/feed"] = Reply(rss(item(1)), XML, headers={"ETag": '"a"', "Last-Modified": "Fri"})
    feed = Feed(1, 1, "http://weekly.example.org/feed", NOW)
    first = await reader(web).ask(feed)
    assert first is not None
    assert (first.etag, first.modified, len(first.entries)) == ('"a"', "Fri", 1)
    web.pages["weekly.example.org/feed"] = Reply(status=304)
    assert await reader(web).ask(replace(feed, etag=first.etag, modified=first.modified)) is None
    asked = web.asked[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"a"', "Fri")
    assert "if-none-match" not in web.asked[0].headers


async def test_a_feed_that_fails_says_why(web: WebServer) -> None:
    """A server's error is no empty feed."""
    web.pages["weekly.example.org/feed"] = Reply(status=503)
    with pytest.raises(Unreadable, match="503"):
        await reader(web).ask(Feed(1, 1, "http://weekly.example.org/feed", NOW))


async def test_an_entry_is_read_by_its_text_or_by_its_page(web: WebServer) -> None:
    """A teaser with a link or two is not taken for the issue, unless its page does not come."""
    teaser = (
        "<ul><li><a href='https://a.org/1'>One</a>: first</li><li><a href='https://a.org/2'>Two</a>: more</li></ul>"
    )
    entry = FeedEntry("x", "The Weekly #1", "http://weekly.example.org/p/1", NOW, teaser)
    (issue,) = await reader(web).read_entry(entry)
    assert "https://arxiv.org/abs/2401.00001" in [each.url for each in issue.items]
    (issue,) = await reader(web).read_entry(replace(entry, url="http://weekly.example.org/gone"))
    assert "https://a.org/2" in [each.url for each in issue.items]
    with pytest.raises(Unreadable):
        await reader(web).read_entry(replace(entry, url="http://weekly.example.org/gone", text=""))
    with pytest.raises(NotANewsletter):
        await reader(web).read_entry(replace(entry, text="<p>An essay.</p>", whole=True))


async def test_a_feed_in_a_file_is_all_its_issues(web: WebServer) -> None:
    """Every entry with its text is an issue; pages and mails in files are told by what they hold."""
    found = await reader(web).read_file("feed.xml", rss(item(2), item(1)))
    assert [each.title for each in found.issues] == ["The Weekly #2", "The Weekly #1"]
    assert found.feed is None
    found = await reader(web).read_file("part.html", f"<div>{text(3)}</div>".encode())
    assert [each.title for each in found.issues[0].items] == ["Paper 3"]
    found = await reader(web).read_file("page", (PAGES / "ghost.html").read_bytes())
    assert found.issues[0].title == "Weekend Stack No. 12"
    assert web.asked == []


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("<>/!?[]&;='\" rsfeditmlnkpCDAT0x"), max_size=120))
def test_no_feed_raises_anything_else(inside: str) -> None:
    """Whatever stands in a feed, it is read or refused."""
    try:
        read_feed(rss(inside), "http://weekly.example.org/feed")
    except NotANewsletter:
        return


async def test_nobody_waits_long_for_a_site_that_says_nothing() -> None:
    """A front page whose feed and entries hang costs one wait, not one for each of them."""
    pages = {"weekly.example.org/": Reply(FRONT.encode()), "weekly.example.org/feed": Reply(silent=True)}
    async with WebServer(pages) as web:
        fetcher = Fetcher(Public(only_here), resolver=Names(web))
        reader = NewsletterReader(fetcher, patience=timedelta(milliseconds=200))
        with pytest.raises(Unreadable, match="did not come in time"):
            await reader.read_link("http://weekly.example.org/")
