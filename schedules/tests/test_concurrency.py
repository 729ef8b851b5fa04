"""Sweepers, people, workers and time, all at once: every instant is accounted for once, and none runs twice."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import F

from schedules.models import Occurrence, TaskSchedule
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.crowd import RULES, Crowd
from schedules.tests.lives import YEAR, fresh
from tasks_api.models import Task
from testing.clock import Clock
from testing.factories import make_node
from testing.ledger import assert_covers, covered_instants

SWEEPERS, PEOPLE, ACTS = 3, 3, 50
LIMIT = 5

CONSTANT: list[dict[str, Any]] = [
    {"overlap_policy": "skip", "misfire_policy": "run_all"},
    {"overlap_policy": "queue_one", "schedule_x_times": LIMIT},
    {"overlap_policy": "queue_one", "misfire_policy": "run_all"},
    {"overlap_policy": "cancel_running", "misfire_policy": "skip"},
    {"overlap_policy": "cancel_running", "pause_after_failures": 1},
]
EDITED: list[dict[str, Any]] = [
    {"overlap_policy": "allow", "misfire_policy": "run_all"},
    {"overlap_policy": "queue_one"},
    {"overlap_policy": "cancel_running", "misfire_policy": "run_all", "catchup_window_seconds": 40},
    {"overlap_policy": "skip", "misfire_policy": "skip"},
    {"overlap_policy": "allow", "jitter_seconds": 3, "pause_after_failures": 3},
]


@pytest.mark.parametrize("seed", [1, 2])
def test_it_works(new_schedule: NewSchedule, clock: Clock, seed: int) -> None:
    bodies = [{**rule, **policies} for rule, policies in zip(RULES * 2, CONSTANT + EDITED, strict=True)]
    schedules = [new_schedule(**body) for body in bodies]
    crowd = Crowd(schedules, clock, make_node(beat_at=NOON + 100 * YEAR).id, seed)

    crowd.live(sweepers=SWEEPERS, people=PEOPLE, acts=ACTS)
    crowd.come_to_rest()

    for schedule in map(fresh, schedules):
        assert_each_instant_is_accounted_for(schedule, crowd)
        assert_tasks_match(schedule)
        assert_nothing_waits(schedule, clock.now())
    for schedule in schedules[: len(CONSTANT)]:
        assert_none_overlap(schedule)


def assert_each_instant_is_accounted_for(schedule: TaskSchedule, crowd: Crowd) -> None:
    """One that was moved to before its time stays on record, although an edit since then names it no more."""
    early = Occurrence.objects.filter(schedule=schedule, due_at__lt=F("scheduled_for")).exclude(
        outcome="moved"
    )
    besides = crowd.filled[schedule.id].union(early.values_list("scheduled_for", flat=True))
    assert_covers(schedule.id, crowd.closed_eras(schedule), besides=besides)


def assert_tasks_match(schedule: TaskSchedule) -> None:
    """Each row that says so has its task and each task its row; what the sweep created was counted."""
    covered_instants(schedule.id)
    rows = Occurrence.objects.filter(schedule=schedule, outcome="created")
    named = Task.objects.filter(schedule_id=schedule.id, scheduled_for__isnull=False)
    instants = Counter(named.values_list("scheduled_for", flat=True))
    assert max(instants.values(), default=1) == 1
    assert set(rows.values_list("task_id", "scheduled_for")) == set(named.values_list("id", "scheduled_for"))
    swept = [task for task in named if not _is_backfill(task)]
    assert schedule.runs_created == len(swept)
    assert schedule.schedule_x_times is None or len(swept) <= schedule.schedule_x_times


def assert_nothing_waits(schedule: TaskSchedule, now: datetime) -> None:
    """Of what is past. All tasks have ended, so nothing holds up what was queued."""
    if schedule.status == "error":  # its rule names nothing any more, so it was left as it is
        return
    assert schedule.status in ("active", "completed")
    waiting = Occurrence.objects.filter(schedule=schedule, outcome__in=["queued", "moved", "changed"])
    assert not waiting.filter(outcome="queued").exists()
    assert all((row.due_at or row.scheduled_for) > now for row in waiting)


def assert_none_overlap(schedule: TaskSchedule) -> None:
    """A task that the sweep created began after all before it had ended."""
    tasks = Task.objects.filter(schedule_id=schedule.id, scheduled_for__isnull=False).order_by("id")
    swept = [task for task in tasks if not _is_backfill(task)]
    for one, other in pairwise(swept):
        assert one.finished_at is not None
        assert one.finished_at <= other.created_at, f"{one} had not ended when {other} was created"


def _is_backfill(task: Task) -> bool:
    return any(tag.startswith("backfill:") for tag in task.tags)
