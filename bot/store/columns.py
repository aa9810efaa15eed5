"""Column types: what goes into a column is checked and made storable here, and nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from bot.core.errors import Refused

LARGEST = 2**31 - 1
"""The largest number kept: PostgreSQL's integer has 32 bits."""


def storable(text: str) -> str:
    """The text without what databases refuse: lone surrogates (UTF-8 has none) and NUL (PostgreSQL)."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


class Words(TypeDecorator[str]):
    """Any text, however hostile."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is kept."""
        return None if value is None else storable(str(value))


class Whole(TypeDecorator[int]):
    """A whole number; raises `Refused` for one that no column can hold."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """The number itself."""
        if value is not None and abs(value) > LARGEST:
            raise Refused(f"a number is too large; the largest one kept is {LARGEST}.")
        return value


class Utc(TypeDecorator[datetime]):
    """A moment, kept in UTC so that it sorts; raises `ValueError` for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"the datetime {value.isoformat()} names no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, aware."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Span(TypeDecorator[timedelta]):
    """A length of time, kept in whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """The seconds."""
        return None if value is None else round(value.total_seconds())

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """The length of time."""
        return None if value is None else timedelta(seconds=value)


class Json(TypeDecorator[Any]):
    """Lists and objects, kept as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """The JSON text."""
        return storable(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """What the text holds; JSON has no tuples, so lists come back."""
        return None if value is None else json.loads(value)
