"""What SQLAlchemy and the drivers raise, turned into our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from bot.core.errors import StoreError
from bot.store import sqlite


@contextmanager
def translated(file: Path, *, reading: bool = False) -> Iterator[None]:
    """Raise `StoreError` for what goes wrong with the database at `file`.

    A value that no column takes raises what its column type said of it.
    """
    try:
        yield
    except DBAPIError as error:
        if reading and sqlite.is_write(error.orig):
            raise StoreError("a snapshot only reads; write in a transaction.") from error
        raise StoreError(f"{file} {sqlite.trouble(error.orig)}") from error
    except StatementError as error:
        if error.orig is None:
            raise StoreError(f"{file} cannot be used: {error}") from error
        raise error.orig from None
    except SQLAlchemyError as error:
        raise StoreError(f"{file} cannot be used: {error}") from error


@contextmanager
def opening(file: Path) -> Iterator[None]:
    """Raise `StoreError` for what goes wrong while the database at `file` is opened."""
    with translated(file):
        try:
            yield
        except OSError as error:
            raise StoreError(f"{file} cannot be opened: {error.strerror}.") from error
