"""Dates of papers as records give them: whole ones, months, years, or nothing to go by."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.core.model import Precision

UNKNOWN = datetime(1, 1, 1, tzinfo=UTC)
"""Stands in for a date that nobody gave; its precision says so."""

_DATE = re.compile(r"\s*([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?(?![0-9])")


def dated(year: int | None, month: int | None = None, day: int | None = None) -> tuple[datetime, Precision]:
    """The date and how much of it is known; parts that make no sense are left out."""
    given = ((month, day, Precision.DAY), (month, 1, Precision.MONTH), (1, 1, Precision.YEAR))
    for in_year, in_month, precision in given:
        try:
            return datetime(year or 0, in_year or 0, in_month or 0, tzinfo=UTC), precision
        except (ValueError, OverflowError):
            continue
    return UNKNOWN, Precision.NONE


def dated_text(text: str) -> tuple[datetime, Precision]:
    """The date at the start of a text such as `2021/06/19`, `2020-7` or `2017`."""
    found = _DATE.match(text)
    if found is None:
        return UNKNOWN, Precision.NONE
    year, month, day = (int(part) if part else None for part in found.groups())
    return dated(year, month, day)
