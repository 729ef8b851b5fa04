"""What an operation prints. Each test has a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BEGIN = """
import logging, sys, threading
from log_lines import running
from log_lines.formatting import formatter
from log_lines.prints import end_lines, tell_prints
handler = logging.StreamHandler()
handler.setFormatter(formatter("json"))
logging.basicConfig(level="INFO", handlers=[handler])
tell_prints()
task = {"task_id": "T", "operation": "print", "attempt": 1}
"""


def lines(code: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    found = (done.stdout + done.stderr).splitlines()
    return [json.loads(line) if line.startswith("{") else line for line in found]


def test_each_line_is_a_record_of_its_task() -> None:
    records = lines("with running(**task):\n    print('a', 'b'); print('c\\nd', file=sys.stderr)")
    assert [(line["message"], line["stream"]) for line in records] == [
        ("a b", "stdout"),
        ("c", "stderr"),
        ("d", "stderr"),
    ]
    assert all(line.items() >= {"event": "operation.printed", "task_id": "T"}.items() for line in records)


def test_what_is_printed_outside_of_an_attempt_stays_as_it_is() -> None:
    assert lines("print('before')\nwith running(**task): pass\nprint('after')") == ["before", "after"]


def test_a_line_that_is_not_ended_is_told_at_the_end() -> None:
    (line,) = lines("with running(**task):\n    print('a', end=''); print('b', end=''); end_lines()")
    assert line["message"] == "ab"


def test_one_without_an_end_is_told_in_parts() -> None:
    records = lines("with running(**task):\n    print('x' * 25_000)")
    assert [len(line["message"]) for line in records] == [10_000, 10_000, 5_000]


def test_a_thread_belongs_to_the_attempt_that_began_it() -> None:
    code = """
printed, go, over = threading.Event(), threading.Event(), threading.Event()
def work():
    print("in time"); printed.set(); go.wait(); print("late"); over.set()
with running(**task):
    thread = threading.Thread(target=work); thread.start()
    printed.wait()
with running(**{**task, "task_id": "U"}):
    go.set(); over.wait()
"""
    raw, record = sorted(lines(code), key=lambda line: isinstance(line, dict))
    assert raw == "late"
    assert (record["message"], record["task_id"]) == ("in time", "T")


def test_a_handler_that_writes_to_the_streams_does_no_harm() -> None:
    records = lines(
        "with running(**task):\n    logging.getLogger().addHandler(logging.StreamHandler()); print('once')"
    )
    assert sorted(line if isinstance(line, str) else line["message"] for line in records) == ["once", "once"]
