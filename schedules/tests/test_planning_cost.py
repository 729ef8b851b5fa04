"""What a plan asks of the rule: little, and the same however long nobody looked. Counted, not timed."""

import pytest

from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.tests.planning_cases import Counting, decide, decided, every, suspension

YEAR = 365 * 86_400


def test_one_that_is_due_on_time_costs_a_look_and_the_next() -> None:
    rule = Counting(every(60))
    made = decide(rule, now=0.2, misfire=MisfirePolicy.RUN_LAST, window=3600)
    assert decided(made) == ["created 0"]
    assert rule.calls == {"between": 1, "walked": 1, "next": 1}


def test_nothing_that_is_due_costs_the_next() -> None:
    rule = Counting(every(60))
    decide(rule, now=30, start=60, window=3600)
    assert rule.calls == {"next": 1}


@pytest.mark.parametrize(
    ("now", "given", "range_of"),
    [
        (YEAR + 0.5, {"misfire": MisfirePolicy.RUN_LAST}, YEAR - 4),
        (YEAR + 0.5, {"misfire": MisfirePolicy.SKIP}, YEAR - 4),
        (YEAR + 0.5, {"misfire": MisfirePolicy.RUN_ALL, "window": 1}, YEAR - 4),
        (YEAR, {"suspension": suspension("paused", YEAR + 0.1)}, YEAR + 1),
        (YEAR, {"suspension": suspension("paused", YEAR + 0.1, keep_last=True)}, YEAR),
        (
            YEAR,
            {"suspension": suspension("missed", YEAR + 0.1), "overlap": OverlapPolicy.SKIP, "unfinished": 1},
            YEAR + 1,
        ),
    ],
)
def test_a_year_of_seconds_costs_one_range_and_no_walk(
    now: float, given: dict[str, object], range_of: int
) -> None:
    rule = Counting(every(1, count=2 * YEAR))
    made = decide(rule, now=now, **given)  # type: ignore[arg-type]
    ranges = [decision for decision in made.decisions if decision.count > 1]
    assert [decision.count for decision in ranges] == [range_of]
    assert rule.calls["walked"] <= 8
    assert rule.calls.total() <= 16


def test_a_year_of_seconds_to_run_costs_a_batch() -> None:
    rule = Counting(every(1, count=2 * YEAR))
    made = decide(rule, now=YEAR, misfire=MisfirePolicy.RUN_ALL, batch=100)
    assert len(made.created) == 100
    assert rule.calls == {"between": 1, "walked": 101, "next": 1}


def test_rows_within_a_range_cost_a_few_looks_each() -> None:
    rule = Counting(every(1, count=2 * YEAR))
    rows = [("overridden", 1000.0 * number) for number in range(1, 101)]
    made = decide(rule, now=YEAR, rows=rows, misfire=MisfirePolicy.SKIP)
    assert sum(decision.count for decision in made.decisions) == YEAR + 1 - 100
    assert rule.calls["walked"] <= 8
    assert rule.calls.total() <= 4 * 101 + 16
