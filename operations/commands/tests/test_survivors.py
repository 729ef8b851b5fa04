"""Nothing that a command starts outlives its run, however the run ends and whatever it started."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from uuid import uuid4

import psutil
import pytest

from operations import Context, OperationError, Progress, catalogue
from operations.commands import Command, guard
from operations.commands.tests.programs import only, python, shell
from operations.testing import configured
from testing.concurrency import PATIENCE_SECONDS, eventually
from testing.stack import PROJECT

MARK = "PUNCTUAL_TEST_MARK"
FAMILY = """
import os, signal, sys, time

def stay(*, session):
    if os.fork() == 0:
        if session:
            os.setsid()
        time.sleep(600)
        os._exit(0)

signal.signal(signal.SIGTERM, signal.SIG_IGN)
stay(session=False)
stay(session=True)
if os.fork() == 0:  # a daemon, as they make themselves: an orphan in a session of its own
    os.setsid()
    stay(session=False)
    os._exit(0)
os.wait()
print("ready", flush=True)
if sys.argv[1] == "stay":
    time.sleep(600)
"""
WORKER = """
import sys
from operations import Context, catalogue
from operations.commands import Commands, Command
from operations.testing import configured

it = Command.model_validate_json(sys.argv[1])
with configured(commands=Commands({"it": it})):
    tell = lambda progress: print(progress.message, flush=True)
    catalogue.get("run_command").run({"command": "it"}, Context("0199", 1, report=tell))
"""


class Stopped(Exception):
    """What the worker raises within an operation that is to stop."""


@pytest.fixture
def mark() -> str:
    return uuid4().hex


@pytest.fixture
def stop_signal() -> Iterator[int]:
    """A signal that raises, wherever this process is just then."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = signal.signal(signal.SIGUSR1, stop)
    yield signal.SIGUSR1
    signal.signal(signal.SIGUSR1, before)


def family(mark: str, what: str) -> Command:
    return python(FAMILY, what, environment={MARK: mark})


def marked(mark: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if variable(process) == mark]


def variable(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def run_it(it: Command, tell: Callable[[Progress], None]) -> None:
    with configured(commands=only(it)):
        catalogue.get("run_command").run({"command": "it"}, Context("0199", 1, report=tell))


def test_what_a_command_leaves_behind_is_ended(mark: str) -> None:
    seen: list[int] = []
    run_it(family(mark, "end"), lambda _: seen.append(len(marked(mark))))
    assert seen[0] >= 3
    assert marked(mark) == []


def test_one_that_is_to_stop_is_ended_with_all_it_started(mark: str, stop_signal: int) -> None:
    seen: list[int] = []

    def stop(_progress: Progress) -> None:
        seen.append(len(marked(mark)))
        os.kill(os.getpid(), stop_signal)

    with pytest.raises(Stopped):
        run_it(family(mark, "stay"), stop)
    assert seen == [4]
    eventually(lambda: marked(mark) == [])


def test_one_whose_worker_is_killed_is_ended_with_all_it_started(mark: str) -> None:
    it = family(mark, "stay")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, it.model_dump_json(by_alias=True)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    assert worker.stdout
    assert worker.stdout.readline() == b"ready\n"
    assert len(marked(mark)) == 4
    worker.kill()
    eventually(lambda: marked(mark) == [])
    worker.communicate()


HOSTILE = """
import os, signal, subprocess, sys, time

number, mark = int(sys.argv[1]), sys.argv[2]
if os.fork() == 0:  # a daemon with nothing in its environment
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sh", ["sh", "-c", "sleep 600; :", mark], {})
    os._exit(0)
os.wait()
while not subprocess.run(["pgrep", "-f", "^sh -c sleep 600; : " + mark], stdout=subprocess.DEVNULL).returncode == 0:
    time.sleep(0.01)
print("ready", flush=True)
if sys.argv[3] == "later":
    time.sleep(0.5)
os.kill(os.getppid(), number)
time.sleep(600)
"""
NUMBERS = [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT]


def processes_marked(mark: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if mark in command_line(process)]


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_kills_or_stops_its_parent_ends_with_all_it_started(mark: str, number: int) -> None:
    seen: list[int] = []
    with pytest.raises(OperationError) as raised:
        run_it(
            python(HOSTILE, str(number), mark, "at once"), lambda _: seen.append(len(processes_marked(mark)))
        )
    assert raised.value.type == "command_killed"
    assert seen, "it ran"
    assert processes_marked(mark) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_one_whose_worker_is_killed_is_ended_though_it_hits_its_parent(mark: str, number: int) -> None:
    it = python(HOSTILE, str(number), mark, "later")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, it.model_dump_json(by_alias=True)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert worker.stdout
    assert worker.stdout.readline() == b"ready\n"
    assert len(processes_marked(mark)) > 1
    worker.kill()
    worker.communicate()
    eventually(lambda: processes_marked(mark) == [])


def test_one_that_listens_is_given_time_to_clean_up(tmp_path: Path, stop_signal: int) -> None:
    script = "trap 'sleep 0.3; touch cleaned; exit' TERM; echo ready; sleep 600 & wait"
    with pytest.raises(Stopped):
        run_it(shell(script, directory=str(tmp_path)), lambda _: os.kill(os.getpid(), stop_signal))
    assert (tmp_path / "cleaned").exists()


@pytest.mark.parametrize(("rest", "begun"), [(b"", False), (b"\n", True)])
def test_an_order_that_is_cut_off_starts_nothing(tmp_path: Path, rest: bytes, begun: bool) -> None:
    path = tmp_path / "begun"
    order = {"argv": ["/usr/bin/touch", str(path)], "environment": {}, "directory": "/"}
    with subprocess.Popen(
        [sys.executable, "-I", guard.__file__, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        process.stdin.write(json.dumps(order).encode() + rest)
        process.stdin.flush()
        if not begun:
            process.stdin.close()
        assert process.wait(PATIENCE_SECONDS) == 0
    assert path.exists() == begun
