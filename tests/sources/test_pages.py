"""What a page says of itself: every way of saying it is read, the best one wins, and no page breaks the reader."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Kind, Page
from bot.sources.jsonld import Data, read_data
from bot.sources.outline import MOST_TAGS, outline
from bot.sources.pages import LONGEST_TITLE, read_day, read_page

URL = "https://www.example.org/2026/bees"

ARTICLE = """<!doctype html>
<html lang="en-GB"><head>
<meta charset="utf-8">
<title>How bees count to four | The Example</title>
<link rel="canonical" href="/2026/bees?utm_source=front">
<meta property="og:type" content="article">
<meta property="og:title" content="How bees count to four">
<meta property="og:site_name" content="The Example">
<meta property="og:description" content="A hive can tell three flowers from four &amp;amp; remembers it.">
<meta property="og:image" content="/pictures/hive.jpg?w=1200">
<meta property="article:published_time" content="2026-11-03T09:30:00+01:00">
<meta property="article:author" content="https://www.facebook.com/ada">
<meta name="author" content="Ada Beekeeper">
</head><body><h1>Bees</h1></body></html>"""


def _page(head: str, url: str = URL) -> Page:
    return read_page(f"<html><head>{head}</head><body></body></html>", url)


def test_open_graph() -> None:
    """An article with Open Graph tags is read as its makers mean it."""
    assert read_page(ARTICLE, URL) == Page(
        url="https://www.example.org/2026/bees",
        title="How bees count to four",
        site="The Example",
        description="A hive can tell three flowers from four & remembers it.",
        picture="https://www.example.org/pictures/hive.jpg?w=1200",
        author="Ada Beekeeper",
        dated=date(2026, 11, 3),
        kind=Kind.ARTICLE,
        language="en-GB",
    )


def test_twitter_card() -> None:
    """A card alone will do."""
    page = _page(
        """<meta name="twitter:title" content="Hives"><meta name="twitter:description" content="On hives.">
        <meta name="twitter:image" content="https://cdn.example.org/a.png">
        <meta name="twitter:creator" content="@ada">"""
    )
    assert (page.title, page.description, page.picture) == ("Hives", "On hives.", "https://cdn.example.org/a.png")
    assert page.author == "@ada"


def test_plain_html() -> None:
    """A page of twenty years ago has a title, a description and a host."""
    page = _page('<title>\n Hives &amp; homes\n</title><META NAME="Description" CONTENT="On hives.">')
    assert (page.title, page.description, page.site) == ("Hives & homes", "On hives.", "example.org")
    assert (page.kind, page.picture, page.dated, page.author, page.language) == (None, None, None, "", "")


def test_citation_tags() -> None:
    """A paper's page names the paper, its authors and its day by the tags that scholars' indexes read."""
    page = _page(
        """<title>Bees, ACL Anthology</title><meta name="citation_title" content="Counting in Hives">
        <meta name="citation_author" content="Lovelace, Ada"><meta name="citation_author" content="Ito, Ben">
        <meta name="citation_author" content="Chen, C."><meta name="citation_author" content="Diaz, D.">
        <meta name="citation_publication_date" content="2026/7/3">"""
    )
    assert (page.title, page.author, page.dated) == ("Counting in Hives", "Lovelace, Ada et al.", date(2026, 7, 3))
    assert page.kind is Kind.PAPER


JSON_LD = """{"@context": "https://schema.org", "@graph": [
  {"@type": "WebSite", "name": "The Example"},
  {"@type": "WebPage", "name": "Not this"},
  {"@type": ["NewsArticle", "Thing"], "headline": "Hives <b>", "description": "On hives.",
   "image": [{"@type": "ImageObject", "url": "https://cdn.example.org/b.png"}],
   "inLanguage": {"@type": "Language", "name": "de"},
   "author": [{"@type": "Person", "name": "Ada"}, "Ben"], "datePublished": "2026-10-09",
   "publisher": {"@type": "Organization", "name": "The Example"}, "video": {"@type": "VideoObject", "name": "Nor this"}}
]}"""


def test_json_ld() -> None:
    """The node that the page is about is found in a graph, and read to the end."""
    page = _page(f'<script type="application/ld+json">{JSON_LD}</script><script>var a = "<title>No</title>";</script>')
    assert page == Page(
        url=URL,
        title="Hives <b>",
        site="The Example",
        description="On hives.",
        picture="https://cdn.example.org/b.png",
        author="Ada, Ben",
        dated=date(2026, 10, 9),
        kind=Kind.ARTICLE,
        language="de",
    )


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ("ScholarlyArticle", Kind.PAPER),
        ("https://schema.org/BlogPosting", Kind.ARTICLE),
        ("VideoObject", Kind.VIDEO),
        ("SoftwareSourceCode", Kind.REPOSITORY),
        ("DiscussionForumPosting", Kind.POST),
        ("WebPage", None),
        ("Recipe", None),
    ],
)
def test_kinds(types: str, kind: Kind | None) -> None:
    """Of schema.org's many kinds of thing those that we know count."""
    assert read_data([f'[{{"@type": "{types}", "name": "x"}}]']).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "7",
        '"x"',
        "[" * 100_000,
        '{"@graph": {"@graph": {}}}',
        '{"@type": 7}',
        '{"@type": "Article", "name": {}}',
        '{"@type": "Article", "author": [7, null, {"name": []}], "image": {"url": []}, "datePublished": 9}',
    ],
)
def test_broken_json_ld_is_passed_over(text: str) -> None:
    """What is no JSON-LD, or says nothing, spoils nothing."""
    assert read_data([text]) in (Data(), Data(kind=Kind.ARTICLE))
    assert read_data([text, '{"@type": "VideoObject", "name": "Hives"}']).title in ("Hives", "")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("How bees count | The Example", "How bees count"),
        ("How bees count - The Example", "How bees count"),
        ("How bees count — the example", "How bees count"),
        ("How bees count · Example.org", "How bees count"),
        ("How bees count - example", "How bees count"),
        ("蜜蜂怎样数数_The Example", "蜜蜂怎样数数"),
        ("How bees count - A study", "How bees count - A study"),
        ("The Example", "The Example"),
        ("The Example | How bees count", "The Example | How bees count"),
    ],
)
def test_the_site_is_no_part_of_the_title(title: str, expected: str) -> None:
    """A site's name at the end of a title goes; any other end stays."""
    assert _page(f'<title>{title}</title><meta property="og:site_name" content="The Example">').title == expected


@pytest.mark.parametrize(
    "title", ["Just a moment...", "Access Denied", "Loading…", "404 Not Found"[4:], "Sign in", "  "]
)
def test_a_page_that_stands_in_has_no_title(title: str) -> None:
    """What gates, scripts and errors call themselves is not what the page is called."""
    assert _page(f"<title>{title}</title>").title == ""


def test_a_site_that_gives_every_page_its_own_name() -> None:
    """Where the tags name the site alone, the title of the page is taken."""
    page = _page(
        """<title>How bees count</title><meta property="og:title" content="The Example">
        <meta property="og:site_name" content="The Example">"""
    )
    assert page.title == "How bees count"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://www.example.org/2026/11/bees?utm_source=x", "https://www.example.org/2026/11/bees"),
        ("https://m.example.org/bees", "https://m.example.org/bees"),
        ("//example.org/bees", "https://example.org/bees"),
        ("https://other.example.org/bees", URL),
        ("https://evil.example/bees", URL),
        ("https://www.example.org/", URL),
        ("javascript:alert(1)", URL),
        ("http://[", URL),
        ("", URL),
        ("https://www.example.org/" + "a" * 3_000, URL),
    ],
)
def test_the_page_s_own_address(link: str, expected: str) -> None:
    """A page may say what its address is on its own site, but not that it is another site's, or the front page."""
    assert _page(f'<link rel="Canonical" href="{link}">').url == expected
    assert _page(f'<meta property="og:url" content="{link}">').url == expected


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ("hive.jpg", "https://www.example.org/2026/hive.jpg"),
        ("//cdn.example.org/hive.jpg", "https://cdn.example.org/hive.jpg"),
        ("data:image/png;base64,AAAA", None),
        ("javascript:alert(1)", None),
        ("https://cdn.example.org/logo.SVG", None),
        ("https://user:pass@example.org/a.png", None),
        ("http://localhost/a.png", None),
        ("http://169.254.169.254/a.png", None),
        ("https://pictures.internal/a.png", None),
        ("https://example.org/" + "a" * 3_000, None),
    ],
)
def test_pictures(picture: str, expected: str | None) -> None:
    """A picture is what a chat can show, at an address that it can fetch."""
    assert _page(f'<meta property="og:image" content="{picture}">').picture == expected


def test_the_base_of_relative_addresses() -> None:
    """A page that names the base of its addresses is taken at its word."""
    page = _page('<base href="https://cdn.example.org/x/"><meta property="og:image" content="hive.jpg">')
    assert page.picture == "https://cdn.example.org/x/hive.jpg"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-03T09:30:00Z", date(2026, 11, 3)),
        ("2026/7/3", date(2026, 7, 3)),
        ("20261103", date(2026, 11, 3)),
        ("2026.11.03", date(2026, 11, 3)),
        ("Tue, 03 Nov 2026 09:30:00 GMT", date(2026, 11, 3)),
        ("2026-13-45", None),
        ("2026", None),
        ("yesterday", None),
        ("", None),
        ("9" * 10_000, None),
    ],
)
def test_days(text: str, expected: date | None) -> None:
    """Days as the standards write them; what is none is none."""
    assert read_day(text) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<html lang="zh-Hant-TW">', "zh-Hant-TW"),
        ('<html xml:lang="JA">', "ja"),
        ('<meta property="og:locale" content="pt_BR">', "pt-BR"),
        ('<html lang="english!"><meta property="og:locale" content="en_US">', "en-US"),
        ('<html lang="x">', ""),
    ],
)
def test_languages(head: str, expected: str) -> None:
    """A language is named by its code; anything else is passed over."""
    assert read_page(head, URL).language == expected


def test_the_language_that_the_server_names() -> None:
    """Where the page is silent, the server's header counts."""
    assert read_page("<title>x</title>", URL, "fr, en").language == "fr"


def test_what_is_commented_out_or_scripted_is_not_said() -> None:
    """Tags in comments, scripts and styles are none."""
    page = _page(
        """<!-- <meta property="og:title" content="Old"> -->
        <script>"<meta property='og:title' content='Script'>"</script>
        <style>/* <title>Style</title> */</style><!--><title>Real</title><!-- -- > <title>No</title> -->"""
    )
    assert page.title == "Real"


def test_quotes_brackets_and_entities_in_attributes() -> None:
    """Attributes are read as browsers read them, whatever stands in their quotes."""
    page = _page(
        """<meta content='a > b, "c"' property='og:title'><meta name=description content=short><meta name=author
        content="Ada &lt;ada@example.org&gt;"><meta property="og:site_name"content="No blank">"""
    )
    assert (page.title, page.description, page.author) == ('a > b, "c"', "short", "Ada <ada@example.org>")
    assert page.site == "No blank"


def test_long_texts_are_cut() -> None:
    """Nobody prints a title of a million characters."""
    page = _page(f"<title>{'bee ' * 100_000}</title><meta name=description content='{'b' * 10_000}'>")
    assert len(page.title) <= LONGEST_TITLE
    assert len(page.description) <= 1_000


HOSTILE = {
    "nested": "<div>" * 400_000,
    "tags without end": "<meta " * 300_000,
    "quotes without end": '<meta a="' * 200_000,
    "single quotes without end": "<meta a=' " * 200_000,
    "equals": "<meta " + "=" * 1_900_000,
    "equals and blanks": "<meta " + "= " * 950_000,
    "comments without end": "<!--" * 500_000,
    "empty comments": "<!-->" * 400_000,
    "scripts without end": "<script>" * 250_000,
    "titles without end": "<title>" * 250_000,
    "many tags": '<meta name="a" content="b">' * 70_000,
    "attributes": "<meta " + " ".join(f"a{n}=1" for n in range(200_000)) + ">",
    "brackets": "<" * 2_000_000,
    "data": '<script type="application/ld+json">' + "[" * 200_000 + "</script>",
    "much data": '<script type="application/ld+json">{"@type":"WebPage"}</script>' * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_little(name: str) -> None:
    """Two megabytes of anything are read in one pass, and at most so many tags of it."""
    found = outline(HOSTILE[name])
    assert sum(map(len, found.metas.values())) + len(found.data) <= MOST_TAGS
    assert read_page(HOSTILE[name], URL).url == URL


@given(st.text(st.characters(), max_size=200), st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str, value: str) -> None:
    """Lone surrogates, control characters and half a tag are read like anything else."""
    page = read_page(f'{text}<meta property="og:title" content="{value}"><title>{text}', URL)
    page.title.encode()
    read_page(text, value)
