"""What is to be read again later: which messages, and when, with a longer wait after every try in vain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = timedelta(seconds=10)
LONGEST = timedelta(minutes=10)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries in vain: 10 seconds, then twice as long each time, 10 minutes at most."""
    return min(FIRST * (1 << min(tries - 1, 10)), LONGEST)


@dataclass(frozen=True, slots=True)
class _Try:
    tries: int
    wait: timedelta
    at: datetime | None = None


class Unread:
    """Deliveries by id whose reactions could not be read, each with the time of its next try."""

    def __init__(self) -> None:
        self._tries: dict[int, _Try] = {}

    def put(self, delivery_id: int, wait: timedelta | None) -> None:
        """Have a delivery come up again after a try in vain; wait: what the platform asked for, if it did."""
        before = self._tries.get(delivery_id)
        tries = before.tries + 1 if before else 1
        self._tries[delivery_id] = _Try(tries, pause(tries) if wait is None else wait)

    def done(self, delivery_id: int) -> None:
        """Forget a delivery."""
        self._tries.pop(delivery_id, None)

    def due(self, now: datetime) -> tuple[int, ...]:
        """The deliveries to read now; the wait of those that are new begins."""
        self._begin(now)
        # A moment further away than its wait was set by a clock that has been put back since.
        return tuple(
            number for number, each in self._tries.items() if each.at and (each.at <= now or each.at - now > each.wait)
        )

    def next_due(self, now: datetime) -> datetime | None:
        """When there is one to read again."""
        self._begin(now)
        return min((each.at for each in self._tries.values() if each.at), default=None)

    def _begin(self, now: datetime) -> None:
        for number, each in self._tries.items():
            if each.at is None:
                self._tries[number] = _Try(each.tries, each.wait, now + each.wait)
