"""Programs that a benchmark runs: they stand still when they should, and their log is told if something goes wrong."""

import sys

import psutil
import pytest

from config.stack.processes import await_end
from misc.benchmarks.conditions import wait_until
from misc.benchmarks.processes import running, standing_still
from testing.concurrency import eventually

WITH_A_CHILD = (
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
)


def test_a_program_and_its_children_stand_still_for_a_while() -> None:
    with running([sys.executable, "-c", WITH_A_CHILD], {}) as parent:
        eventually(parent.children)
        family = [parent, *parent.children()]
        with standing_still([parent]):
            eventually(lambda: {each.status() for each in family} == {psutil.STATUS_STOPPED})
        eventually(lambda: psutil.STATUS_STOPPED not in {each.status() for each in family})


def test_what_goes_wrong_is_told_with_the_log_of_the_program() -> None:
    says = "print('it is broken', flush=True); import time; time.sleep(600)"
    with (
        pytest.raises(TimeoutError, match=r"not within 0.5 s: it works") as raised,
        running([sys.executable, "-c", says], {}),
    ):
        wait_until(lambda: False, 0.5, "it works")
    assert "it is broken" in "".join(raised.value.__notes__)


def test_nothing_is_left_of_a_program() -> None:
    with running([sys.executable, "-c", WITH_A_CHILD], {}) as parent:
        eventually(parent.children)
        family = [parent, *parent.children()]
    assert await_end(family, 60) == []
