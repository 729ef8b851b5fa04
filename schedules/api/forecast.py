"""`GET /task-schedules/forecast/`: which time is asked for, and how what is expected in it is shown."""

from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from rest.input import Instant, QueryInt, Strict
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from schedules.forecasting.expected import Standing, ask, expected_in
from schedules.forecasting.turns import SPAN
from tasks_api.roll_up.periods import HOUR, floor

DAY = timedelta(days=1)
HOUR_SECONDS = 3_600
SPAN_SECONDS = int(SPAN.total_seconds())


class ForecastQuery(Strict):
    """Query parameters of `GET /task-schedules/forecast/`."""

    start: Annotated[
        Instant | None,
        Field(alias="from", description="Inclusive; not before the hour under way. Default: now."),
    ] = None
    end: Annotated[
        Instant | None,
        Field(
            alias="to",
            description=f"Exclusive; at most {SPAN.days} days from now. Default: a day after `from`.",
        ),
    ] = None
    bucket_seconds: Annotated[
        Annotated[QueryInt, Field(ge=HOUR_SECONDS, le=SPAN_SECONDS)] | None,
        Field(description="The length of a part of this time: whole hours. Default: an hour."),
    ] = None


class Asked(NamedTuple):
    """A time of whole hours, and the length of its parts."""

    start: datetime
    end: datetime
    step: timedelta


def forecast(query: ForecastQuery, project_id: int) -> dict[str, Any]:
    """The answer, of a project. Raises InvalidInput."""
    standing = ask(project_id)
    asked = asked_of(query, standing.now)
    found = expected_in(project_id, *asked) if standing.counted_at else []
    return {
        "from": asked.start,
        "to": asked.end,
        "bucket_seconds": int(asked.step.total_seconds()),
        **_standing(standing),
        "results": [each._asdict() for each in found],
    }


def asked_of(query: ForecastQuery, now: datetime) -> Asked:
    """The hours that are asked for. Raises InvalidInput."""
    earliest, latest = floor(now, HOUR), now + SPAN
    start = query.start or now
    end = min(start + DAY, latest) if query.end is None else query.end
    if start < earliest:
        raise _invalid(
            "from", "too_early", f"must not be before {instant_text(earliest)}, got {instant_text(start)}"
        )
    if start >= latest:
        raise _invalid(
            "from", "too_late", f"must be before {instant_text(latest)}, got {instant_text(start)}"
        )
    if end > latest:
        raise _invalid("to", "too_late", f"must not be after {instant_text(latest)}, got {instant_text(end)}")
    if end <= start:
        raise _invalid(
            "to", "too_early", f"must be after from, {instant_text(start)}, got {instant_text(end)}"
        )
    step = timedelta(seconds=query.bucket_seconds or HOUR_SECONDS)
    if step % HOUR:
        detail = f"must be a multiple of {HOUR_SECONDS}, got {query.bucket_seconds}"
        raise _invalid("bucket_seconds", "multiple_of", detail)
    return Asked(floor(start, HOUR), floor(end - timedelta.resolution, HOUR) + HOUR, step)


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "computed_at": standing.counted_at,
        "schedules": standing.schedules,
        "uncounted": standing.uncounted,
    }


def _invalid(name: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([FieldError((name,), code, detail, parameter=True)])
