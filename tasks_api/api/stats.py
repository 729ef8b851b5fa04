"""`GET /stats/`: which period is asked for, and how what ended and what is so now are shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from operations.definition import MAX_NAME_LENGTH
from rest.input import Instant, QueryInt, Strict
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from tasks_api import transitions
from tasks_api.filters import refuse_unknown
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.roll_up import present, totals
from tasks_api.roll_up.buckets import Durations
from tasks_api.roll_up.periods import EPOCH, HOUR, MINUTE, MOST_PARTS, Period, usual_step
from tasks_api.roll_up.totals import Ended, Reach

DAY = timedelta(days=1)
LONGEST_STEP_SECONDS = 31_536_000
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class StatsQuery(Strict):
    """Query parameters of `GET /stats/`."""

    start: Annotated[
        Instant | None,
        Field(alias="from", description="Inclusive; not before the year 2000. Default: a day before `to`."),
    ] = None
    end: Annotated[
        Instant | None, Field(alias="to", description="Exclusive. Default, and the latest: now.")
    ] = None
    bucket_seconds: Annotated[
        Annotated[QueryInt, Field(ge=60, le=LONGEST_STEP_SECONDS)] | None,
        Field(
            description="The length of an entry of `series`: whole minutes, and so many that there are at most "
            f"{MOST_PARTS:,} entries. Default: what leaves a hundred or fewer."
        ),
    ] = None
    operation: Annotated[
        str | None,
        Field(
            max_length=MAX_NAME_LENGTH,
            description="Only its tasks. Refused: an operation that there is not and that no tasks have.",
        ),
    ] = None


def stats(query: StatsQuery, project_id: int) -> dict[str, Any]:
    """The answer, of a project. Raises InvalidInput."""
    refuse_unknown(query.operation, Task.objects.filter(project_id=project_id))
    reach = totals.reach()
    period = period_of(query, reach)
    ended = totals.ended_in(period, project_id, query.operation)
    series = [(at, ended.get(at, NOTHING)) for at in period.parts()]
    return {
        "from": period.start,
        "to": period.end,
        "bucket_seconds": int(period.step.total_seconds()),
        "rolled_up_to": reach.rolled_to,
        "now": _present(reach.now, project_id, query.operation),
        "totals": _ended(totals.together(ended.values()), period.start, period.end, reach.now),
        "series": [{"at": at, **_ended(part, at, at + period.step, reach.now)} for at, part in series],
    }


NOTHING = totals.together([])


def period_of(query: StatsQuery, reach: Reach) -> Period:
    """What is asked for, in parts that are known and not too many. Raises InvalidInput."""
    end = reach.now if query.end is None else min(query.end, reach.now)
    if (query.start or end) < EPOCH:
        name, given = ("to", end) if query.start is None else ("from", query.start)
        detail = f"must not be before {instant_text(EPOCH)}, got {instant_text(given)}"
        raise _invalid(name, "too_early", detail)
    start = end - DAY if query.start is None else query.start
    if start >= reach.now:
        raise _invalid("from", "too_late", f"must be in the past, got {instant_text(start)}")
    if start >= end:
        detail = f"must be after from, {instant_text(start)}, got {instant_text(end)}"
        raise _invalid("to", "too_early", detail)
    length = end - start
    if query.bucket_seconds is None:
        step = usual_step(length)
    else:
        step = timedelta(seconds=query.bucket_seconds)
        if step % MINUTE:
            detail = f"must be a multiple of 60, got {query.bucket_seconds}"
            raise _invalid("bucket_seconds", "multiple_of", detail)
        if length > (MOST_PARTS - 1) * step:
            least = -(-length // ((MOST_PARTS - 1) * MINUTE)) * 60
            detail = (
                f"must be at least {least} for this period, of which there are at most {MOST_PARTS:,} parts"
            )
            raise _invalid("bucket_seconds", "too_many", detail)
    if reach.hours_to is not None and start < reach.hours_to:
        step = -(-step // HOUR) * HOUR
    return Period.around(start, end, step)


def _invalid(name: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([FieldError((name,), code, detail, parameter=True)])


def _present(now: datetime, project_id: int, operation: str | None) -> dict[str, Any]:
    counts = present.counts(project_id, operation)
    oldest = present.oldest_due(project_id, operation)
    slots, workers = transitions.slots()
    return {
        "at": now,
        "tasks": {
            status.value: {"count": counts[status].count, "exact": counts[status].exact} for status in Status
        },
        "oldest_due_seconds": None if oldest is None else _rounded((now - oldest).total_seconds()),
        "slots": {"total": slots, "workers": workers},
    }


def _ended(ended: Ended, start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    passed = (min(end, now) - start).total_seconds()
    return {
        "count": ended.count,
        **ended.counts,
        "per_second": _rounded(ended.count / passed) if passed > 0 else None,
        "failure_ratio": _rounded(ended.failure_ratio),
        **{f"{name}_seconds": _measure(durations) for name, durations in ended.measures.items()},
    }


def _measure(durations: Durations) -> Mapping[str, Any]:
    shares = {name: _rounded(durations.percentile(share)) for name, share in PERCENTILES.items()}
    return {"count": durations.count, "mean": _rounded(durations.mean), **shares}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(max(number, 0.0), 6)
