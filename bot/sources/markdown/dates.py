"""What a heading or a line says of its issue: number, year, week, month, day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9])"
_LONGEST_TITLE = 300
_WEEKS, _MONTHS_OF_YEAR = 53, 12


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_YEAR = _pattern(r"(?<![0-9])(?P<year>(?:19[89]|20[0-9])[0-9])(?![0-9])")
_WEEK = (
    _pattern(r"第\s*(?P<week>[0-9]{1,2})\s*(?:[周週]|个?星期)"),
    _pattern(
        r"\b(?:week|wk|cw|kw)\.?\s*(?:no\.?|number)?\s*#?\s*(?:20[0-9]{2}[\s,/-]+)?(?P<week>[0-9]{1,2})(?![0-9]|\s*月)"
    ),
    _pattern(r"(?<![0-9])20[0-9]{2}\s?-?W(?P<week>[0-9]{2})(?![0-9])"),
)
_DATE = (
    _pattern(r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})[-/.](?P<month>[01]?[0-9])[-/.](?P<day>[0-3]?[0-9])(?![0-9])"),
    _pattern(r"(?:(?P<year>20[0-9]{2})\s*年\s*)?(?P<month>1?[0-9])\s*月\s*(?P<day>[0-3]?[0-9])\s*[日号號]?(?![0-9])"),
    _pattern(rf"\b(?P<name>{_MONTH})\s*{_DAY}"),
    _pattern(rf"(?<![0-9]){_DAY}\s*(?:of\s+)?(?P<name>{_MONTH})"),
)
_TURN_OF_YEAR = _pattern(
    rf"\b(?P<first>{_MONTH})\s*[0-3]?[0-9]\s*(?:[-–—~]|to|until)\s*(?P<last>{_MONTH})\s*[0-3]?[0-9]"
)
_MONTH_ALONE = (
    _pattern(r"(?<![0-9])(?:20[0-9]{2}\s*年\s*)?(?P<month>1?[0-9])\s*月(?![\s0-9]*[日号號0-9])"),
    _pattern(rf"\b(?P<name>{_MONTH}),?\s+(?:of\s+)?20[0-9]{{2}}(?![0-9])"),
    _pattern(rf"(?<![0-9])20[0-9]{{2}},?\s+(?P<name>{_MONTH})(?!\s*[0-9]{{1,2}}(?![0-9]))"),
    _pattern(r"(?<![0-9.])20[0-9]{2}\s?[-/]\s?(?P<month>[01][0-9])(?![-/0-9])"),
)
_NUMBER = (
    _pattern(r"第\s*(?P<number>[0-9]{1,5})\s*[期号號回刊]"),
    _pattern(r"\b(?:issue|number|no\.|vol(?:ume)?\.?|edition|episode|ep\.?)\s*[#№]?\s*(?P<number>[0-9]{1,5})(?![0-9])"),
    _pattern(r"[#＃№]\s*(?P<number>[0-9]{1,5})(?![0-9]|\s*年)"),
)
_NUMBER_LAST = _pattern(r"[^\W\d_][^0-9]*\s(?P<number>[0-9]{1,4})\s*(?:[:：].*)?")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a text names; a month is one of a monthly edition, that is without a day or a week."""

    number: int | None = None
    year: int | None = None
    week: int | None = None
    month: int | None = None
    day: date | None = None

    @property
    def dated(self) -> bool:
        """Whether the text says when its issue came out, be it without the year."""
        return (self.year, self.week, self.month, self.day) != (None, None, None, None)


def read_marks(text: str, *, last_number: bool = False, year: int | None = None) -> Marks:
    """What a title or a line of a date says; the day is the first of several.

    last_number: whether a bare number at a title's end is the issue's. year: that of dates which name none.
    """
    text = text[:_LONGEST_TITLE]
    named_year = _YEAR.search(text)
    year = _number(named_year, "year") or year
    week = next(filter(None, (_within(each.search(text), "week", _WEEKS) for each in _WEEK)), None)
    dates = list(filter(None, (each.search(text) for each in _DATE)))
    day = next(filter(None, (_day(each, _year_of_first(text, named_year, year)) for each in dates)), None)
    months = () if week or dates else (_month(each.search(text)) for each in _MONTH_ALONE)
    named = next(filter(None, months), None)
    number = next(filter(None, (_not_year(each.search(text)) for each in _NUMBER)), None)
    if last_number and number is None and not (week or dates or named):
        number = _not_year(_NUMBER_LAST.fullmatch(text.strip()))
    return Marks(number, year, week, named, day)


def _year_of_first(text: str, named_year: re.Match[str] | None, year: int | None) -> int | None:
    """The year of the first date: one less where a range turns the year and names only the one it ends in."""
    turn = _TURN_OF_YEAR.search(text)
    if year is None or turn is None or (named_year and named_year.start() < turn.start()):
        return year
    return year - (_month_number(turn["first"]) > _month_number(turn["last"]))


def is_dated(text: str) -> bool:
    """Whether a heading names one issue among several: by a date with a day or a month, a week, or a number."""
    text = text[:_LONGEST_TITLE]
    marks = read_marks(text)
    named = (marks.number, marks.week, marks.month, marks.day)
    return any(each is not None for each in named) or any(each.search(text) for each in _DATE)


def _number(match: re.Match[str] | None, name: str) -> int | None:
    return int(match[name]) if match and match[name] else None


def _within(match: re.Match[str] | None, name: str, most: int) -> int | None:
    number = _number(match, name)
    return number if number and number <= most else None


def _not_year(match: re.Match[str] | None) -> int | None:
    number = _number(match, "number")
    return None if match is None or _YEAR.fullmatch(match["number"]) else number


def _month(match: re.Match[str] | None) -> int | None:
    name = match.groupdict().get("name") if match else None
    return _month_number(name) if name else _within(match, "month", _MONTHS_OF_YEAR)


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _day(match: re.Match[str], year: int | None) -> date | None:
    month = _month(match)
    year = _number(match, "year") if match.groupdict().get("year") else year
    try:
        return date(year, month, int(match["day"])) if year and month else None
    except ValueError:
        return None
