"""What the tests of occurrences share: the calls, and a list of occurrences in short."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from rest_framework.test import APIClient

from rest.json import instant_text
from schedules.models import TaskSchedule
from schedules.tests.conftest import NOON
from schedules.tests.lives import MINUTE

Short = tuple[float, str]


def path_of(schedule: TaskSchedule, instant: datetime | str = "") -> str:
    """The path of a schedule's occurrences, or of one of them."""
    text = instant_text(instant) if isinstance(instant, datetime) else instant
    return f"/task-schedules/{schedule.id}/occurrences/" + (f"{quote(text or '', safe='')}/" if text else "")


def page(client: APIClient, schedule: TaskSchedule, **query: Any) -> Any:
    """The answer to GET; `start` and `end` stand for `from` and `to`."""
    names = {"start": "from", "end": "to"}
    given = {names.get(name, name): _text(value) for name, value in query.items()}
    answer = client.get(path_of(schedule), given)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def listed(client: APIClient, schedule: TaskSchedule, **query: Any) -> list[Short]:
    """Each occurrence of one page: minutes after noon, and its outcome."""
    return shortened(page(client, schedule, **query)["results"])


def shortened(results: list[Any]) -> list[Short]:
    """The same of results."""
    return [(minutes(one["scheduled_for"]), one["outcome"]) for one in results]


def minutes(text: str) -> float:
    """From noon to an instant; whole ones as int."""
    passed = (datetime.fromisoformat(text) - NOON) / MINUTE
    return int(passed) if passed == int(passed) else passed


def put(
    client: APIClient, schedule: TaskSchedule, instant: datetime | str, tag: str = "", **body: Any
) -> Any:
    """The answer to PUT; instants in the body as datetimes."""
    headers = {"If-Match": tag} if tag else {}
    texts = {name: _text(value) for name, value in body.items()}
    return client.put(path_of(schedule, instant), texts, headers=headers)


def take_back(client: APIClient, schedule: TaskSchedule, instant: datetime | str, tag: str = "") -> Any:
    """The answer to DELETE."""
    return client.delete(path_of(schedule, instant), headers={"If-Match": tag} if tag else {})


def fill(
    client: APIClient, schedule: TaskSchedule, start: datetime | str, end: datetime | str, **body: Any
) -> Any:
    """The answer to a backfill."""
    span = {"from": _text(start), "to": _text(end)}
    return client.post(f"/task-schedules/{schedule.id}/backfill/", {**span, **body})


def filled(answer: Any) -> tuple[list[float], list[Short]]:
    """Of an answer to a backfill: what was created, and what was left."""
    assert answer.status_code == 202, answer.json()
    body = answer.json()
    assert body["count"] == len(body["results"])
    return [minutes(one["scheduled_for"]) for one in body["results"]], shortened(body["left"])


def errors(answer: Any, status: int = 400) -> list[tuple[str, str]]:
    """Where and what of a refusal."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return [(one.get("pointer") or one["parameter"], one["code"]) for one in answer.json()["errors"]]


def refused(answer: Any, status: int, text: str) -> None:
    """A problem whose detail says so."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    assert text in answer.json()["detail"]


def seconds_apart(moments: list[str]) -> list[float]:
    """The intervals between instants."""
    read = [datetime.fromisoformat(moment) for moment in moments]
    return [(later - earlier) / timedelta(seconds=1) for earlier, later in pairwise(read)]


def _text(value: Any) -> Any:
    return instant_text(value) if isinstance(value, datetime) else value
