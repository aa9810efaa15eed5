"""When two addresses lead to the same thing: every pair that should meet does, and no others."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.identity import identity, repository, same, same_site, spellings, video
from bot.core.urls import canonical

ALIKE = [
    (
        "https://proceedings.neurips.cc/paper_files/paper/2017/file/3f5ee243547dee91fbd053c1c4a845aa-Paper.pdf",
        "https://papers.nips.cc/paper/2017/hash/3f5ee243547dee91fbd053c1c4a845aa-Abstract.html",
    ),
    (
        "https://aclanthology.org/N18-1022.pdf",
        "http://www.aclweb.org/anthology/N18-1022",
        "https://doi.org/10.18653/v1/N18-1022",
    ),
    (
        "https://proceedings.mlr.press/v97/tan19a/tan19a.pdf",
        "http://proceedings.mlr.press/v97/tan19a.html",
    ),
    (
        "https://example.org/a/b",
        "http://example.org/a/b",
        "https://www.example.org/a/b/",
        "http://m.example.org/a/b?utm_source=x#top",
        "https://example.org/a/b/amp/",
        "https://EXAMPLE.org:443/a/%62",
    ),
    ("https://example.org", "http://www.example.org/", "https://example.org/index.html", "https://example.org/?ref=x"),
    ("https://example.org/x?a=1&b=2", "https://example.org/x?b=2&a=1", "http://example.org/x/?b=2&fbclid=7&a=1"),
    (
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://youtu.be/abcdefghijk?t=43",
        "https://m.youtube.com/watch?v=abcdefghijk&feature=share",
        "http://youtube.com/watch?list=PL1&v=abcdefghijk",
        "https://www.youtube.com/shorts/abcdefghijk",
        "https://www.youtube.com/live/abcdefghijk?si=x",
        "https://www.youtube-nocookie.com/embed/abcdefghijk",
    ),
    (
        "https://twitter.com/ada/status/123?s=20",
        "https://x.com/ada/status/123",
        "https://mobile.twitter.com/ada/status/123/photo/1",
        "https://x.com/i/web/status/123",
    ),
    ("https://x.com/ada", "https://twitter.com/ada", "http://www.twitter.com/ada/"),
    (
        "https://arxiv.org/abs/2103.06255",
        "http://arxiv.org/pdf/2103.06255v3",
        "https://huggingface.co/papers/2103.06255",
        "https://doi.org/10.48550/arXiv.2103.06255",
    ),
    ("https://openreview.net/forum?id=d-XzF81Wg1", "https://openreview.net/pdf?id=d-XzF81Wg1"),
    ("https://doi.org/10.1038/S41586-021-03819-2", "http://dx.doi.org/10.1038/s41586-021-03819-2"),
    (
        "https://github.com/Karpathy/nanoGPT",
        "http://github.com/karpathy/nanogpt.git",
        "https://github.com/karpathy/nanoGPT/",
    ),
    (
        "https://www.reddit.com/r/MachineLearning/comments/la0uux/how_widespread/",
        "https://old.reddit.com/r/MachineLearning/comments/la0uux",
    ),
    ("https://www.nytimes.com/a.html?unlocked_article_code=7", "https://nytimes.com/a.html"),
    ("https://app.example.org/#/posts/1", "http://app.example.org/#/posts/1"),
]

APART = [
    "https://example.org/a",
    "https://example.org/A",
    "https://example.org/a/c",
    "https://example.org/a?id=1",
    "https://example.org/a?id=2",
    "https://example.org:8443/a",
    "https://blog.example.org/a",
    "https://example.com/a",
    "https://example.org/a%2Fc",
    "https://app.example.org/#/posts/2",
    "https://www.youtube.com/watch?v=abcdefghijl",
    "https://www.youtube.com/playlist?list=PL1",
    "https://github.com/karpathy/minGPT",
    "https://github.com/karpathy/nanoGPT/issues",
    "https://twitter.com/ada/status/124",
    "https://openreview.net/forum?id=e-XzF81Wg1",
    "https://doi.org/10.1038/s41586-021-03820-2",
]


@pytest.mark.parametrize("alike", ALIKE, ids=lambda each: each[0])
def test_addresses_of_one_thing_share_an_identity(alike: tuple[str, ...]) -> None:
    """However a thing is linked to, it is one thing."""
    assert {identity(each) for each in alike} == {identity(alike[0])}


def test_addresses_of_different_things_do_not() -> None:
    """What differs by more than dress stays apart."""
    every = [*APART, *(alike[0] for alike in ALIKE)]
    assert [(one, other) for one, other in combinations(every, 2) if same(one, other)] == []


HOSTS = st.sampled_from(["example.org", "blog.example.org", "example.co.uk", "news.example"])
SEGMENTS = st.lists(st.sampled_from(["a", "post-1", "2021", "x.html", "caf%C3%A9", "b_c", "~me"]), max_size=4)
PARAMETERS = st.lists(st.sampled_from(["id=1", "q=a+b", "page=2", "v", "x=%20"]), max_size=3, unique=True)
TRACKING = st.lists(st.sampled_from(["utm_source=a", "fbclid=b", "mc_eid=c", "gclid=d", "_ga=e"]), max_size=2)


@given(HOSTS, SEGMENTS, PARAMETERS, TRACKING, st.data())
def test_dress_makes_no_difference(
    host: str, segments: list[str], parameters: list[str], tracking: list[str], data: st.DataObject
) -> None:
    """Scheme, `www.`, a slash at the end, the order of parameters and tracking change nothing about what is linked."""
    plain = f"https://{host}/{'/'.join(segments)}{'?' if parameters else ''}{'&'.join(parameters)}"
    scheme = data.draw(st.sampled_from(["http", "https", "HTTPS"]))
    dressed = data.draw(st.sampled_from(["", "www.", "WWW."])) + host
    mixed = "&".join(data.draw(st.permutations([*parameters, *tracking])))
    slash = data.draw(st.sampled_from(["", "/"])) if segments else ""
    other = f"{scheme}://{dressed}/{'/'.join(segments)}{slash}{'?' if mixed else ''}{mixed}#part"
    assert identity(other) == identity(plain)
    if not parameters:
        assert canonical(other) in spellings(plain)
        assert canonical(plain) in spellings(other)


@given(st.text(max_size=80) | st.builds("https://{}/{}".format, HOSTS, st.text(max_size=30)))
def test_any_text_has_an_identity_and_spellings(text: str) -> None:
    """No text makes them raise; an address is the first of its spellings, and each of these is the same thing."""
    found = identity(text)
    assert identity(canonical(text)) == found
    assert spellings(text)[0] == canonical(text)
    assert {identity(each) for each in spellings(text)} == {found}
    video(text), repository(text), same_site(text, text)


def test_what_a_store_is_asked_for() -> None:
    """The addresses by which a thing may be kept: its own first, those of other makes of links too, each once."""
    assert spellings("http://www.example.org/a/") == (
        "http://www.example.org/a/",
        "https://example.org/a/",
        "https://example.org/a",
        "https://www.example.org/a/",
        "https://www.example.org/a",
        "http://example.org/a/",
        "http://example.org/a",
        "http://www.example.org/a",
    )
    assert "https://twitter.com/ada/status/1" in spellings("https://x.com/ada/status/1")
    assert "https://www.youtube.com/watch?v=abcdefghijk" in spellings("https://youtu.be/abcdefghijk")
    assert spellings("https://arxiv.org/pdf/2103.06255") == ("https://arxiv.org/abs/2103.06255",)
    assert spellings("no link") == ("no link",)


def test_sites() -> None:
    """A site is the same in every dress; another site under the same name is not."""
    assert same_site("https://www.example.org/a", "http://m.example.org/b")
    assert not same_site("https://a.example.org/", "https://b.example.org/")
    assert not same_site("nothing", "nothing")


def test_repositories_and_videos() -> None:
    """Only a repository's front page is one, and only what YouTube shows under an id is a video."""
    assert repository("https://github.com/karpathy/nanoGPT/") == "karpathy/nanoGPT"
    for url in ("https://github.com/topics/bees", "https://github.com/karpathy", "https://github.com/a/b/issues/1"):
        assert repository(url) == ""
    assert video("https://youtu.be/abcdefghijk") == "abcdefghijk"
    for url in ("https://www.youtube.com/@ada", "https://youtu.be/short", "https://example.org/watch?v=abcdefghijk"):
        assert video(url) == ""
