"""Storms of signals, at every moment of a start and a stop: what they hit ends in order and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random

import psutil
import pytest

from testing.stack import PROJECT, READY, Stack, running_stack

DICE = Random()  # noqa: S311 (no secret)
SIGNALS = (signal.SIGTERM, signal.SIGINT)
STORM_SECONDS = 40
"""Far more than a stop takes under a storm, far less than one that hangs."""
SHORT_SECONDS = 0.5
"""Too short to ask for haste."""
WAITS = """
import signal

from config.stack.interruption import Interrupted, Interruption

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
print("begun", flush=True)
for _ in range(200):
    interruption = Interruption()
    with interruption.heeded():
        try:
            while True:
                interruption.pause(0.0001)
        except Interrupted:
            pass
with interruption.heeded():
    while not interruption.urgent:
        pass
print("urgent")
"""


@contextmanager
def storm(
    send: Callable[[signal.Signals], None], signals: Sequence[signal.Signals] = SIGNALS
) -> Iterator[None]:
    """Signals without a pause, many of them in the middle of the handling of another, until nobody hears them."""
    over = threading.Event()

    def rage() -> None:
        while not over.is_set():
            with suppress(psutil.NoSuchProcess):
                send(DICE.choice(signals))
            time.sleep(DICE.choice((0, 0.0001, 0.001)))

    thread = threading.Thread(target=rage)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_no_signal_waits_for_what_it_interrupts() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITS], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        try:
            with storm(process.send_signal):
                assert process.wait(STORM_SECONDS) == 0
        finally:
            process.kill()
        assert process.stdout.read().decode() == "urgent\n"


MOMENTS: dict[str, Callable[[Stack], bool]] = {
    "at once": lambda _: True,
    "with its folder": lambda stack: (stack.data_folder / "kept.json").exists(),
    "with Postgres": lambda stack: "postgres |" in stack.logs(),
    "with the roles": lambda stack: "web      |" in stack.logs(),
    "ready": lambda stack: READY in stack.logs(),
}


def before_our_first_line(code: int, logs: str) -> bool:
    """Whether a signal ended it while Python was still starting: without a word, or with Python's own traceback."""
    return -code in SIGNALS and "in main" not in logs and " | " not in logs


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One that each test starts and stops."""
    stack = Stack(tmp_path_factory.mktemp("storms") / "data", FLOWER="0", WORKERS="2")
    try:
        yield stack
    finally:
        stack.close()


@pytest.mark.acceptance
@pytest.mark.xdist_group("storms")
@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("at once", STORM_SECONDS),
        ("with its folder", SHORT_SECONDS),
        ("with Postgres", STORM_SECONDS),
        ("with the roles", SHORT_SECONDS),
        ("ready", STORM_SECONDS),
    ],
)
def test_it_ends_in_order(stack: Stack, moment: str, seconds: float) -> None:
    stack.begin()
    stack.wait_until(lambda: MOMENTS[moment](stack))
    time.sleep(DICE.uniform(0, 0.3))  # any moment will do
    with storm(stack.send), suppress(subprocess.TimeoutExpired):
        stack.exit_code(seconds)
    code = stack.exit_code(STORM_SECONDS)
    if not before_our_first_line(code, stack.logs()):
        assert code == 0
        assert "Traceback" not in stack.logs()
    assert stack.processes() == []
    assert not (stack.data_folder / "stack.env").exists()


@pytest.mark.acceptance
@pytest.mark.xdist_group("storms")
def test_a_worker_that_is_told_to_stop_again_and_again_drains(stack: Stack) -> None:
    stack.start()
    task = stack.http.post("/tasks/", json={"operation": "sleep", "arguments": {"seconds": 2}}).json()
    stack.wait_until(lambda: stack.http.get(f"/tasks/{task['id']}/").json()["status"] == "STARTED")
    workers = {role: stack.pid(role) for role in ("worker", "sweeper")}

    def terminate(_: signal.Signals) -> None:
        for pid in workers.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    with storm(terminate):
        stack.wait_until(lambda: all(stack.restarted(role, pid) for role, pid in workers.items()))
    found = stack.http.get(f"/tasks/{task['id']}/?wait=30").json()
    assert (found["status"], found["attempt"]) == ("SUCCESS", 1)
    assert stack.stop() == 0
    assert not {"Traceback", "RecursionError"} & set(stack.logs().replace(":", " ").split())


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One that starts again what a test ends."""
    with running_stack(tmp_path_factory.mktemp("roles"), WORKERS="2", APPS="testing") as stack:
        yield stack


@pytest.mark.acceptance
@pytest.mark.xdist_group("storms of roles")
class TestRoles:
    """Storms of SIGTERM. SIGINT, sent again, asks Celery for haste."""

    @pytest.mark.parametrize("role", ["worker", "sweeper", "beat", "flower"])
    def test_each_ends_in_order(self, working: Stack, role: str) -> None:
        process = psutil.Process(working.pid(role))
        written = len(working.logs())
        with storm(process.send_signal, [signal.SIGTERM]):
            working.wait_until(lambda: working.restarted(role, process.pid), STORM_SECONDS)
        lines = working.logs()[written:]
        assert not re.search("Traceback|Error|Exit", lines), lines
        if role != "flower":
            begun = "SELECT stopped_at FROM worker_node WHERE role = %s ORDER BY id"
            working.wait_until(lambda: len(working.psql(begun, [role])) == 2)
            assert [stopped_at is None for (stopped_at,) in working.psql(begun, [role])] == [False, True]
        working.wait_until(working.ready)
