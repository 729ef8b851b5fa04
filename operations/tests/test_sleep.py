import signal
import time
from typing import Any

import pytest

from operations import Context, InvalidArguments, Progress, catalogue

CONTEXT = Context(task_id="0199", attempt=1)
sleep = catalogue.get("sleep")


@pytest.mark.parametrize("seconds", [0, 0.05])
def test_it_sleeps_and_says_how_long(seconds: float) -> None:
    began = time.monotonic()
    assert sleep.run(sleep.validate({"seconds": seconds}), CONTEXT) == seconds
    assert time.monotonic() - began >= seconds


def test_it_tells_how_far_it_is() -> None:
    reports: list[Progress] = []
    context = Context(task_id="0199", attempt=1, report=reports.append)
    began = time.monotonic()
    assert sleep.run({"seconds": 1.2}, context) == 1.2
    assert time.monotonic() - began >= 1.2
    assert reports == sorted(reports)
    assert 0 < reports[0].percent < 100


def test_a_short_sleep_tells_nothing() -> None:
    reports: list[Progress] = []
    sleep.run({"seconds": 0.05}, Context(task_id="0199", attempt=1, report=reports.append))
    assert reports == []


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 86_400])
def test_what_it_takes(seconds: float) -> None:
    assert sleep.validate({"seconds": seconds}) == {"seconds": seconds}


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-0.001, "min_value"),
        (86_400.1, "max_value"),
        (10**30, "max_value"),
        ("7", "invalid_type"),
        (True, "invalid_type"),
        (None, "invalid_type"),
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
    ],
)
def test_what_it_refuses(seconds: Any, code: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        sleep.validate({"seconds": seconds})
    assert [(error.path, error.code) for error in caught.value.errors] == [(("seconds",), code)]


def test_its_limit_is_longer_than_the_longest_sleep() -> None:
    assert sleep.timeout_seconds > 86_400
    assert sleep.idempotent


def test_an_exception_from_a_signal_ends_it() -> None:
    class WakeUpError(Exception):
        pass

    def wake(*_: object) -> None:
        raise WakeUpError

    before = signal.signal(signal.SIGALRM, wake)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(WakeUpError):
            sleep.run({"seconds": 60}, CONTEXT)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
