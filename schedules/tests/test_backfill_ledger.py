"""What a backfill leaves in the ledger: ranges make room, and every instant stays covered once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from access.actor import NOBODY
from rest.json import instant_text
from schedules import ledger
from schedules.actions import pausing
from schedules.actions.backfilling import backfill
from schedules.actions.pausing import CatchUp
from schedules.ledger import ranges
from schedules.models import Occurrence, TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.recurrence import RuleSpec, parse
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import at, fresh, sweep_for, tasks
from schedules.tests.lives import ledger as rows
from schedules.tests.occurring import fill, filled, listed, put
from testing.clock import Clock
from testing.concurrency import apart
from testing.ledger import assert_covers

EACH_MINUTE = "FREQ=MINUTELY"


@pytest.fixture
def missed(new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """Each minute, and ten of them are missed."""
    schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="skip")
    clock.set(at(9.5))
    Sweeper().sweep()
    assert rows(schedule) == [(0, 9, "missed")]
    return schedule


def covers(schedule: TaskSchedule, end: datetime, *besides: float) -> None:
    """The ledger covers all from noon up to `end`, once."""
    assert_covers(schedule.id, [(schedule.spec, NOON, end)], besides=[at(minute) for minute in besides])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (-1, 3, [(0, 0), (1, 1), (2, 2), (3, 9)]),
        (3, 5, [(0, 2), (3, 3), (4, 4), (5, 9)]),
        (8, 9.5, [(0, 7), (8, 8), (9, 9)]),
        (0, 9.5, [(minute, minute) for minute in range(10)]),
        (3.25, 3.75, [(0, 9)]),
    ],
)
def test_a_range_makes_room(
    client: APIClient, missed: TaskSchedule, start: float, end: float, expected: list[tuple[int, int]]
) -> None:
    fill(client, missed, at(start), at(end))
    outcome = {True: "created", False: "missed"}
    found = rows(missed)
    assert [(first, last) for first, last, _ in found] == expected
    assert [each for *_, each in found] == [
        outcome[max(start, 0) <= first and last < end] for first, last in expected
    ]
    covers(missed, at(9.5))


def test_one_after_the_other(client: APIClient, missed: TaskSchedule) -> None:
    for minute in (5, 2, 8, 3, 0):
        assert filled(fill(client, missed, at(minute), at(minute + 0.5)))[0] == [minute]
    created, left = filled(fill(client, missed, at(0), at(9.5)))
    assert (created, [minute for minute, _ in left]) == ([1, 4, 6, 7, 9], [0, 2, 3, 5, 8])
    covers(missed, at(9.5))


def test_over_a_time_of_another_rule(client: APIClient, missed: TaskSchedule, clock: Clock) -> None:
    """The rule as it is now says which instants; what the old one named stays as it was told."""
    old = missed.spec
    edited = edit(missed, rrule="DTSTART:20270101T110130Z\nRRULE:FREQ=MINUTELY;INTERVAL=3", starts_at=None)
    created, left = filled(fill(client, missed, at(0), at(9.5)))
    assert (created, left) == ([1.5, 4.5, 7.5], [])
    assert rows(missed) == [
        (0, 1, "missed"),
        (1.5, 1.5, "created"),
        (2, 4, "missed"),
        (4.5, 4.5, "created"),
        (5, 7, "missed"),
        (7.5, 7.5, "created"),
        (8, 9, "missed"),
    ]
    eras = [(old, NOON, at(9.5)), (edited.spec, at(9.5), at(10))]
    assert_covers(missed.id, eras, besides=[at(1.5), at(4.5), at(7.5)])
    assert [minute for minute, _ in listed(client, missed, end=at(5))] == [0, 1, 1.5, 2, 3, 4, 4.5]


def test_over_a_time_of_another_rule_that_named_some_of_them(
    client: APIClient, missed: TaskSchedule, clock: Clock
) -> None:
    edit(missed, rrule="DTSTART:20270101T110130Z\nRRULE:FREQ=SECONDLY;INTERVAL=90", starts_at=None)
    assert filled(fill(client, missed, at(0), at(5)))[0] == [0, 1.5, 3, 4.5]
    assert [row for row in rows(missed) if row[2] == "missed"] == [
        (1, 1, "missed"),
        (2, 2, "missed"),
        (4, 4, "missed"),
        (5, 9, "missed"),
    ]


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        (CatchUp.NONE, [(1, 1, "paused"), (2, 3, "created"), (4, 5, "paused")]),
        (CatchUp.LAST, [(1, 1, "paused"), (2, 3, "created"), (4, 4, "paused"), (5, 5, "created")]),
        (CatchUp.ALL, [(1, 5, "created")]),
    ],
)
def test_within_a_pause_that_goes_on(
    client: APIClient,
    new_schedule: NewSchedule,
    clock: Clock,
    catch_up: CatchUp,
    expected: list[tuple[int, int, str]],
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    pausing.pause(schedule.id, NOBODY)
    clock.set(at(5.5))
    assert filled(fill(client, schedule, at(2), at(4))) == ([2, 3], [])
    assert fresh(schedule).status == "paused"
    assert listed(client, schedule, start=at(1), end=at(6)) == [
        (minute, "created" if minute in (2, 3) else "paused") for minute in range(1, 6)
    ]
    pausing.resume(schedule.id, NOBODY, catch_up)
    assert joined(rows(schedule)[1:]) == expected
    assert len({task.scheduled_for for task in tasks(schedule)}) == len(tasks(schedule))
    covers(schedule, clock.now() + JUST_AFTER)


def joined(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Neighbours with the same outcome as one."""
    merged = found[:1]
    for first, last, outcome in found[1:]:
        if merged[-1][2] == outcome and merged[-1][1] + 1 == first:
            merged[-1] = (merged[-1][0], last, outcome)
        else:
            merged.append((first, last, outcome))
    return merged


def test_overrides(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    """One that is still to come is left to itself; what was skipped is asked for now."""
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    put(client, schedule, at(1), skip=True)
    put(client, schedule, at(2), run_at=at(9))
    sweep_for(clock, 3)
    assert filled(fill(client, schedule, at(1), at(3))) == ([1], [(2, "moved")])
    sweep_for(clock, 6)
    assert [task.scheduled_for for task in tasks(schedule)].count(at(2)) == 1
    covers(schedule, clock.now() + JUST_AFTER)


def test_what_is_due_within_a_pause_runs(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    put(client, schedule, at(1), priority=9)
    pausing.pause(schedule.id, NOBODY)
    clock.set(at(2.5))
    assert filled(fill(client, schedule, at(1), at(2)))[0] == [1]
    assert tasks(schedule)[-1].priority == 9
    pausing.resume(schedule.id, NOBODY)
    assert rows(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "paused")]


def test_a_schedule_that_was_set_aside(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    TaskSchedule.objects.update(operation="gone")
    Sweeper().sweep()
    TaskSchedule.objects.update(operation="calculate")
    clock.set(at(3.5))
    assert filled(fill(client, schedule, at(0), at(2)))[0] == [0, 1]
    edit(schedule, priority=1)
    assert rows(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 3, "missed")]
    covers(schedule, clock.now() + JUST_AFTER)


def test_what_is_queued_is_left(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one")
    sweep_for(clock, 3)
    assert filled(fill(client, schedule, at(1), at(3))) == ([2], [(1, "queued")])
    covers(schedule, clock.now() + JUST_AFTER)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_create_each_instant_once(new_schedule: NewSchedule) -> None:
    start = datetime.fromisoformat("2026-01-01T00:00:00Z")
    schedule = new_schedule(rrule=EACH_MINUTE, starts_at=instant_text(start))
    spans = [
        (start + timedelta(minutes=20 * number), start + timedelta(minutes=20 * number + 60))
        for number in range(4)
    ]
    running = [apart(lambda span=span: backfill(schedule.id, NOBODY, *span)) for span in spans + spans]  # type: ignore[misc]
    made = [each.scheduled_for for one in running for each in one.result(60).created]
    assert sorted(made) == [start + timedelta(minutes=number) for number in range(120)]
    assert sorted(task.scheduled_for for task in tasks(schedule) if task.scheduled_for) == sorted(made)


@pytest.mark.django_db(transaction=True)
def test_while_the_schedule_is_swept(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", misfire_policy="run_all")
    clock.advance(timedelta(seconds=250))
    end = clock.now()
    sweeping = apart(lambda: Sweeper().sweep())
    backfill(schedule.id, NOBODY, NOON, end)
    sweeping.result(60)
    while Sweeper().sweep().created:
        pass
    assert len(tasks(schedule)) == 251
    covers(schedule, end + JUST_AFTER)


RULES = [
    {"rrule": "FREQ=MINUTELY;INTERVAL=7"},
    {"rrule": "FREQ=HOURLY;BYMINUTE=0,1,2,30"},
    {"rrule": "RRULE:FREQ=MINUTELY;INTERVAL=9\nEXRULE:FREQ=MINUTELY;INTERVAL=27"},
    {"cron": "*/10 1-5 * * *", "timezone": "Europe/Berlin"},
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spec=st.sampled_from(RULES),
    taken=st.sets(st.integers(0, 40)),
    foreign=st.sets(st.integers(0, 20_000), max_size=5),
)
def test_what_is_left_of_a_range(spec: dict[str, Any], taken: set[int], foreign: set[int]) -> None:
    """As many, and the same, as taking them out one by one leaves."""
    stored = RuleSpec(**spec, starts_at=NOON)
    rule = parse(stored)
    named = [instant for _, instant in zip(range(30), rule.all(), strict=False)]
    row = Occurrence(
        scheduled_for=named[0],
        last_scheduled_for=named[-1],
        count=30,
        outcome="missed",
        reason="late",
        rule=ledger.spec_as_json(stored),
    )
    cuts = {named[index] for index in taken if index < 30}
    cuts |= {
        moment for moment in (NOON + timedelta(seconds=n) for n in foreign) if named[0] <= moment <= named[-1]
    }
    rest = ranges.without(row, sorted(cuts))
    found = [
        instant
        for piece in rest
        for instant in rule.between(piece.scheduled_for, piece.last_scheduled_for + JUST_AFTER)
    ]
    assert found == [instant for instant in named if instant not in cuts]
    assert sum(piece.count for piece in rest) == len(found)
    for piece in rest:
        assert not any(piece.scheduled_for <= cut <= piece.last_scheduled_for for cut in cuts)
        assert (piece.outcome, piece.reason, piece.rule) == (row.outcome, row.reason, row.rule)
