"""Sites that say what a page is when they are asked in their own way, which is quicker and surer than reading it.

YouTube and Vimeo answer by oEmbed (https://oembed.com), GitHub by its REST API
(https://docs.github.com/en/rest/repos/repos#get-a-repository), without a key sixty times an hour.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.core.errors import Unreadable
from bot.core.identity import repository, video
from bot.core.model import Kind, Page
from bot.core.text import clip, one_line
from bot.core.urls import canonical, site
from bot.sources.addresses import OnlyAt
from bot.sources.fetching import Fetcher
from bot.sources.pages import LONGEST_DESCRIPTION, LONGEST_TITLE, read_day

YOUTUBE = "https://www.youtube.com/oembed"
VIMEO = "https://vimeo.com/api/oembed.json"
GITHUB = "https://api.github.com"

TIMEOUT = timedelta(seconds=3)
"""For an answer; without one the page itself is read."""

_JSON = frozenset({"application/json", "application/vnd.github+json", "text/json"})
_LARGEST = 500_000
_OK = 200
_VIMEO_PATH = re.compile(r"/(?:channels/[\w-]+/|groups/[\w-]+/videos/|album/[0-9]+/video/)?[0-9]+(?:/[0-9a-f]+)?/?")


class Service(Protocol):
    """A site that is asked in its own way."""

    async def page(self, url: str) -> Page | None:
        """What is at an address, or None where it is none of this service's; raises `Unreadable`."""
        ...


class Oembed:
    """Videos by oEmbed. url: the service's address for it."""

    def __init__(self, name: str, url: str, resolver: AbstractResolver | None = None) -> None:
        self._name = name
        self._url = url
        self._fetcher = _fetcher(url, resolver)

    async def page(self, url: str) -> Page | None:
        """The video at an address; `Unreadable` for one that is private or gone, too."""
        if not self._has(url):
            return None
        said = await _json(self._fetcher, f"{self._url}?format=json&url={quote(url, safe='')}")
        return Page(
            url=_address(url),
            title=_text(said, "title", LONGEST_TITLE),
            site=_text(said, "provider_name", 80) or self._name,
            description=_text(said, "description", LONGEST_DESCRIPTION),
            picture=_text(said, "thumbnail_url", 2_000) or None,
            author=_text(said, "author_name", 80),
            dated=read_day(_text(said, "upload_date", 40)),
            kind=Kind.VIDEO,
        )

    def _has(self, url: str) -> bool:
        if self._name == "YouTube":
            return video(url) != ""
        return site(url).removeprefix("www.") == "vimeo.com" and bool(_VIMEO_PATH.fullmatch(urlsplit(url).path))


class Github:
    """Repositories by GitHub's API. url: the API's address."""

    def __init__(self, url: str = GITHUB, resolver: AbstractResolver | None = None) -> None:
        self._url = url.rstrip("/")
        self._fetcher = _fetcher(url, resolver)

    async def page(self, url: str) -> Page | None:
        """The repository at an address, under the name that it has now."""
        named = repository(url)
        if not named:
            return None
        said = await _json(self._fetcher, f"{self._url}/repos/{named}", Accept="application/vnd.github+json")
        now = _text(said, "full_name", 200) or named
        stars, owner = said.get("stargazers_count"), said.get("owner")
        return Page(
            url=f"https://github.com/{now}",
            title=now,
            site="GitHub",
            description=_text(said, "description", LONGEST_DESCRIPTION),
            author=_text(owner, "login", 80) if isinstance(owner, dict) else "",
            dated=read_day(_text(said, "created_at", 40)),
            kind=Kind.REPOSITORY,
            stars=stars if isinstance(stars, int) and not isinstance(stars, bool) and stars >= 0 else None,
        )


def services(youtube: str = YOUTUBE, vimeo: str = VIMEO, github: str = GITHUB) -> tuple[Service, ...]:
    """Every service, each at its address."""
    return Oembed("YouTube", youtube), Oembed("Vimeo", vimeo), Github(github)


def _address(url: str) -> str:
    """The address at which a video is watched; its short and embedded forms name it too."""
    url, found = canonical(url), video(url)
    return url if not found or urlsplit(url).path == "/watch" else f"https://www.youtube.com/watch?v={found}"


def _fetcher(url: str, resolver: AbstractResolver | None) -> Fetcher:
    return Fetcher(OnlyAt(URL(url)), timeout=TIMEOUT, largest=_LARGEST, resolver=resolver)


async def _json(fetcher: Fetcher, url: str, **headers: str) -> dict[str, Any]:
    answer = await fetcher.fetch(url, media=_JSON, headers=headers)
    if answer.status != _OK:
        raise Unreadable(f"The service answered with status {answer.status}.")
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The service's answer makes no sense.") from error
    if not isinstance(said, dict):
        raise Unreadable("The service's answer makes no sense.")
    return said


def _text(said: dict[str, Any], name: str, length: int) -> str:
    value = said.get(name)
    return clip(one_line(value[: 20 * length]), length) if isinstance(value, str) else ""
