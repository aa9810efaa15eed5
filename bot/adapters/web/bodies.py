"""What pages send: read within limits, checked, cleaned; whatever is wrong with it is one sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bot.core.commands import File
from bot.core.errors import BroadsheetError
from bot.core.text import clean

JSON_BYTES = 64 * 1024
FILE_BYTES = 10 * 1024 * 1024
PARTS = 40
LONGEST_ID = 40
LONGEST_TEXT = 4000


class BadRequest(BroadsheetError):
    """A request that the page would never have sent."""


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of a request."""

    values: Mapping[str, object]

    def text(self, name: str, longest: int = LONGEST_TEXT, *, default: str | None = None) -> str:
        """A textual field, without characters that nobody types."""
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise BadRequest(f"The field {name} must be a text.")
        if len(value) > longest:
            raise BadRequest(f"That is too long: {name} takes {longest} characters at most.")
        return clean(value)

    def whole(self, name: str) -> int:
        """A number of something: whole, not negative, and not beyond what a file can count."""
        value = self.values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= LONGEST_ID:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
            raise BadRequest(f"The field {name} must be a whole number.")
        return value

    def flag(self, name: str) -> bool:
        """A yes or no."""
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise BadRequest(f"The field {name} must be true or false.")
        return value

    def has(self, name: str) -> bool:
        """Whether the field is there and holds something."""
        return self.values.get(name) not in (None, "")


async def read_json(request: web.Request) -> Body:
    """The JSON object that a request carries."""
    if request.content_type != "application/json":
        raise BadRequest("This address takes application/json.")
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > JSON_BYTES:
            raise BadRequest(f"That is too much: {JSON_BYTES // 1024} KiB at most.")
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object.")
    return Body(values)


async def read_form(request: web.Request) -> tuple[Body, dict[str, str | File]]:
    """The fields of a filled form, and the options among them, which are named `option:NAME`."""
    if request.content_type != "multipart/form-data":
        raise BadRequest("This address takes multipart/form-data.")
    values: dict[str, object] = {}
    options: dict[str, str | File] = {}
    try:
        reader = await request.multipart()
        while part := await reader.next():
            if not isinstance(part, BodyPartReader) or len(values) + len(options) >= PARTS:
                raise BadRequest("The form has parts that it should not have.")
            name = clean(part.name or "")
            if name.startswith("option:"):
                options[name.removeprefix("option:")] = await _option(part)
            else:
                values[name] = (await _content(part, JSON_BYTES)).decode("utf-8", "replace")
    except (ValueError, AssertionError, RuntimeError, LookupError) as error:
        raise BadRequest("The form cannot be read.") from error
    return Body(values), options


async def _option(part: BodyPartReader) -> str | File:
    if part.filename is None:
        return clean((await _content(part, JSON_BYTES)).decode("utf-8", "replace"))
    content = await _content(part, FILE_BYTES)
    return File(clean(part.filename), content) if part.filename or content else ""


async def _content(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > most:
            raise BadRequest(f"That is too much: {most // 1024} KiB at most.")
    return bytes(content)
