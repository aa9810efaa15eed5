"""What could not be read is read again: soon at first, then ever less often, and never forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.unread import FIRST, LONGEST, Unread, pause

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_wait_doubles_up_to_ten_minutes() -> None:
    """Ten seconds, twenty, forty, and ten minutes at most however often it was tried."""
    assert [pause(tries) for tries in (1, 2, 3)] == [FIRST, FIRST * 2, FIRST * 4]
    assert pause(7) == LONGEST
    assert pause(10_000) == LONGEST


def test_a_failure_comes_up_after_its_wait() -> None:
    """Nothing before, and every time until it is done; in vain again, the wait is longer."""
    unread = Unread()
    unread.put(1, None)
    assert unread.next_due(NOON) == NOON + FIRST
    assert unread.due(NOON + FIRST - SECOND) == ()
    assert unread.due(NOON + FIRST) == (1,)
    unread.put(1, None)
    assert unread.next_due(NOON + FIRST) == NOON + 3 * FIRST
    unread.done(1)
    assert unread.next_due(NOON) is None
    assert unread.due(NOON + timedelta(days=1)) == ()


def test_the_platforms_own_wait_is_obeyed() -> None:
    """What the platform asks for counts in place of ours; nothing to wait for is due at once."""
    unread = Unread()
    unread.put(1, timedelta(minutes=30))
    unread.put(2, timedelta(0))
    assert unread.due(NOON) == (2,)
    assert unread.due(NOON + timedelta(minutes=30)) == (1, 2)


def test_a_clock_set_back_postpones_nothing() -> None:
    """After the clock went back by a day, what was to wait for seconds is due."""
    unread = Unread()
    unread.put(1, None)
    assert unread.due(NOON) == ()
    assert unread.due(NOON - timedelta(days=1)) == (1,)
