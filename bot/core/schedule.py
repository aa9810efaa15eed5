"""When issues are due: pure arithmetic on weekdays, zones and the present that is passed in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.core.model import Schedule

MINIMUM_GAP = timedelta(hours=20)
"""Two slots dealt with lie at least this far apart, so that neither a changed schedule nor changed zone
rules make two issues of one day; weekly slots are never nearer than six days."""


def slot_on(schedule: Schedule, day: date) -> datetime:
    """The slot of a local day, in UTC.

    An hour that daylight saving skips counts as if the clocks had not moved yet, one that comes twice
    is its first coming (PEP 495, fold=0): so each day has one slot, never none and never two.
    """
    return datetime.combine(day, schedule.at, schedule.tz).astimezone(UTC)


def next_slot(schedule: Schedule, after: datetime, last: datetime | None = None) -> datetime:
    """The first slot later than `after` and not within `MINIMUM_GAP` of the last one dealt with."""
    floor = after if last is None else max(after, last + MINIMUM_GAP)
    day = floor.astimezone(schedule.tz).date() - timedelta(days=2)
    day += timedelta(days=(schedule.weekday - day.weekday()) % 7)
    while (slot := slot_on(schedule, day)) <= floor:
        day += timedelta(days=7)
    return slot


def missed(schedule: Schedule, first: datetime, now: datetime) -> tuple[datetime, ...]:
    """The slots that have come by now, beginning with `first`, oldest first."""
    slots = []
    while first <= now:
        slots.append(first)
        first = next_slot(schedule, first, first)
    return tuple(slots)


def moved(schedule: Schedule, slot: datetime, now: datetime, last: datetime | None = None) -> datetime:
    """Where a slot that is still to come lies under the zone's present rules.

    A zone's rules change by law, and reach this machine with an update: the local hour stays, its moment moves.
    A slot that has come is left as it is, as is one that would come within `MINIMUM_GAP` of the last one.
    """
    if slot <= now:
        return slot
    there = slot.astimezone(schedule.tz).date()
    days = [there + timedelta(days=days) for days in (-1, 0, 1)]
    place = next((slot_on(schedule, day) for day in days if day.weekday() == schedule.weekday), slot)
    return slot if last is not None and place < last + MINIMUM_GAP else place
