"""Lines of the log, whoever wrote them and whatever is in them."""

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from log_lines import event, request_id, running
from log_lines.formatting import JSON, PLAIN, formatter

TASK: dict[str, Any] = {"task_id": "01a1f8c2-7d11-7c06-9b1e-52c7a0f3d481", "operation": "sleep", "attempt": 2}
HOSTILE = "x\n2026-01-05T09:00:00.000Z INFO forged\r\x1b[2J\x85\u2028\u202e\ud800\0"


def record(message: str = "hello", /, *args: Any, **more: Any) -> logging.LogRecord:
    made = logging.getLogger("a.logger").makeRecord("a.logger", logging.INFO, "file", 1, message, args, None)
    made.__dict__.update(more, created=1767603600.25)
    return made


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    line = formatter("json").format(made)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def raised(text: str) -> Any:
    error = ValueError(text)
    try:
        raise error
    except ValueError:
        return sys.exc_info()


class TestPlain:
    def test_a_line(self) -> None:
        assert formatter("plain").format(record()) == "2026-01-05T09:00:00.250Z INFO a.logger hello"

    def test_what_it_belongs_to(self) -> None:
        token = request_id.set("order-7")
        with running(**TASK):
            line = formatter("plain").format(record())
        request_id.reset(token)
        assert line.endswith(f" hello request_id=order-7 task_id={TASK['task_id']}")
        assert formatter("plain").format(record()).endswith(" hello")

    def test_the_facts_of_its_event_come_first(self) -> None:
        with running(**TASK):
            found = record(**event("attempt.ended", task_id="another"))
            assert formatter("plain").format(found).endswith(" hello task_id=another")

    def test_no_text_forges_a_line(self) -> None:
        line = formatter("plain").format(record(HOSTILE))
        assert line.isprintable()
        assert r"x\n2026-01-05T09:00:00.000Z INFO forged\r\x1b[2J\x85\u2028\u202e\ud800\x00" in line

    def test_a_traceback_is_indented(self) -> None:
        first, *rest = formatter("plain").format(record(exc_info=raised(HOSTILE))).split("\n")
        assert first.endswith(" hello")
        assert rest[0] == "    Traceback (most recent call last):"
        assert all(line.startswith("    ") and line.replace("\t", "").isprintable() for line in rest)
        assert any("INFO forged" in line for line in rest)

    def test_a_stack_too(self) -> None:
        line = formatter("plain").format(record(stack_info="Stack (most recent call last):\n  here"))
        assert line.endswith("hello\n    Stack (most recent call last):\n      here")


class TestJson:
    def test_a_line(self) -> None:
        assert as_json(record("%s!", "hello")) == {
            "ts": "2026-01-05T09:00:00.250Z",
            "level": "INFO",
            "logger": "a.logger",
            "event": "log",
            "message": "hello!",
        }

    def test_an_event(self) -> None:
        with running(**TASK):
            line = as_json(record(**event("operation.printed", stream="stdout")))
        assert line.items() >= {"event": "operation.printed", "stream": "stdout", **TASK}.items()

    def test_what_others_add_to_a_record_is_left_out(self) -> None:
        line = as_json(record(event={"event": "forged"}, token="s3cret"))
        assert line["event"] == "log"
        assert "s3cret" not in str(line)

    def test_a_traceback(self) -> None:
        assert as_json(record(exc_info=raised("no")))["traceback"].endswith("\nValueError: no")


@given(st.text())
@pytest.mark.parametrize("form", ["plain", "json"])
def test_whatever_is_logged_is_one_line_that_can_be_written(form: str, text: str) -> None:
    line = formatter(form).format(record("%s", text))
    assert len(line.splitlines()) == 1
    line.encode()


@pytest.mark.parametrize("form", [PLAIN, JSON])
def test_no_line_has_a_key(form: str) -> None:
    secret = "0" * 38
    record = logging.LogRecord("a", logging.INFO, "", 0, "got %s", (f"pct_9Zk3TqLw0bXa_{secret}",), None)
    line = formatter(form).format(record)
    assert secret not in line
    assert "pct_9Zk3TqLw0bXa_" in line
