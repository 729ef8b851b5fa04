"""What a status means: success, another try, or the end."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.http.tests.conftest import Ask
from operations.http.verdict import is_expected, is_permanent, retry_after
from testing.peers import answer, running_peer

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "expected", "is_one"),
    [
        (200, ["2xx"], True), (299, ["2xx"], True), (300, ["2xx"], False), (404, ["2xx", 404], True),
        (405, ["2xx", 404], False), (500, ["4xx", "5xx"], True), (200, [201], False), (600, ["5xx"], False),
    ],
)  # fmt: skip
def test_what_is_expected(status: int, expected: list[int | str], is_one: bool) -> None:
    assert is_expected(status, expected) is is_one


@given(st.integers(200, 999))
def test_what_is_permanent(status: int) -> None:
    assert is_permanent(status) is (status < 500 and status not in (408, 425, 429))


@pytest.mark.parametrize(
    "status", [200, 301, 400, 401, 404, 408, 409, 410, 422, 425, 429, 500, 502, 503, 504, 999]
)
def test_another_status_fails_the_task(failing: Ask, status: int) -> None:
    with running_peer(answer(b"no\n  such\tthing", "Retry-After: 7", status=f"{status} X")) as peer:
        error = failing(peer.url("/secret?path"), expected_status=[201, "3xx"] if status != 301 else [201])
    passing = status in (408, 425, 429) or status >= 500
    assert (error.type, error.permanent) == ("unexpected_status", not passing)
    assert error.retry_after == (7 if passing else None)
    assert f"GET http://127.0.0.1:{peer.port} was answered with {status}" in error.message
    assert 'it says "no such thing"' in error.message
    assert "secret" not in error.message


def test_only_the_beginning_of_what_it_says_is_told(failing: Ask) -> None:
    with running_peer(answer(b"x" * 100_000, status="400 No")) as peer:
        error = failing(peer.url())
    assert len(error.message) < 400


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None), ({"retry-after": "0"}, 0), ({"retry-after": "120"}, 120), ({"retry-after": " 7 "}, 7),
        ({"retry-after": "999999999"}, 86_400), ({"retry-after": "9" * 5_000}, 86_400), ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None), ({"retry-after": "soon"}, None), ({"retry-after": ""}, None),
        ({"retry-after": "1, 2"}, None), ({"retry-after": "\u0661"}, None),
    ],
)  # fmt: skip
def test_retry_after_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Sun, 29 Mar 2026 01:32:00 GMT", 120), ("Sunday, 29-Mar-26 01:32:00 GMT", 120),
        ("Sun Mar 29 01:32:00 2026", 120), ("Sun, 29 Mar 2026 01:00:00 GMT", 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400),
        ("Sun, 29 Mar 2026 25:00:00 GMT", None), ("Sun, 99 Mar 2026 01:00:00 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_as_a_date_by_the_clock_of_the_other_side(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value, "date": format_datetime(NOW, usegmt=True)}) == seconds


def test_retry_after_as_a_date_by_our_clock_where_there_is_no_other() -> None:
    value = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    for date in ({}, {"date": "nonsense"}):
        seconds = retry_after({"retry-after": value, **date})
        assert seconds is not None
        assert 0 < seconds <= 3_600


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_it_can_say_does_harm(value: str, date: str) -> None:
    seconds: Any = retry_after({"retry-after": value, "date": date})
    assert seconds is None or 0 <= seconds <= 86_400
