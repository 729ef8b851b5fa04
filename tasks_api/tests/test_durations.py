"""Percentiles of durations that are counted by size, and the parts of a period."""

from datetime import UTC, datetime, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_api.roll_up.buckets import BOUNDS, BUCKETS, Durations, bucket_of
from tasks_api.roll_up.periods import EPOCH, MOST_PARTS, USUAL_PARTS, Period, floor, usual_step

SECONDS = st.one_of(st.floats(0, 10), st.floats(0, 200_000), st.sampled_from(BOUNDS))
INSTANTS = st.integers(0, 3_000_000_000_000).map(
    lambda milliseconds: EPOCH + timedelta(milliseconds=milliseconds)
)
STEPS = st.integers(1, 20_000).map(lambda minutes: timedelta(minutes=minutes))


def counted(durations: list[float]) -> Durations:
    counts = [0] * BUCKETS
    for seconds in durations:
        counts[bucket_of(seconds)] += 1
    return Durations(counts, sum(durations))


@given(st.lists(SECONDS, min_size=1), st.floats(0, 1))
def test_a_percentile_is_within_the_bucket_of_the_exact_one(durations: list[float], share: float) -> None:
    exact = sorted(durations)[max(0, ceil(share * len(durations)) - 1)]
    low, high = (0.0, *BOUNDS)[bucket_of(exact)], (*BOUNDS, BOUNDS[-1])[bucket_of(exact)]
    found = counted(durations).percentile(share)
    assert found is not None
    assert low <= found <= high + 1e-9


@given(st.lists(SECONDS, min_size=1))
def test_percentiles_grow(durations: list[float]) -> None:
    found = [counted(durations).percentile(share) or 0.0 for share in (0, 0.5, 0.95, 0.99, 1)]
    assert found == sorted(found)


def test_of_none_there_is_none() -> None:
    assert counted([]).percentile(0.5) is None
    assert counted([]).mean is None


def test_the_mean_is_exact() -> None:
    assert counted([1, 2, 6]).mean == 3


@pytest.mark.parametrize(("seconds", "bucket"), [(0, 0), (0.001, 1), (0.00099, 0), (86_400, BUCKETS - 1)])
def test_a_bound_begins_a_bucket(seconds: float, bucket: int) -> None:
    assert bucket_of(seconds) == bucket


@given(INSTANTS, STEPS, st.floats(0, 100))
def test_a_period_covers_what_was_asked_for_and_no_part_more(
    start: datetime, step: timedelta, length: float
) -> None:
    end = start + length * step
    period = Period.around(start, end, step)
    parts = list(period.parts())
    assert len(parts) == len(period)
    assert parts[0] == period.start <= start < parts[0] + step
    assert parts[-1] + step == period.end
    assert parts[-1] < max(end, start + timedelta.resolution) <= period.end
    assert all((part - EPOCH) % step == timedelta() for part in parts)


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)))
def test_the_usual_step_leaves_few_parts(length: timedelta) -> None:
    step = usual_step(length)
    assert length <= USUAL_PARTS * step
    assert step % timedelta(minutes=1) == timedelta()
    assert USUAL_PARTS < MOST_PARTS


def test_parts_of_days_begin_at_midnight() -> None:
    noon = datetime(2026, 3, 29, 12, 34, 56, tzinfo=UTC)
    assert floor(noon, timedelta(days=1)) == datetime(2026, 3, 29, tzinfo=UTC)
    assert floor(noon, timedelta(minutes=5)) == datetime(2026, 3, 29, 12, 30, tzinfo=UTC)
