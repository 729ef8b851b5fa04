"""Fills the tables with millions of rows by COPY: schedules, tasks that ended, tasks that wait.

    python -m misc.benchmarks.seed --schedules 1000000 --tasks 10000000 --waiting 1000000

For benchmarks, and for whoever wants to see a full service. It writes where DATABASE_URL says. Schedules run once a
day, the first of them in an hour. The tasks are of the last day: most succeeded, some failed or were revoked; some are
urgent, some have a tag; schedules made a tenth of them, if there are any. Tables that are filled are locked meanwhile.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

DAY_SECONDS = 86_400
BACKLOG = "-infinity"
"""The `dispatch_at` of a task that waits for room in the broker."""
HOUR = timedelta(hours=1)
SCHEDULE = {"every_x_days": 1, "operation": "add", "arguments": {"x": 1, "y": 2}}
ENDS = ("SUCCESS",) * 95 + ("FAILURE",) * 4 + ("REVOKED",)
REASONS = 40
"""So many kinds of failures there are, the first of which is the most frequent."""
WAITS = ("id", "created_at", "run_at", "dispatch_at", "dispatch_count")
ENDED = (
    *WAITS,
    "status",
    "attempt",
    "version",
    "started_at",
    "finished_at",
    "result",
    "error",
    "fingerprint",
    "priority",
    "tags",
)
MADE = ("schedule_id", "scheduled_for")
OCCURRENCE = ("id", "schedule_id", "scheduled_for", "last_scheduled_for", "count", "outcome", "task_id")


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m misc.benchmarks.seed", description=__doc__)
    fills = {"schedules": fill_schedules, "tasks": fill_ended, "waiting": fill_waiting}
    for name in fills:
        parser.add_argument(f"--{name}", type=int, default=0, metavar="COUNT")
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    for name, fill in fills.items():
        if count := getattr(given, name):
            began = time.monotonic()
            fill(count)
            print(f"{name}: {count:,} in {time.monotonic() - began:.0f} s", flush=True)
    return 0


class Day:
    """So many moments in a day, evenly, no two of which are the same."""

    def __init__(self, first: datetime, count: int) -> None:
        self._seconds = [f"{first + timedelta(seconds=second):%F %T}" for second in range(DAY_SECONDS)]
        self._first = int(first.timestamp())
        self._count = count

    def __getitem__(self, number: int) -> str:
        return f"{self._seconds[number * DAY_SECONDS // self._count]}.{number % 1_000_000:06d}+00"

    def id(self, number: int) -> str:
        """Of a row that was made then."""
        from misc.benchmarks.copying import uuid7

        return uuid7((self._first + number * DAY_SECONDS // self._count) * 1_000, number)


def fill_schedules(count: int) -> None:
    """So many that are due in an hour, or during the day after that."""
    from access.actor import NOBODY
    from misc.benchmarks.copying import copy_in, pattern_of
    from schedules.actions import editing
    from schedules.api import forms

    first = datetime.now(UTC).replace(microsecond=0) + HOUR
    one = editing.create(forms.definition({**SCHEDULE, "starts_at": first.isoformat()}, NOBODY), NOBODY)
    pattern, day = pattern_of(one, ("id", "starts_at", "next_run_at", "sweep_at")), Day(first, count)
    copy_in(
        "task_schedule",
        (
            pattern
            % {"id": day.id(number), **dict.fromkeys(("starts_at", "next_run_at", "sweep_at"), day[number])}
            for number in range(count)
        ),
    )


def fill_waiting(count: int) -> None:
    """So many that could run now and wait for room in the broker, which does not know of them."""
    from misc.benchmarks.copying import copy_in, pattern_of, uuid7

    now = datetime.now(UTC)
    same = {
        "created_at": now.isoformat(),
        "run_at": now.isoformat(),
        "dispatch_at": BACKLOG,
        "dispatch_count": 0,
    }
    pattern, milliseconds = pattern_of(_a_task(), WAITS), int(now.timestamp() * 1_000)
    copy_in("task", (pattern % {"id": uuid7(milliseconds, number), **same} for number in range(count)))


def fill_ended(count: int) -> None:
    """So many that ended during the last day, and the occurrences of those that schedules made."""
    from misc.benchmarks.copying import copy_in, pattern_of
    from tasks_api.database import fetch_all

    schedules = [row[0].hex for row in fetch_all("SELECT id FROM task_schedule LIMIT 100000", [])]
    day = Day(datetime.now(UTC).replace(microsecond=0) - timedelta(days=1), count)
    pattern = pattern_of(_a_task(), (*ENDED, *MADE))
    copy_in("task", (pattern % _ended(day, number, schedules) for number in range(count)))
    copy_in("occurrence", _occurrences(day, range(0, count, 10) if schedules else (), schedules), OCCURRENCE)


def _ended(day: Day, number: int, schedules: Sequence[str]) -> dict[str, object]:
    from misc.benchmarks.copying import NULL

    at, status = day[number], ENDS[number // 10 % len(ENDS)]
    reason = min(number * 7 % REASONS, number * 11 % REASONS)
    is_made = bool(schedules) and number % 10 == 0
    return {
        "id": day.id(number),
        "status": status,
        "attempt": int(status != "REVOKED"),
        "version": 2,
        "dispatch_count": 1,
        "priority": 5 if number % 10 else number // 10 % 10,
        "tags": "{}" if number % 20 else f"{{customer-{number // 20 % 1_000}}}",
        "result": 3 if status == "SUCCESS" else NULL,
        "error": _error(reason) if status == "FAILURE" else NULL,
        "fingerprint": _fingerprint(reason) if status == "FAILURE" else NULL,
        "schedule_id": schedules[number // 10 % len(schedules)] if is_made else NULL,
        "scheduled_for": at if is_made else NULL,
        "dispatch_at": NULL,
        "created_at": at,
        "run_at": at,
        "started_at": at if status != "REVOKED" else NULL,
        "finished_at": at,
    }


def _error(reason: int) -> str:
    kind = f"Example{chr(ord('A') + reason % 26)}Error"
    return json.dumps({"type": kind, "message": f"an example of kind {reason // 26}", "permanent": False})


def _fingerprint(reason: int) -> str:
    return hashlib.sha256(str(reason).encode()).hexdigest()[:16]


def _occurrences(day: Day, numbers: Sequence[int], schedules: Sequence[str]) -> Iterator[str]:
    for number in numbers:
        row = _ended(day, number, schedules)
        key, at = row["schedule_id"], row["scheduled_for"]
        yield f"{row['id']}\t{key}\t{at}\t{at}\t1\tcreated\t{row['id']}\n"


def _a_task() -> Any:
    """As the service writes one."""
    from tasks_api.models import Task
    from tasks_api.submission import NewTask, insert

    new = NewTask(operation="add", arguments={"x": 1, "y": 2}, max_attempts=3, timeout_seconds=30.0)
    insert([new])
    return Task.objects.get(id=new.id)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
