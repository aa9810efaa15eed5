"""Several issues in one text: each has its dates, also where its heading leaves out the year."""

from __future__ import annotations

import pytest

from bot.sources.markdown import read_newsletter
from bot.sources.markdown.dates import read_marks

ROWS = "| **Paper** | **Links** |\n|---|---|\n| 1) **One** - two | [Paper](https://arxiv.org/abs/2103.06255) |\n"


def _days(text: str) -> list[str | None]:
    return [issue.dated.isoformat() if issue.dated else None for issue in read_newsletter(text)]


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("Papers of the Week (June 9 - June 15) - 2025", "2025-06-09"),
        ("Papers of the Week (December 30 - January 5) - 2025", "2024-12-30"),
        ("Papers of the Week (Dec 30, 2024 - Jan 5, 2025)", "2024-12-30"),
        ("2024: December 30 - January 5", "2024-12-30"),
        ("Papers of the Week (October 13-19) - 2025", "2025-10-13"),
        ("Papers, 1 March 2025", "2025-03-01"),
    ],
)
def test_the_first_day_of_a_range(heading: str, day: str) -> None:
    """A range begins in the year before the one it names, if it turns the year before it names it."""
    read = read_marks(heading).day
    assert read is not None
    assert read.isoformat() == day


def test_years_from_the_list_of_issues() -> None:
    """An issue whose heading names no year has the one above its entry in a list; one left out has its neighbour's."""
    assert _days(
        "# Papers\n\n## 2024\n- [Week (January 1 - January 7)](#a)\n\n"
        "## 2023\n- [Week (December 24 - December 31)](#b)\n- [Week (Mar 20-Mar 26)](#c)\n- [Week (Jan 1-8)](#d)\n\n"
        f"## Week (January 1 - January 7) - 2024\n{ROWS}\n## Week (December 25 - December 31)\n{ROWS}\n"
        f"## Week (Mar 20-Mar 26)\n{ROWS}\n## Week (Jan 1-8)\n{ROWS}\n"
    ) == ["2024-01-01", "2023-12-25", "2023-03-20", "2023-01-01"]


def test_years_from_higher_headings() -> None:
    """An issue whose heading names no year has that of the heading it stands under."""
    assert _days(
        f"# Papers 2023\n\n## Week (May 8 - 14)\n{ROWS}\n## Week (May 1-7)\n{ROWS}\n"
        f"# Papers 2022\n\n## Week (May 1-7)\n{ROWS}\n## Week (Apr 1-7)\n{ROWS}\n"
    ) == ["2023-05-08", "2023-05-01", "2022-05-01", "2022-04-01"]


def test_no_year_is_made_up() -> None:
    """Where nothing names a year, an issue has no day."""
    assert _days(f"## Week (May 8 - 14)\n{ROWS}\n## Week (May 1-7)\n{ROWS}\n") == [None, None]


def test_many_issues() -> None:
    """A text of hundreds of issues is read, each with its own items."""
    text = "".join(f"## Week {n % 52 + 1} of {2020 + n // 52}\n{ROWS}\n" for n in range(300))
    issues = read_newsletter(text)
    assert len(issues) == 300
    assert {len(issue.items) for issue in issues} == {1}
