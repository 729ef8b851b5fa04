"""A cached of a rule that is known: the same answers as the rule's, and few searches."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schedules.planning import JUST_AFTER, CachedRule
from schedules.tests.planning_cases import Counting, Listed, at, every

MOMENTS = st.integers(-10, 130).map(lambda tenths: at(tenths / 2))
QUESTIONS = st.one_of(
    st.tuples(st.just("next"), MOMENTS, st.booleans()),
    st.tuples(st.just("previous"), MOMENTS, st.booleans()),
    st.tuples(st.just("between"), MOMENTS, st.integers(0, 40)),
)


@given(st.sets(st.integers(0, 60), max_size=12), st.lists(QUESTIONS, max_size=12))
def test_it_answers_as_the_rule(seconds: set[int], questions: list[tuple[str, object, int]]) -> None:
    rule = Listed(*seconds)
    cached = CachedRule(rule)
    for verb, moment, more in questions:
        if verb == "between":
            end = moment + timedelta(seconds=more)  # type: ignore[operator]
            assert list(cached.between(moment, end)) == list(rule.between(moment, end))  # type: ignore[arg-type]
        else:
            asked = {"inclusive": bool(more)}
            assert getattr(cached, verb)(moment, **asked) == getattr(rule, verb)(moment, **asked)


def test_one_that_is_due_costs_four_searches() -> None:
    """It, the next, and for the one before it two: one that finds it, and one that tells that none is between."""
    rule = Counting(every(60))
    cached = CachedRule(rule)
    due = list(cached.between(at(300), at(300) + JUST_AFTER))
    assert due == [at(300)]
    assert cached.next(at(300) + JUST_AFTER, inclusive=True) == cached.next(at(300)) == at(360)
    assert cached.previous(at(300)) == at(240)
    assert rule.calls == {"next": 4}


def test_a_hundred_that_are_due_cost_one_each_and_three() -> None:
    rule = Counting(every(60))
    cached = CachedRule(rule)
    due = list(cached.between(at(300), at(300 + 6_000)))
    around = [(cached.previous(instant), cached.next(instant)) for instant in due]
    assert around == [(at(240 + 60 * n), at(360 + 60 * n)) for n in range(100)]
    assert rule.calls == {"next": 103}
