"""Sweepers that roll up at the same time, are killed in between, and see late what others commit."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tasks_api.database import database_now
from tasks_api.lifecycle import FINAL
from tasks_api.roll_up import rolling
from tasks_api.roll_up.periods import MINUTE
from tasks_api.roll_up.progress import LONGEST_WATCH
from tasks_api.roll_up.rolling import Rolling, roll_up
from tasks_api.rolled_up import RollUpProgress
from tasks_api.tests.rolled import NOON, SECOND, ended, of_rows, rolled, settle
from testing.clock import Clock
from testing.concurrency import apart, eventually
from testing.plans import readings_of

pytestmark = pytest.mark.django_db


class TestTwoAtOnce:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_what_commits_late_is_counted(self, clock: Clock) -> None:
        """However late, in the hour: nothing is settled as long as it may still come."""
        clock.set(NOON + 30 * SECOND)
        roll_up()
        with transaction.atomic():
            ended(NOON + 30 * SECOND)
            for _ in range(4):  # others see nothing of it
                apart(partial(pass_by, clock, 10 * MINUTE)).result(60)
            assert apart(settled_to).result(60) <= NOON
        eventually(is_settled)
        assert rolled() == of_rows()
        assert sum(rolled().values()) == 1

    def test_nothing_is_waited_for_without_end(self, clock: Clock) -> None:
        clock.set(NOON)
        roll_up()
        with transaction.atomic():
            ended(NOON)
            for _ in range(3):
                apart(partial(pass_by, clock, 2 * LONGEST_WATCH)).result(60)
            assert apart(settled_to).result(60) > NOON

    def test_whoever_finds_it_taken_leaves_it(self) -> None:
        ended(database_now())
        roll_up()
        with transaction.atomic():
            RollUpProgress.objects.select_for_update().get()
            assert apart(roll_up).result(60) == (0, False)

    def test_a_kill_leaves_all_as_it_was(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        clock.set(NOON)
        ended(NOON)
        roll_up()
        ended(NOON)
        with monkeypatch.context() as patched:
            patched.setattr(rolling, "save", killed)
            with pytest.raises(KeyboardInterrupt):
                roll_up()
        assert sum(rolled().values()) == 1
        roll_up()
        assert rolled() == of_rows()

    def test_many_sweepers_do_no_more_than_one(self, clock: Clock) -> None:
        clock.set(NOON)
        ended(NOON)
        assert [Rolling().run() for _ in range(3)] == [1, 0, 0]
        clock.advance(11 * SECOND)
        assert [Rolling().run() for _ in range(3)] == [1, 0, 0]

    def test_where_nothing_ends_a_turn_is_one_look(
        self, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        clock.set(NOON + 90 * SECOND)
        ended(NOON)
        eventually(is_settled)
        with django_assert_num_queries(1):
            assert roll_up() == (0, False)
        assert not [reading for reading in readings_of(roll_up, "task") if reading.rows]

    def test_many_at_once_count_each_once(self) -> None:
        now = database_now()
        for seconds in range(40):
            ended(now - 7 * seconds * SECOND)
        turns = [apart(roll_up) for _ in range(6)]
        for turn in turns:
            turn.result(60)
        eventually(lambda: not roll_up()[1])
        assert rolled() == of_rows()


def pass_by(clock: Clock, time: timedelta) -> None:
    clock.advance(time)
    roll_up()


def killed(*_: Any) -> None:
    raise KeyboardInterrupt


def settled_to() -> datetime:
    return RollUpProgress.objects.get().settled_to


def is_settled() -> bool:
    """After another turn: all that can be. Until then, tests in other databases of the server may write."""
    roll_up()
    progress = RollUpProgress.objects.get()
    return NOON < progress.rolled_to == progress.settled_to


STEPS = st.one_of(
    st.tuples(st.just("end"), st.integers(0, 150), st.sampled_from(FINAL)),
    st.tuples(st.just("wait"), st.integers(1, 200)),
    st.tuples(st.just("turn"), st.booleans(), st.booleans()),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=15))
def test_in_the_end_it_says_what_the_rows_say(clock: Clock, steps: list[Any]) -> None:
    """Turns of any length, some of them killed; tasks that ended minutes before they are seen."""
    clock.set(NOON)
    with undone():
        for kind, *values in steps:
            if kind == "end":
                ended(clock.now() - values[0] * SECOND, values[1])
            elif kind == "wait":
                clock.advance(values[0] * SECOND)
            else:
                turn(*values)
        while roll_up(lambda: 0)[1]:
            pass
        settle(clock)
        assert rolled() == of_rows()


class Undone(Exception):
    """Raised at the end of what is to be undone."""


@contextmanager
def undone() -> Iterator[None]:
    with suppress(Undone), transaction.atomic():
        yield
        raise Undone


def turn(is_short: bool, is_killed: bool) -> None:
    with undone() if is_killed else nullcontext():
        roll_up(lambda: float("inf" if is_short else 0))
