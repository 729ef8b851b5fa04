"""What is told of the future is what happens if nothing changes: in a pause, of what was moved, of the last tasks."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import pytest
from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.actions.overriding import Override
from schedules.api.representation import represent
from schedules.models import Occurrence, TaskSchedule
from schedules.occurrences import pages
from schedules.occurrences.pages import ListedOccurrence, Period
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import put_override
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh
from testing.clock import Clock

END = 24
WHOLE = Period(at(0), at(END))
AHEAD = Override(changes={"priority": 9})
ALL_MADE = "the schedule had made as many tasks as schedule_x_times allows"

Outcomes = dict[datetime, str]


def say(schedule: TaskSchedule, instant: float, override: Override) -> None:
    put_override(schedule.id, at(instant), override)


def move(schedule: TaskSchedule, instant: float, due: float) -> None:
    say(schedule, instant, Override(run_at=at(due)))


def listed(schedule: TaskSchedule, now: datetime, period: Period = WHOLE) -> list[ListedOccurrence]:
    found, more = pages.page(fresh(schedule), period, 100, now)
    assert not more
    return found


def upcoming(schedule: TaskSchedule) -> list[datetime]:
    body = represent(fresh(schedule))
    instants = [datetime.fromisoformat(each["at"]) for each in body["upcoming"]]
    assert body["next_run_at"] == (body["upcoming"][0]["at"] if instants else None)
    return instants


@dataclass(frozen=True, slots=True)
class Foretold:
    """What was told of a schedule, and where it stood then."""

    schedule: TaskSchedule
    outcomes: Outcomes
    upcoming: list[datetime]
    position: datetime | None
    decided: set[datetime]

    @classmethod
    def of(cls, schedule: TaskSchedule, now: datetime) -> "Foretold":
        forwards, backwards = (
            listed(schedule, now),
            listed(schedule, now, Period(at(0), at(END), backwards=True)),
        )
        assert backwards == forwards[::-1]
        created = {each.scheduled_for for each in forwards if each.outcome == "created"}
        outcomes = {each.scheduled_for: _in_the_end(each.outcome) for each in forwards}
        return cls(schedule, outcomes, upcoming(schedule), fresh(schedule).next_run_at, created)

    def of_what_came(self) -> list[datetime]:
        """The next five that became tasks, as they would have been told."""
        rows = Occurrence.objects.filter(schedule=self.schedule, outcome="created")
        due = sorted((row.due_at or row.scheduled_for, row.scheduled_for) for row in rows)
        names = [name for _, name in due if self.position and name >= self.position]
        return sorted([name for name in names if name not in self.decided][:5])


def _in_the_end(outcome: str) -> str:
    return "created" if outcome in ("upcoming", "moved", "changed") else outcome


def _befall(schedule: TaskSchedule, random: Random) -> None:
    """Some instants are moved, changed or skipped; then it may be paused."""
    for instant in random.sample(range(1, 12), random.randrange(6)):
        run_at = at(random.randrange(2, 36) / 2)
        choices = [Override(run_at=run_at), Override(run_at=run_at), AHEAD, Override(skip=True)]
        say(schedule, instant, random.choice(choices))
    if random.random() < 0.7:
        pausing.pause(schedule.id, NOBODY, until=random.choice([None, at(random.randrange(1, 24) / 2)]))


def _live_on(clock: Clock, until: float) -> None:
    sweeper = Sweeper()
    while clock.now() < at(until):
        clock.advance(MINUTE / 2)
        sweeper.sweep()


@pytest.mark.parametrize("first", [0.25, 3.25])
def test_what_was_told_is_what_came(new_schedule: NewSchedule, clock: Clock, first: float) -> None:
    random = Random(int(first))  # noqa: S311 (a test that can be repeated)
    limits: list[dict[str, Any]] = [{}, {}, *({"schedule_x_times": times} for times in (1, 2, 4, 7))]
    schedules = [
        new_schedule(rrule="FREQ=MINUTELY;COUNT=19", starts_at=at(1).isoformat(), **random.choice(limits))
        for _ in range(40)
    ]
    for schedule in schedules:
        _befall(schedule, random)
    _live_on(clock, first)
    foretold = [Foretold.of(schedule, clock.now()) for schedule in schedules]
    _live_on(clock, END)
    for each in foretold:
        if fresh(each.schedule).status == "paused":  # without an end
            pausing.resume(each.schedule.id, NOBODY)
        came = {one.scheduled_for: one.outcome for one in listed(each.schedule, clock.now())}
        assert came == each.outcomes
        assert each.of_what_came() == each.upcoming


@pytest.mark.parametrize(
    ("due", "until", "outcome", "to_come"),
    [
        (4, 6, "paused", [6, 7, 8, 9, 10]),  # into the pause
        (5.99, 6, "paused", [6, 7, 8, 9, 10]),
        (6, 6, "moved", [3, 6, 7, 8, 9]),  # to its end
        (8.5, 6, "moved", [3, 6, 7, 8, 9]),  # out of it
        (20, 6, "moved", [6, 7, 8, 9, 10]),
        (4, None, "paused", []),
        (1_000, None, "paused", []),
    ],
)
def test_one_of_a_pause_that_was_moved(
    new_schedule: NewSchedule, clock: Clock, due: float, until: float | None, outcome: str, to_come: list[int]
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=at(3).isoformat())
    move(schedule, 3, due)
    pausing.pause(schedule.id, NOBODY, reason="moving house", until=None if until is None else at(until))
    [one] = listed(schedule, clock.now(), Period(at(3), at(4)))
    reason = "the schedule was paused: moving house" if outcome == "paused" else "somebody moved it"
    assert (one.outcome, one.reason, one.due_at) == (outcome, reason, at(due))
    assert upcoming(schedule) == [at(instant) for instant in to_come]


def test_one_behind_a_pause_that_was_moved_into_it(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=at(3).isoformat())
    move(schedule, 7, 4)
    pausing.pause(schedule.id, NOBODY, until=at(6))
    assert [one.outcome for one in listed(schedule, clock.now())][3:6] == ["upcoming", "paused", "upcoming"]
    assert upcoming(schedule) == [at(instant) for instant in (6, 8, 9, 10, 11)]


def test_what_a_pause_takes_uses_up_nothing(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=at(3).isoformat(), schedule_x_times=2)
    move(schedule, 3, 4)
    pausing.pause(schedule.id, NOBODY, until=at(6))
    assert [one.scheduled_for for one in listed(schedule, clock.now()) if one.outcome == "upcoming"] == [
        at(6),
        at(7),
    ]
    assert upcoming(schedule) == [at(6), at(7)]


@pytest.mark.parametrize(
    ("due", "outcome", "reason", "to_come"),
    [
        (3.5, "moved", "somebody moved it", [3, 4]),
        (5, "moved", "somebody moved it", [3, 4]),  # the earlier of two that are due at once
        (5.5, "missed", ALL_MADE, [4, 5]),
        (100, "missed", ALL_MADE, [4, 5]),
    ],
)
def test_one_that_was_moved_behind_the_last_task(
    new_schedule: NewSchedule, clock: Clock, due: float, outcome: str, reason: str, to_come: list[int]
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=at(3).isoformat(), schedule_x_times=2)
    move(schedule, 3, due)
    first, *_ = listed(schedule, clock.now())
    assert (first.outcome, first.reason) == (outcome, reason)
    assert upcoming(schedule) == [at(instant) for instant in to_come]


def test_one_that_was_moved_to_the_time_of_the_last_task(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=at(3).isoformat(), schedule_x_times=2)
    move(schedule, 7, 4)
    assert [(one.scheduled_for, one.outcome) for one in listed(schedule, clock.now())] == [
        (at(3), "upcoming"),
        (at(4), "upcoming"),
        (at(7), "missed"),
    ]
    assert upcoming(schedule) == [at(3), at(4)]


@pytest.mark.parametrize("until", [6, None])
def test_a_rehearsal_tells_the_same(
    client: APIClient, new_schedule: NewSchedule, clock: Clock, until: float | None
) -> None:
    """Paused without an end: as if it were resumed now."""
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=at(3).isoformat())
    move(schedule, 7, 4)
    pausing.pause(schedule.id, NOBODY, until=None if until is None else at(until))
    answer = client.patch(f"/task-schedules/{schedule.id}/?dry_run=true", {"priority": 9})
    found = [(datetime.fromisoformat(each["at"]) - at(0)) / MINUTE for each in answer.json()["after"]]
    assert found == ([6, *range(8, 17)] if until else [*range(3, 13)])
