"""Newsletters in files: what is no newsletter is refused with one clause that says what it is."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue
from bot.sources.markdown.reading import read_newsletter

MEGABYTE = 1_000_000
LARGEST = 5 * MEGABYTE
"""The size in bytes up to which a file is read."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_newsletter_file(path: Path) -> tuple[ParsedIssue, ...]:
    """Read the issues in a file; raises NotANewsletter for whatever is none, and for what cannot be read."""
    return read_newsletter_bytes(content_of(path))


def content_of(path: Path) -> bytes:
    """What is in a file that may hold a newsletter; raises NotANewsletter for what cannot be one."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise NotANewsletter("it is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise NotANewsletter("it is no ordinary file")
        _check_size(status.st_size)
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise NotANewsletter("there is no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotANewsletter(f"it cannot be read: {reason}") from error


def read_newsletter_bytes(content: bytes) -> tuple[ParsedIssue, ...]:
    """Read the issues in a file's bytes; raises NotANewsletter for whatever is none."""
    _check_size(len(content))
    if not content.strip():
        raise NotANewsletter("it is empty")
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotANewsletter("it is not text in UTF-8 or UTF-16") from error
    if "\0" in text:
        raise NotANewsletter("it is binary, not text")
    return read_newsletter(text)


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise NotANewsletter(f"it is larger than {LARGEST // MEGABYTE} MB")
