"""Files that people attach, fetched from Slack with the bot's token."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.wire import Wire
from bot.core.commands import File
from bot.core.errors import BroadsheetError, Refused
from bot.core.text import clip

log = structlog.get_logger()

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of an attached file that are read at most."""

_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Files:
    """Fetches what somebody attached to a form."""

    def __init__(self, wire: Wire, connection: Connection) -> None:
        self._wire = wire
        self._connection = connection

    async def fetch(self, team: str, described: dict[str, Any]) -> File:
        """The file that Slack describes; raises `Refused` where it is too large, or cannot be had."""
        if not _address(described) and described.get("id"):
            described |= await self._more(team, str(described["id"]))
        name = str(described.get("name") or described.get("title") or "file")
        url = _address(described)
        # What lies elsewhere is not shown our token.
        if described.get("is_external") or not url.startswith(("https://", "http://")):
            raise _lost(name)
        if _whole(described.get("size")) > LARGEST_FILE:
            raise _too_large(name)
        token = (await self._wire.installation(team)).token
        try:
            return File(name, await self._read(name, url, token))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("a file could not be fetched", team=team, reason=str(error) or type(error).__name__)
            raise Refused(f"{clip(name, 60)} could not be had from Slack just now: please try again.") from error

    async def _more(self, team: str, number: str) -> dict[str, Any]:
        """What Slack tells of a file when it is asked: of some, a form has no more than the id."""
        try:
            told = (await self._wire.ask(team, "files.info", file=number)).get("file")
        except BroadsheetError as error:
            log.warning("a file is not known", team=team, reason=str(error))
            return {}
        return told if isinstance(told, dict) else {}

    async def _read(self, name: str, url: str, token: str) -> bytes:
        timeout = aiohttp.ClientTimeout(total=self._connection.timeout)
        authorization = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url, headers=authorization, proxy=self._connection.proxy, max_redirects=3) as answer,
        ):
            if answer.status in _GONE:
                raise _lost(name)
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                answer.raise_for_status()
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


def _address(described: Mapping[str, Any]) -> str:
    return str(described.get("url_private_download") or described.get("url_private") or "")


def _lost(name: str) -> Refused:
    return Refused(f"{clip(name, 60)} could not be had from Slack: attach it again.")


def _too_large(name: str) -> Refused:
    return Refused(f"{clip(name, 60)} is too large: I read files of up to 5 MB.")


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
