"""The cases of the benchmark of pages, once Django is set up."""

import time
from collections.abc import Iterator
from statistics import quantiles

from django.test import Client
from django.urls import is_valid_path

from dashboard.shell.sections import ROOT, SECTIONS
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.seed import fill_ended, fill_schedules
from schedules.forecasting.turns import take_turn
from tasks_api.database import execute
from tasks_api.roll_up.rolling import roll_up

MILLISECONDS = 1e3
TIME, SIZE = Goal(150), Goal(60_000)
VIEWS = {"calendar/": ("?view=week", "?view=day", "?view=agenda"), "forecast/": ("?span=week",)}
"""Of pages that show other things by what the address says."""
ANSWERS = ("/stats/", "/tasks/", "/tasks/?status=FAILURE", "/task-schedules/", "/failures/")
"""Of the API, which pages are made of."""


def rows(tasks: int, schedules: int, times: int) -> Iterator[Row]:
    """Of each page the time in the middle, that of the slowest twentieth, and the bytes before compression."""
    fill_schedules(schedules)
    fill_ended(tasks)
    execute("ANALYZE", None)
    _count()
    client = Client(headers={"Host": "localhost"})
    for path in (*paths(), *ANSWERS):
        seconds, size = _asked(client, path, times)
        *_, middle = quantiles(seconds, n=2, method="inclusive")
        slow = quantiles(seconds, n=20, method="inclusive")[-1]
        yield Row(f"{path}, p50", "ms", middle * MILLISECONDS)
        yield Row(f"{path}, p95", "ms", slow * MILLISECONDS, goal=TIME)
        if path not in ANSWERS:
            yield Row(f"{path}, size", "bytes", size, goal=SIZE)


def paths() -> Iterator[str]:
    """The page of each section that there is, in each of its views."""
    for section in SECTIONS:
        if is_valid_path(ROOT + section.path):
            yield from (f"{ROOT}{section.path}{view}" for view in ("", *VIEWS.get(section.path, ())))


def _count() -> None:
    """Roll up what ended, and let the forecast be counted, as the sweep does in time."""
    while roll_up()[1]:
        pass
    Client(headers={"Host": "localhost"}).get(f"{ROOT}forecast/")
    while take_turn():
        pass


def _asked(client: Client, path: str, times: int) -> tuple[list[float], int]:
    """How many seconds each answer took but for the first, and the bytes of the largest."""
    seconds, sizes = [], []
    for _ in range(times + 1):
        began = time.perf_counter()
        answer = client.get(path)
        seconds.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        sizes.append(len(answer.content))
    return seconds[1:], max(sizes)
