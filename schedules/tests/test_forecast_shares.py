"""What a schedule adds to the forecast, against its instants named one by one."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from schedules.forecasting.shares import Hour, pack, share_of, unpack
from schedules.models import TaskSchedule
from schedules.planning import Entry, Outcome
from schedules.recurrence import RecurrenceError, Rule
from schedules.recurrence.tests.oracle import FREQUENCIES
from schedules.recurrence.tests.test_oracle import RULES, SEED, ZONES, random_rule
from tasks_api.roll_up.periods import HOUR, floor

START = datetime(2027, 3, 25, tzinfo=UTC)
"""Clocks change in Europe on the 28th."""
END = START + timedelta(days=9)


def schedule_of(**fields: object) -> TaskSchedule:
    """One that is not stored, and whose rule has not named anything yet."""
    schedule = TaskSchedule(
        **{"operation": "calculate", "priority": 5, "timezone": "UTC", "status": "active", **fields}
    )
    schedule.next_run_at = schedule.rule.next(START + timedelta(minutes=17))
    return schedule


def named(rule: Rule, start: datetime, end: datetime) -> Counter[Hour]:
    """Each instant by itself."""
    return Counter(Hour(floor(instant, HOUR), 5) for instant in rule.between(start, end))


def assert_as_named(schedule: TaskSchedule, *, days: float = 9) -> None:
    end = START + timedelta(days=days)
    share = share_of(schedule, {}, START, end)
    assert share is not None
    assert share == named(schedule.rule, START + timedelta(minutes=17, microseconds=1), end)
    assert unpack(pack(share)) == share


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_random_rules_are_counted_as_they_run(freq: str) -> None:
    dice = random.Random(f"{SEED}{freq} forecast")  # noqa: S311 - no secret
    for _ in range(RULES):
        slow = random_rule(dice, freq)
        fields = {"rrule": slow.text, "dst_gap": slow.gap, "dst_fold": slow.fold, "timezone": slow.zone.key}
        try:
            schedule = schedule_of(**fields)
        except RecurrenceError as error:
            if error.code != "never_matches":
                raise
            continue
        assert_as_named(schedule, days=1 if freq == "SECONDLY" else 9)


def test_random_intervals_are_counted_as_they_run() -> None:
    dice = random.Random(f"{SEED} intervals")  # noqa: S311 - no secret
    for _ in range(RULES * 4):
        unit, most = dice.choice([("days", 9), ("hours", 100), ("minutes", 200), ("seconds", 9_000)])
        starts_at = START + timedelta(seconds=dice.randrange(-(10**8), 10**6))
        number = dice.randint(60 if unit == "seconds" else 1, most)
        schedule = schedule_of(
            **{f"every_x_{unit}": number}, starts_at=starts_at, timezone=dice.choice(ZONES)
        )
        assert_as_named(schedule)


def test_random_crons_are_counted_as_they_run() -> None:
    dice = random.Random(f"{SEED} crons")  # noqa: S311 - no secret
    for _ in range(RULES * 4):
        minute = dice.choice(["*", "*/5", "*/7", "0", "13,14,15", "30-59"])
        hour = dice.choice(["*", "*/6", "2", "2,3", "9-17"])
        day = dice.choice(["*", "mon-fri", "sun"])
        assert_as_named(schedule_of(cron=f"{minute} {hour} * * {day}", timezone=dice.choice(ZONES)))


def test_random_ends_and_overrides_are_respected() -> None:
    dice = random.Random(f"{SEED} ends")  # noqa: S311 - no secret
    for _ in range(RULES * 4):
        left = dice.choice([1, 10, 60, 500, 100_000])
        schedule = schedule_of(
            every_x_minutes=dice.choice([7, 60, 1_000]), starts_at=START, schedule_x_times=left
        )
        instants = list(schedule.rule.between(schedule.next_run_at or END, END))
        taken = dice.sample(instants, min(len(instants), dice.randint(0, 5)))
        known = {instant: Entry(instant, Outcome.OVERRIDDEN, instant) for instant in taken}
        for instant in taken[::2]:
            known[instant] = Entry(
                instant, Outcome.MOVED, START + timedelta(minutes=dice.randrange(20, 30_000))
            )
        due = [instant for instant in instants if instant not in known]
        due += [entry.due_at for entry in known.values() if entry.outcome is Outcome.MOVED]
        expected = Counter(Hour(floor(instant, HOUR), 5) for instant in sorted(due)[:left] if instant < END)
        assert share_of(schedule, known, START, END) == expected


def test_runs_of_alike_hours_are_one_entry() -> None:
    share = share_of(schedule_of(every_x_seconds=1, starts_at=START), {}, START, END)
    assert share is not None
    assert [entry[1:] for entry in pack(share)] == [[1, 5, 43 * 60 - 1], [9 * 24 - 1, 5, 3_600]]
    assert share_of(schedule_of(cron="0 0 * * *"), {}, START, END) == {
        Hour(START + timedelta(days=day), 5): 1 for day in range(1, 9)
    }
