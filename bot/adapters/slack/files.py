"""Files that people attach, fetched from Slack with the bot's token."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.installations import Installations
from bot.core.commands import File
from bot.core.errors import BroadsheetError, Refused
from bot.core.text import clip

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of an attached file that are read at most."""


class Files:
    """Fetches what somebody attached to a form."""

    def __init__(self, installations: Installations, connection: Connection) -> None:
        self._installations = installations
        self._connection = connection

    async def fetch(self, team: str, described: Mapping[str, Any]) -> File:
        """The file that Slack describes; raises `Refused` where it is too large, or cannot be had."""
        name = str(described.get("name") or described.get("title") or "file")
        url = str(described.get("url_private_download") or described.get("url_private") or "")
        installed = await self._installations.get(team)
        if not url.startswith(("https://", "http://")) or installed is None:
            raise Refused(f"{clip(name, 60)} could not be had from Slack: attach it again.")
        if _whole(described.get("size")) > LARGEST_FILE:
            raise _too_large(name)
        try:
            return File(name, await self._read(name, url, installed.token))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise BroadsheetError(f"{clip(name, 60)} could not be had from Slack: please try again.") from error

    async def _read(self, name: str, url: str, token: str) -> bytes:
        timeout = aiohttp.ClientTimeout(total=self._connection.timeout)
        authorization = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url, headers=authorization, proxy=self._connection.proxy, max_redirects=3) as answer,
        ):
            # Slack shows its page for signing in, with status 200, to whoever may not have the file.
            page = answer.content_type == "text/html" and not name.casefold().endswith((".html", ".htm"))
            if answer.status != HTTPStatus.OK or page:
                raise Refused(f"I may not read {clip(name, 60)}: the app needs the scope files:read.")
            content = bytearray()
            async for piece in answer.content.iter_chunked(65_536):
                content += piece
                if len(content) > LARGEST_FILE:
                    raise _too_large(name)
        return bytes(content)


def _too_large(name: str) -> Refused:
    return Refused(f"{clip(name, 60)} is too large: I read files of up to 5 MB.")


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
