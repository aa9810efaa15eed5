"""Sites that are asked in their own way: what they say is read, and what they do not say is not made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

import pytest
from yarl import URL

from bot.core.errors import Unreadable
from bot.core.model import Kind, Page
from bot.sources.services import Github, Oembed, services
from tests.fakes.web_server import Reply, WebServer, moved

VIDEO = "https://www.youtube.com/watch?v=abcdefghijk"
NANO = {
    "full_name": "karpathy/nanoGPT",
    "description": "Small  models, trained fast.",
    "stargazers_count": 37128,
    "owner": {"login": "karpathy"},
    "created_at": "2022-12-28T00:51:12Z",
}


def _said(said: object, status: int = 200) -> Reply:
    return Reply(json.dumps(said).encode(), "application/json; charset=utf-8", status)


def _asks(url: str) -> str:
    return URL(f"http://example.org/oembed?format=json&url={quote(url, safe='')}").raw_path_qs


async def _video(name: str, url: str, reply: Reply) -> Page | None:
    async with WebServer() as server:
        host = f"127.0.0.1:{server.port}"
        server.pages[host + _asks(url)] = reply
        return await Oembed(name, f"http://{host}/oembed").page(url)


async def _repository(replies: Mapping[str, Reply], url: str) -> Page | None:
    async with WebServer() as server:
        host = f"127.0.0.1:{server.port}"
        server.pages.update({host + path: reply for path, reply in replies.items()})
        return await Github(f"http://{host}/").page(url)


async def test_a_video_on_youtube() -> None:
    """A video has its title, its channel and a picture, and the address at which it is watched."""
    said = {
        "title": "Bees, explained",
        "author_name": "Ada",
        "provider_name": "YouTube",
        "thumbnail_url": "https://i.example/1.jpg",
    }
    expected = Page(
        VIDEO, "Bees, explained", "YouTube", picture="https://i.example/1.jpg", author="Ada", kind=Kind.VIDEO
    )
    for url in (VIDEO, "https://youtu.be/abcdefghijk", "https://www.youtube.com/shorts/abcdefghijk"):
        assert await _video("YouTube", url, _said(said)) == expected


async def test_a_video_on_vimeo() -> None:
    """Vimeo says what a video is about, and when it was put up."""
    said = {"title": "Hives", "description": "On hives.", "upload_date": "2026-11-03 10:00:00"}
    page = await _video("Vimeo", "https://vimeo.com/76979871", _said(said))
    assert page == Page(
        "https://vimeo.com/76979871", "Hives", "Vimeo", "On hives.", dated=date(2026, 11, 3), kind=Kind.VIDEO
    )


async def test_a_repository() -> None:
    """A repository has its name as it is now, what it is, and how many people marked it."""
    page = await _repository({"/repos/Karpathy/nanogpt": _said(NANO)}, "https://github.com/Karpathy/nanogpt.git")
    assert page == Page(
        "https://github.com/karpathy/nanoGPT",
        "karpathy/nanoGPT",
        "GitHub",
        "Small models, trained fast.",
        author="karpathy",
        dated=date(2022, 12, 28),
        kind=Kind.REPOSITORY,
        stars=37128,
    )


async def test_a_repository_that_moved() -> None:
    """The API leads to where a repository went, which is followed on the API alone."""
    replies = {"/repos/old/name": moved("/repositories/7"), "/repositories/7": _said(NANO)}
    page = await _repository(replies, "https://github.com/old/name")
    assert page
    assert page.url == "https://github.com/karpathy/nanoGPT"
    with pytest.raises(Unreadable):
        await _repository({"/repos/old/name": moved("http://127.0.0.2/x")}, "https://github.com/old/name")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/watch?v=abcdefghijk",
        "https://www.youtube.com/@ada",
        "https://vimeo.com/about",
        "https://github.com/karpathy",
        "https://github.com/karpathy/nanoGPT/issues/1",
        "https://github.com/topics/bees",
        "",
    ],
)
async def test_what_is_not_theirs_is_not_asked_for(url: str) -> None:
    """A service is asked for its own things only."""
    async with WebServer() as server:
        base = f"http://127.0.0.1:{server.port}/"
        for service in services(base, base, base):
            assert await service.page(url) is None
        assert server.connections == 0


@pytest.mark.parametrize(
    "reply",
    [
        _said({}, 403),
        _said({"message": "API rate limit exceeded"}, 429),
        _said([1]),
        _said(None),
        Reply(b"{", "application/json"),
        Reply(b"[" * 100_000, "application/json"),
        Reply(b"<html>", "text/html"),
        Reply(b"\xff\xfe", "application/json"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:12]!r}",
)
async def test_no_answer_is_said_so(reply: Reply) -> None:
    """A refusal, a page in place of data, half an answer: all raise what makes the page itself be read."""
    with pytest.raises(Unreadable):
        await _video("YouTube", VIDEO, reply)
    with pytest.raises(Unreadable):
        await _repository({"/repos/a/b": reply}, "https://github.com/a/b")


async def test_an_answer_of_other_types_is_an_empty_one() -> None:
    """What is no text where text should be is left out."""
    said = {"full_name": 7, "description": None, "stargazers_count": "many", "owner": "x", "created_at": 9}
    page = await _repository({"/repos/a/b": _said(said)}, "https://github.com/a/b")
    assert page == Page("https://github.com/a/b", "a/b", "GitHub", kind=Kind.REPOSITORY)
