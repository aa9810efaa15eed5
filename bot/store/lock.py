"""One process on one file."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.errors import StoreError


@contextmanager
def sole_user(file: Path) -> Iterator[None]:
    """Hold the file against every other process that asks for it; raises `StoreError` if one does already.

    The operating system gives it free when the process ends, however it ends.
    """
    with file.with_name(f"{file.name}.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{file} is in use by another process; stop that one first.") from error
        yield
