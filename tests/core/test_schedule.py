"""The slots of a schedule: one a week, whatever the clocks of its zone do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Schedule
from bot.core.schedule import MINIMUM_GAP, missed, next_slot, slot_on

ZONES = sorted(available_timezones() - {"localtime"})

schedules = st.builds(
    Schedule,
    st.integers(0, 6),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(1995, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC))


def test_the_next_slot_is_the_coming_weekday_at_its_hour() -> None:
    """A Monday schedule gives the Monday after, in UTC, and never the moment it is asked at."""
    schedule = Schedule(0, time(9), "Europe/Berlin")
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert next_slot(schedule, monday - timedelta(minutes=1)) == monday
    assert next_slot(schedule, monday) == monday + timedelta(days=7)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        ("America/St_Johns", date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 30), time(9), datetime(2011, 12, 30, 19, 0, tzinfo=UTC)),
    ],
)
def test_a_slot_in_a_transition_exists_once(zone: str, day: date, at: time, expected: datetime) -> None:
    """An hour that is skipped, repeated or lies on a day that never was still gives one moment."""
    assert slot_on(Schedule(day.weekday(), at, zone), day) == expected


@given(schedules, moments)
def test_each_week_has_one_slot(schedule: Schedule, start: datetime) -> None:
    """Over a year, the chain of next slots is the slot of every matching day: none doubled, none lost."""
    chain = [next_slot(schedule, start)]
    while chain[-1] < start + timedelta(days=366):
        chain.append(next_slot(schedule, chain[-1], chain[-1]))
    first = start.astimezone(ZoneInfo(schedule.zone)).date() - timedelta(days=2)
    days = [first + timedelta(days=n) for n in range(380)]
    slots = [slot_on(schedule, day) for day in days if day.weekday() == schedule.weekday]
    assert chain == [slot for slot in slots if start < slot][: len(chain)]


@given(schedules, moments, st.integers(0, 60 * 24 * 40))
def test_missed_slots_are_those_that_have_come(schedule: Schedule, start: datetime, minutes: int) -> None:
    """Slots missed end before the next slot, begin with the first, and lie in the past."""
    first = next_slot(schedule, start)
    now = start + timedelta(minutes=minutes)
    slots = missed(schedule, first, now)
    assert all(slot <= now for slot in slots)
    assert (slots[0] == first) if first <= now else not slots
    assert next_slot(schedule, now, slots[-1] if slots else None) > now


@given(schedules, schedules, moments)
def test_a_changed_schedule_makes_no_second_slot_of_one_day(one: Schedule, other: Schedule, start: datetime) -> None:
    """After a slot was dealt with, the next one of any other schedule is a good part of a day away."""
    last = next_slot(one, start)
    assert next_slot(other, last, last) >= last + MINIMUM_GAP
