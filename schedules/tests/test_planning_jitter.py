"""How much later the task of an occurrence runs."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from schedules.planning import jitter
from schedules.tests.planning_cases import NOON, at

A_SCHEDULE = UUID("01920000-0000-7000-8000-000000000001")
ANOTHER = UUID("01920000-0000-7000-8000-000000000002")


@given(
    schedule=st.uuids(),
    seconds=st.floats(0, 86_400),
    instant=st.integers(-2_000_000_000, 200_000_000_000).map(at),
)
def test_it_is_the_same_whenever_it_is_computed_and_within_its_bounds(
    schedule: UUID, seconds: float, instant: datetime
) -> None:
    found = jitter(schedule, instant, seconds)
    assert found == jitter(UUID(bytes=schedule.bytes), instant.replace(), seconds)
    assert timedelta(0) <= found <= timedelta(seconds=seconds)
    assert found < timedelta(seconds=seconds) or timedelta(seconds=seconds) == timedelta(0)


def test_without_jitter_nothing_moves() -> None:
    assert jitter(A_SCHEDULE, NOON, 0) == timedelta(0)


def test_it_does_not_change_from_one_release_to_the_next() -> None:
    """Occurrences that wait in the database were promised their time."""
    assert jitter(A_SCHEDULE, NOON, 60) == timedelta(microseconds=4_589_545)


def test_it_spreads_the_occurrences_of_one_schedule() -> None:
    tenths = [0] * 10
    for number in range(10_000):
        tenths[int(jitter(A_SCHEDULE, at(number), 1) / timedelta(seconds=0.1))] += 1
    assert all(800 < count < 1200 for count in tenths), tenths


def test_it_spreads_schedules_at_the_same_instant() -> None:
    schedules = [UUID(int=A_SCHEDULE.int + number) for number in range(1_000)]
    found = {jitter(schedule, NOON, 60) for schedule in schedules}
    assert len(found) > 990
    assert jitter(A_SCHEDULE, NOON, 60) != jitter(ANOTHER, NOON, 60)
