"""Bodies of answers, unpacked within a limit: what a bomb would unpack to beyond it is never made."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass

from bot.core.errors import Unreadable

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of a body; cut: there would have been more."""

    content: bytes
    cut: bool


async def read_body(chunks: AsyncIterable[bytes], packing: str, largest: int) -> Body:
    """Read a body to its end, or to `largest` bytes of it, packed and unpacked.

    packing: as in the header Content-Encoding. Raises `Unreadable` for a packing that was not asked for.
    """
    unpack = _unpacker(packing.strip().lower())
    content, taken = bytearray(), 0
    try:
        async for chunk in chunks:
            taken += len(chunk)
            content += unpack(chunk, largest + 1 - len(content))
            if len(content) > largest or taken > largest:
                return Body(bytes(content[:largest]), cut=True)
    except zlib.error as error:
        raise Unreadable("The page is packed in a way that I cannot unpack.") from error
    return Body(bytes(content), cut=False)


class _Plain:
    def __call__(self, chunk: bytes, room: int) -> bytes:
        return chunk[:room]


class _Packed:
    """Unpacks gzip, and deflate with or without its header, as servers send either (RFC 9110, section 8.4.1.2)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._stream: zlib._Decompress | None = None

    def __call__(self, chunk: bytes, room: int) -> bytes:
        if not chunk:
            return b""
        if self._stream is None:
            bare = not self._gzip and chunk[0] & 0x0F != _ZLIB_METHOD
            self._stream = zlib.decompressobj(_GZIP if self._gzip else -zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
        # What `room` leaves behind is dropped: the body is cut there.
        return b"" if self._stream.eof else self._stream.decompress(chunk, room)


def _unpacker(packing: str) -> _Plain | _Packed:
    match packing:
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Packed(gzip=True)
        case "deflate":
            return _Packed(gzip=False)
        case _:
            raise Unreadable("The page is packed in a way that I did not ask for.")
