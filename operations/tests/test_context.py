"""What an operation may tell, and whom."""

import math

import pytest

from operations import Context, Progress
from operations.context import MAX_MESSAGE_LENGTH


def test_without_a_task_nobody_is_told() -> None:
    Context("0199", 1).progress(50, "half")


def test_it_works() -> None:
    reports: list[Progress] = []
    context = Context("0199", 1, report=reports.append)
    context.progress(0)
    context.progress(12.5, "an eighth")
    context.progress(100, "")
    assert reports == [Progress(0), Progress(12.5, "an eighth"), Progress(100, "")]


@pytest.mark.parametrize("percent", [-0.1, 100.1, math.nan, math.inf, -math.inf])
def test_what_is_no_per_cent(percent: float) -> None:
    reports: list[Progress] = []
    with pytest.raises(ValueError, match="percent must be between 0 and 100, got"):
        Context("0199", 1, report=reports.append).progress(percent)
    assert reports == []


def test_a_long_message_is_cut() -> None:
    reports: list[Progress] = []
    Context("0199", 1, report=reports.append).progress(1, "é" * (MAX_MESSAGE_LENGTH + 1))
    assert reports == [Progress(1, "é" * MAX_MESSAGE_LENGTH)]


def test_secrets_are_hidden_before_it_is_cut() -> None:
    reports: list[Progress] = []
    context = Context("0199", 1, report=reports.append, mask=lambda text: text.replace("secret", "***"))
    context.progress(1, "é" * (MAX_MESSAGE_LENGTH - 3) + "secret")
    assert reports == [Progress(1, "é" * (MAX_MESSAGE_LENGTH - 3) + "***")]


def test_what_an_operation_raises_to_stop_passes() -> None:
    class Stop(Exception):
        pass

    def refuse(_progress: Progress) -> None:
        raise Stop

    with pytest.raises(Stop):
        Context("0199", 1, report=refuse).progress(1)
