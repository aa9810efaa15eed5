"""A clock that misbehaves: one issue a slot, none later than its grace, and the reader told when it is late."""

from __future__ import annotations

import shutil
import tempfile
import zoneinfo
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.grace import LATE, LEAST_GRACE
from bot.core.model import Issue, Item, Kind, Newsletter, Nomination, Rules, Schedule, Subscription
from bot.core.schedule import moved, next_slot, slot_on
from tests.core.test_schedule import moments, schedules
from tests.world import MONDAY, PAPER, SUNDAY, World, world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter that is due on Monday and takes whatever is nominated."""
    async with world(tmp_path) as made:
        await start(made, Schedule(0, time(9), "UTC"))
        yield made


async def start(town: World, schedule: Schedule, grace: timedelta = timedelta(hours=48)) -> None:
    """Set a newsletter up by hand, with enough on its ballot for many issues."""
    slot = next_slot(schedule, town.clock.now())
    async with town.store.transaction() as tx:
        made = Newsletter(
            0,
            "The Paper",
            schedule,
            rules=Rules(picks=1, threshold=0, carry=99),
            grace=grace,
            next_slot=slot,
            next_at=slot,
        )
        kept = await tx.newsletters.add(made)
        await tx.newsletters.subscribe(Subscription(kept.id, PAPER))
        ballot = await tx.ballots.open(kept.id, town.clock.now())
        for number in range(12):
            item = Item(0, f"https://example.org/{number}", f"Item {number}", "example.org", Kind.ARTICLE)
            item = await tx.items.ensure(item)
            await tx.ballots.nominate(Nomination(0, ballot.id, item, 0, "Articles", town.clock.now()))


async def issues(town: World) -> list[Issue]:
    """What was published, oldest first; no two share a slot or a number."""
    async with town.store.snapshot() as tx:
        found = sorted(await tx.issues.recent(1, 100), key=lambda each: each.number or 0)
    assert not [each for each, times in Counter(issue.slot for issue in found).items() if times > 1]
    assert [each.number for each in found] == list(range(1, len(found) + 1))
    return found


async def slots(town: World) -> list[datetime | None]:
    """The slots that have their issue."""
    return [each.slot for each in await issues(town)]


async def by_the_day(town: World, until: datetime) -> None:
    """Let the days pass, and whatever is due at its moment."""
    while town.clock.now() < until:
        due = await town.week.next_due() or until
        await town.at(min(max(due, town.clock.now()), town.clock.now() + DAY, until))


async def test_a_clock_set_back_an_hour_publishes_nothing_twice(town: World) -> None:
    """The hour of the slot comes again, the issue does not; next Monday's does."""
    await town.at(MONDAY)
    for minutes in range(-60, 61, 10):
        await town.at(MONDAY + timedelta(minutes=minutes))
    assert await slots(town) == [MONDAY]
    await by_the_day(town, MONDAY + WEEK)
    assert await slots(town) == [MONDAY, MONDAY + WEEK]


async def test_a_clock_set_forward_a_day_and_back_publishes_once(town: World) -> None:
    """What came out early by a clock that was wrong does not come out again by the right one."""
    await town.at(SUNDAY - DAY)
    await town.at(SUNDAY + DAY)
    assert await slots(town) == [MONDAY]
    await town.at(SUNDAY)
    await by_the_day(town, MONDAY + WEEK + HOUR)
    assert await slots(town) == [MONDAY, MONDAY + WEEK]
    assert [each.late_since for each in await issues(town)] == [None if SUNDAY + DAY - MONDAY <= LATE else MONDAY, None]


async def test_a_retry_set_by_a_clock_that_was_ahead_is_not_waited_for(town: World) -> None:
    """What failed while the clock was a day ahead is due as soon as the clock is right again."""
    await town.at(MONDAY - timedelta(seconds=1))
    async with town.store.transaction() as tx:
        kept = await tx.newsletters.get(1)
        await tx.newsletters.save(replace(kept, next_slot=MONDAY, next_at=MONDAY + DAY))
    await town.at(MONDAY - HOUR)
    await town.at(MONDAY)
    assert await slots(town) == [MONDAY]


async def test_the_last_ballot_is_the_last_one_whatever_the_clock_said(town: World) -> None:
    """Ballots closed by a clock that went back are told apart by their numbers."""
    await town.at(MONDAY + WEEK)
    async with town.store.transaction() as tx:
        ballot = await tx.ballots.current(1)
        assert ballot is not None
        await tx.ballots.close(ballot.id, MONDAY, ())
        assert await tx.ballots.last_closed(1) == await tx.ballots.get(ballot.id)


async def test_a_leap_second_makes_one_issue(town: World) -> None:
    """The second before the slot comes twice, as clocks show a leap second; the slot's issue comes once."""
    second = timedelta(seconds=1)
    for offset in (-2, -1, -1, 0, 0, 1):
        await town.at(MONDAY + offset * second)
        await town.at(MONDAY + offset * second + second / 2)
    assert await slots(town) == [MONDAY]
    assert (await issues(town))[0].late_since is None


@pytest.mark.parametrize(
    ("asleep", "skipped", "published"),
    [
        (timedelta(days=9), [MONDAY], MONDAY + WEEK),
        (timedelta(days=9, seconds=1), [MONDAY, MONDAY + WEEK], None),
        (timedelta(minutes=10), [], MONDAY),
        (timedelta(hours=30), [], MONDAY),
    ],
)
async def test_a_machine_that_slept(
    town: World, asleep: timedelta, skipped: list[datetime], published: datetime | None
) -> None:
    """Of the slots slept through the last one is made up for within its grace, and says that it is late."""
    await town.at(SUNDAY)
    await town.at(MONDAY + asleep)
    found = await issues(town)
    assert [each.slot for each in found] == ([published] if published else [])
    text = "\n".join(town.texts())
    assert ("This issue is late" in text) == (published is not None and asleep > LATE)
    async with town.store.snapshot() as tx:
        told = " ".join(text for _, text in await tx.outbox.notices(1, 9))
    assert (f"{len(skipped)} issue" in told) == bool(skipped)
    await by_the_day(town, MONDAY + 2 * WEEK)
    assert (await slots(town))[-1] == MONDAY + 2 * WEEK


@pytest.mark.parametrize(
    ("zone", "days", "at"),
    [
        ("Europe/Berlin", (date(2026, 3, 29), date(2026, 10, 25)), time(2, 30)),
        ("America/New_York", (date(2026, 3, 8), date(2026, 11, 1)), time(1, 30)),
        ("Australia/Lord_Howe", (date(2026, 4, 5), date(2026, 10, 4)), time(1, 45)),
        ("America/Santiago", (date(2026, 4, 5), date(2026, 9, 6)), time(0, 0)),
        ("Africa/Casablanca", (date(2026, 2, 15), date(2026, 3, 22)), time(2, 30)),
    ],
)
async def test_daylight_saving_makes_and_takes_no_issue(
    tmp_path: Path, zone: str, days: tuple[date, date], at: time
) -> None:
    """Around both changes of a year, on the very hour that is skipped or comes twice: an issue a week, on its hour."""
    for number, change in enumerate(days):
        folder = tmp_path / str(number)
        folder.mkdir()
        schedule = Schedule(change.weekday(), at, zone)
        wanted = [slot_on(schedule, change + days * WEEK) for days in (-1, 0, 1)]
        async with world(folder, wanted[0] - DAY) as town:
            await start(town, schedule)
            while town.clock.now() < wanted[-1] + HOUR:
                await town.at(min(await due(town), town.clock.now() + 3 * DAY))
                for shift in (-HOUR, HOUR):
                    town.clock.advance(shift)
                    await town.work()
            assert await slots(town) == wanted
            assert [each.late_since for each in await issues(town)] == [None, None, None]
            assert {each.dated.weekday() for each in await issues(town)} == {change.weekday()}


async def due(town: World) -> datetime:
    """When there is something to do next, which is later than now."""
    found = await town.week.next_due()
    assert found is not None
    return max(found, town.clock.now() + timedelta(minutes=1))


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Path]:
    """A folder of zones of our own, where Test/Town has Berlin's rules until another file takes its place."""
    folder = tmp_path / "zones"
    (folder / "Test").mkdir(parents=True)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([folder, *before])
    enact(folder, "Berlin")
    yield folder
    zoneinfo.reset_tzpath(before)
    ZoneInfo.clear_cache(only_keys=["Test/Town"])


def enact(folder: Path, like: str) -> None:
    """Give Test/Town the rules of another European city."""
    with files("tzdata.zoneinfo.Europe").joinpath(like).open("rb") as source, (folder / "Test/Town").open("wb") as to:
        shutil.copyfileobj(source, to)
    ZoneInfo.clear_cache(only_keys=["Test/Town"])


@pytest.mark.parametrize(("like", "hours"), [("Istanbul", -2), ("London", 1), ("Berlin", 0)])
async def test_a_zone_whose_rules_changed(tmp_path: Path, rules: Path, like: str, hours: int) -> None:
    """After an update of the zones the issue comes at its local hour by the new rules, once, and not called late."""
    async with world(tmp_path) as town:
        await start(town, Schedule(0, time(9), "Test/Town"))
        assert await town.week.next_due() == MONDAY - HOUR
    enact(rules, like)
    async with world(tmp_path) as town:
        await town.work()
        slot = MONDAY - HOUR + hours * HOUR
        assert await town.week.next_due() == slot
        await by_the_day(town, MONDAY + WEEK + 5 * HOUR)
        assert await slots(town) == [slot, slot + WEEK]
        assert [each.late_since for each in await issues(town)] == [None, None]


async def test_a_zone_whose_rules_changed_after_its_slot_brings_no_second_one(tmp_path: Path, rules: Path) -> None:
    """Rules that move the hour to later on a day whose issue is out move next week's issue only."""
    async with world(tmp_path) as town:
        await start(town, Schedule(0, time(9), "Test/Town"))
        await town.at(MONDAY)
        sent = town.chat.sent
    enact(rules, "London")
    async with world(tmp_path, MONDAY) as town:
        town.chat.sent = sent
        await by_the_day(town, MONDAY + WEEK + HOUR)
        assert await slots(town) == [MONDAY - HOUR, MONDAY + WEEK]


async def test_a_zone_that_is_gone_stops_its_own_newsletter_alone(tmp_path: Path, rules: Path) -> None:
    """A newsletter whose zone this machine knows no more keeps its times; another one's issue comes out."""
    async with world(tmp_path) as town:
        await start(town, Schedule(0, time(9), "UTC"))
        async with town.store.transaction() as tx:
            lost = Newsletter(0, "Lost", Schedule(0, time(9), "Test/Town"), next_slot=MONDAY, next_at=MONDAY)
            await tx.newsletters.add(lost)
    (rules / "Test/Town").unlink()
    ZoneInfo.clear_cache(only_keys=["Test/Town"])
    async with world(tmp_path) as town:
        await town.at(MONDAY)
        assert await slots(town) == [MONDAY]
        async with town.store.snapshot() as tx:
            assert (await tx.newsletters.get(2)).next_slot == MONDAY


@given(schedules, moments)
def test_a_slot_of_the_present_rules_is_not_moved(schedule: Schedule, start: datetime) -> None:
    """Where no rules changed, a slot stays where it is."""
    slot = next_slot(schedule, start)
    assert moved(schedule, slot, start) == slot
    assert moved(schedule, slot, slot) == slot


steps = st.lists(
    st.one_of(
        st.integers(1, 200).map(lambda minutes: timedelta(minutes=minutes)),
        st.integers(1, 220).map(lambda hours: timedelta(hours=hours)),
        st.sampled_from([-HOUR, DAY, -DAY, timedelta(seconds=-1), timedelta(days=9), timedelta(0)]),
    ),
    max_size=12,
)


@settings(max_examples=20)
@given(
    steps,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.integers(0, 6),
    st.integers(0, 23),
    st.sampled_from([timedelta(0), timedelta(hours=5), timedelta(hours=48)]),
)
async def test_whatever_the_clock_does(
    steps: list[timedelta], zone: str, weekday: int, hour: int, grace: timedelta
) -> None:
    """However the clock jumps: an issue a slot at most, on the slots of its schedule, in time, late ones called so."""
    schedule = Schedule(weekday, time(hour, 30), zone)
    with tempfile.TemporaryDirectory() as folder:
        async with world(Path(folder), datetime(2026, 3, 20, tzinfo=UTC)) as town:
            await start(town, schedule, grace)
            for step in steps:
                town.clock.advance(step)
                await town.work()
                await town.work()
            latest = town.clock.now()
            found = await issues(town)
            for issue in found:
                assert issue.slot is not None
                assert issue.published_at is not None
                local = issue.slot.astimezone(schedule.tz)
                assert issue.slot == slot_on(schedule, local.date())
                delay = issue.published_at - issue.slot
                assert timedelta(0) <= delay <= max(grace, LEAST_GRACE)
                assert issue.late_since == (issue.slot if delay > LATE else None)
            heads = Counter(
                each.post.title for each in town.chat.sent if each.channel == PAPER and "#" in each.post.title
            )
            assert all(times == 1 for times in heads.values())
            async with town.store.snapshot() as tx:
                coming = (await tx.newsletters.get(1)).next_slot
            assert coming is not None
            assert coming > latest or any(step < timedelta(0) for step in steps)
