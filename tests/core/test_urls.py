"""Canonical addresses: what goes, what stays, and that nothing breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.urls import canonical, site

PIECES = st.sampled_from(
    [
        "http",
        "https",
        "HTTP",
        "://",
        ":",
        "//",
        "/",
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2",
        "%2f",
        "@",
        "[",
        "]",
        "::1",
        "..",
        ".",
        "example.com",
        "EXAMPLE.com.",
        "xn--",
        "é",
        "中",
        "\ud800",
        " ",
        "\n",
        "\t",
        "\\",
        ":80",
        ":443",
        ":99999",
        "utm_source=x",
        "s=20",
        "id=7",
        "arxiv.org",
        "/abs/",
        "2103.06255",
        "v2",
        ".pdf",
        "amp",
        "/amp/",
        ".amp.html",
        "m.youtube.com",
        "google.com",
        "/amp/s/",
        ".cdn.ampproject.org",
        "/c/s/",
        "openreview.net",
        "/forum?id=",
        "huggingface.co",
        "/papers/",
        "/watch",
        "v=abcdefghijk",
        "&amp;",
        "127.0.0.1",
        "0x7f",
    ]
)


@given(st.one_of(st.text(st.characters()), st.lists(PIECES, max_size=14).map("".join)), st.none() | PIECES)
def test_canonical_is_idempotent_and_never_raises(text: str, base: str | None) -> None:
    """The canonical form of a canonical form is itself, for every text with and without a base."""
    once = canonical(text, base)
    assert canonical(once) == once
    site(text)


@given(
    st.lists(PIECES, max_size=6).map("".join),
    st.lists(st.sampled_from(["a=1", "id=x%20y", "v=b", "utm_medium=email", "gi=9", "b", "%75tm_x=1"]), max_size=5),
)
def test_canonical_is_idempotent_on_addresses(path: str, query: list[str]) -> None:
    """As above, on texts that are addresses in earnest."""
    once = canonical(f"https://Example.org/{path}?{'&'.join(query)}#part")
    assert canonical(once) == once


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://openreview.net/forum?id=d-XzF81Wg1&utm_campaign=A%27s%20News&utm_medium=email",
            "https://openreview.net/forum?id=d-XzF81Wg1",
        ),
        ("https://medium.com/a/b-1?source=collection_archive---2-----", "https://medium.com/a/b-1"),
        ("https://towardsdatascience.com/x?gi=70d64eee7d82&utm_medium=email", "https://towardsdatascience.com/x"),
        ("https://twitter.com/PyTorch/status/14?s=20&t=abc", "https://twitter.com/PyTorch/status/14"),
        ("https://t.co/hjHHbG24Ph?amp=1", "https://t.co/hjHHbG24Ph"),
        ("https://www.youtube.com/watch?v=abc&list=PL1&feature=share", "https://www.youtube.com/watch?v=abc&list=PL1"),
        ("https://example.com/a?b=1&c=2#part", "https://example.com/a?b=1&c=2"),
        ("https://example.com/?amp", "https://example.com/"),
        ("HTTP://EXAMPLE.com:80/Path", "http://example.com/Path"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("http://lukemetz.com/x/?utm_source=n", "http://lukemetz.com/x/"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/a?source=rss&ref=x&share=1&id=3", "https://example.com/a?id=3"),
        ("https://blog.example.com/?s=bees&utm_source=x", "https://blog.example.com/?s=bees"),
        ("https://example.com/search?source=books&s=1", "https://example.com/search?source=books&s=1"),
        ("https://example.com/view.php?source=7&ref=9", "https://example.com/view.php?source=7&ref=9"),
        ("https://api.example.com/files?ref=main", "https://api.example.com/files?ref=main"),
        ("https://a.substack.com/p/x?s=r&r=1ab&utm_medium=web", "https://a.substack.com/p/x"),
        ("https://a.example/p?id=1&amp;utm_source=n&amp;page=2", "https://a.example/p?id=1&amp;page=2"),
        ("https://www.nytimes.com/a.html?smid=tw&gift=7", "https://www.nytimes.com/a.html?gift=7"),
        ("https://news.ycombinator.com/item?id=7", "https://news.ycombinator.com/item?id=7"),
        ("https://example.com/x?fbclid=1&gclid=2&mc_cid=3&igshid=4&_hsenc=5&msclkid=6", "https://example.com/x"),
        ("https://example.com/x?_bhlid=1&_bhiiv=2", "https://example.com/x"),
        ("https://example.com/x?outputType=amp&q=1", "https://example.com/x?q=1"),
        ("https://example.com/x?type=amplifier", "https://example.com/x?type=amplifier"),
    ],
)
def test_what_goes_and_what_stays(url: str, expected: str) -> None:
    """Tracking, fragment and default port go; parameters that matter, the scheme and the path stay."""
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2103.06255",
        "http://arxiv.org/abs/2103.06255v2",
        "https://arxiv.org/pdf/2103.06255",
        "https://arxiv.org/pdf/2103.06255v3.pdf#page=2",
        "https://www.arxiv.org/abs/2103.06255?context=cs",
        "https://export.arxiv.org/abs/2103.06255",
        "https://cn.arxiv.org/abs/2103.06255v1",
        "https://arxiv.org/html/2103.06255v1",
        "https://arxiv.org/ftp/arxiv/papers/2103/2103.06255.pdf",
        "https://ar5iv.labs.arxiv.org/html/2103.06255",
        "https://www.arxiv-vanity.com/papers/2103.06255/#S4",
        "https://alphaxiv.org/abs/2103.06255v1",
        "https://doi.org/10.48550/arXiv.2103.06255",
        "https://arxiv.org/abs/2103.06255?utm_source=x",
        "https://www.alphaxiv.org/overview/2103.06255v2",
        "https://huggingface.co/papers/2103.06255",
        "https://hf.co/papers/2103.06255",
        "https://www.semanticscholar.org/arxiv/2103.06255",
        "https://scirate.com/arxiv/2103.06255",
        "https://papers.cool/arxiv/2103.06255",
        "https://www.emergentmind.com/papers/2103.06255",
        "https://www.catalyzex.com/paper/arxiv:2103.06255",
        "https://www.google.com/amp/s/arxiv.org/abs/2103.06255v1",
    ],
)
def test_every_address_of_a_paper_is_one(url: str) -> None:
    """Pages, files, versions and mirrors of an arXiv paper have the address of its abstract."""
    assert canonical(url) == "https://arxiv.org/abs/2103.06255"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://arxiv.org/abs/math.GT/0309136v2", "https://arxiv.org/abs/math/0309136"),
        ("http://xxx.lanl.gov/abs/hep-th/9711200", "https://arxiv.org/abs/hep-th/9711200"),
        ("https://arxiv.org/pdf/1402.1516", "https://arxiv.org/abs/1402.1516"),
        ("https://arxiv.org/list/cs.CL/2401", "https://arxiv.org/list/cs.CL/2401"),
        ("https://arxiv.org/abs/2113.06255", "https://arxiv.org/abs/2113.06255"),
        ("https://example.com/abs/2103.06255v1", "https://example.com/abs/2103.06255v1"),
        ("https://huggingface.co/blog/2103.06255", "https://huggingface.co/blog/2103.06255"),
        ("https://openreview.net/pdf?id=d-XzF81Wg1", "https://openreview.net/forum?id=d-XzF81Wg1"),
        ("https://openreview.net/forum?id=d-XzF81Wg1&noteId=x", "https://openreview.net/forum?id=d-XzF81Wg1"),
        ("https://openreview.net/profile?id=~A_B1", "https://openreview.net/profile?id=~A_B1"),
    ],
)
def test_old_identifiers_and_what_is_none(url: str, expected: str) -> None:
    """Old identifiers lose their subject class; what only looks like a paper's address stays."""
    assert canonical(url) == expected


def test_relative_addresses() -> None:
    """A relative address is made absolute with a base, and is left alone without one."""
    base = "https://medium.com/analytics-vidhya/news-week-12?source=x"
    assert canonical("/pytorch/flash?utm_medium=email", base) == "https://medium.com/pytorch/flash"
    assert canonical("other", base) == "https://medium.com/analytics-vidhya/other"
    assert canonical("/pytorch/flash") == "/pytorch/flash"


@pytest.mark.parametrize(
    "text", ["", "hello", "mailto:a@b.c", "javascript:alert(1)", "ftp://a.b/c", "http://", "http://["]
)
def test_what_is_no_url_stays(text: str) -> None:
    """Only http and https are URLs; any other text comes back as it is, and names no site."""
    assert canonical(text) == text
    assert site(text) == ""


def test_site() -> None:
    """The site is the host, in lower case, without port and user."""
    assert site("https://www.CNBC.com:443/2021") == "www.cnbc.com"
    assert site("http://user@example.org/") == "example.org"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:pass@example.org/a", "https://example.org/a"),
        ("https://app.example.org/#/post/1", "https://app.example.org/#/post/1"),
        ("https://app.example.org/#!/post/1", "https://app.example.org/#!/post/1"),
        ("https://example.org/a#part", "https://example.org/a"),
    ],
)
def test_secrets_and_places_in_a_page_go_and_routes_stay(url: str, expected: str) -> None:
    """A password never stands on a ballot, and two pages of one script are two pages."""
    assert canonical(url) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://m.youtube.com/watch?v=abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk"),
        ("https://mobile.twitter.com/a/status/1?s=20", "https://twitter.com/a/status/1"),
        ("https://mobile.x.com/a/status/1", "https://x.com/a/status/1"),
        ("https://en.m.wikipedia.org/wiki/Bee", "https://en.wikipedia.org/wiki/Bee"),
        ("https://zh-yue.m.wiktionary.org/wiki/x", "https://zh-yue.wiktionary.org/wiki/x"),
        ("https://mobile.nytimes.com/2021/a.html", "https://www.nytimes.com/2021/a.html"),
        ("https://m.example.com/a", "https://m.example.com/a"),
        ("https://amp.example.com/2021/story", "https://example.com/2021/story"),
        ("https://amp.theguardian.com/a/b", "https://www.theguardian.com/a/b"),
        ("https://amp.cnn.com/cnn/2021/05/x/index.html", "https://www.cnn.com/2021/05/x/index.html"),
        ("https://amp.dev/about", "https://amp.dev/about"),
        ("https://example.com/2021/a-story/amp/", "https://example.com/2021/a-story"),
        ("https://example.com/2021/a-story/amp", "https://example.com/2021/a-story"),
        ("https://example.com/a-story.amp.html", "https://example.com/a-story.html"),
        ("https://example.com/a-story.amp", "https://example.com/a-story"),
        ("https://www.cnbc.com/amp/2021/02/x.html", "https://www.cnbc.com/2021/02/x.html"),
        ("https://www.bbc.co.uk/news/amp/world-1", "https://www.bbc.co.uk/news/world-1"),
        ("https://www.google.com/amp/s/www.example.com/a/amp/?usqp=mq", "https://www.example.com/a"),
        ("https://www.google.co.uk/amp/example.com/a", "http://example.com/a"),
        ("https://x-example-com.cdn.ampproject.org/c/s/x.example.com/a?amp_js_v=1&b=2", "https://x.example.com/a?b=2"),
        ("https://example-com.cdn.ampproject.org/v/s/example.com/a.amp", "https://example.com/a"),
    ],
)
def test_mobile_and_amp_forms_are_folded(url: str, expected: str) -> None:
    """The dress that a site wears on phones and in caches is no other page."""
    assert canonical(url) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/ampproject/amp",
        "https://pypi.org/project/amp/",
        "https://www.npmjs.com/package/amp",
        "https://en.wikipedia.org/wiki/amp",
        "https://example.com/amp",
        "https://example.com/tags/amp/",
        "https://example.com/guitars/amplifiers",
        "https://www.google.com/search?q=amp",
    ],
)
def test_what_is_called_amp_is_left_alone(url: str) -> None:
    """A repository, a package, a page about amplifiers is no AMP form of anything."""
    assert canonical(url) == url


def test_an_endless_address_stays_as_it_is() -> None:
    """What is longer than any server takes, or wraps one address in another without end, costs no time."""
    for url in ("https://example.com/" + "a" * 1_000_000, "https://example.com" + "/amp" * 2_000):
        assert canonical(url) == url
