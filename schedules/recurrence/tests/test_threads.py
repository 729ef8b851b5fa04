"""A rule that was read once is used by all threads, which may switch at every step."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from inspect import unwrap
from types import CodeType, FrameType
from typing import Any

import pytest

from schedules.recurrence import Rule, RuleSpec, days, times, walls
from schedules.recurrence.parsing import _parse
from schedules.recurrence.spec import checked

REMEMBERING = {module.__file__ for module in (days, times, walls)}
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
RULES = {
    "phased": "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,10;BYSECOND=0,30",
    "picked": "FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=6,7;BYSETPOS=-1,1",
    "days": "FREQ=MONTHLY;BYDAY=1MO,-1FR",
    "joined": "RRULE:FREQ=DAILY;BYHOUR=3,4\nRRULE:FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,20",
}
Question = Callable[[Rule], Any]


def in_three_days(rule: Rule) -> Any:
    return rule.count(START, START + timedelta(days=3), 10_000), rule.next(START)


def in_the_days_after(rule: Rule) -> Any:
    after = START + timedelta(days=3)
    return rule.count(after, after + timedelta(days=3), 10_000), rule.next(after)


def unread(text: str) -> Rule:
    """The rule, of which nothing is remembered."""
    spec = RuleSpec(rrule=text, starts_at=datetime(2026, 1, 1, tzinfo=UTC), timezone="Europe/Berlin")
    rule: Rule = unwrap(_parse)(checked(spec), 1)
    return rule


Place = tuple[CodeType, int]
"""A function, and an instruction in it."""


def stepped(question: Question, rule: Rule, at_step: Callable[[int, Place], object]) -> Any:
    """The answer. At each step, an instruction in what remembers, `at_step` is told its number and its place."""
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        if frame.f_code.co_filename not in REMEMBERING:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            at_step(steps, (frame.f_code, frame.f_lasti))
            steps += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return question(rule)
    finally:
        sys.settrace(before)


def first_steps(question: Question, rule: Rule) -> list[int]:
    """Each place when the answer comes by it for the first time."""
    found: dict[Place, int] = {}
    stepped(question, rule, lambda step, place: found.setdefault(place, step))
    return list(found.values())


@pytest.mark.parametrize("text", RULES.values(), ids=RULES)
def test_another_thread_asks_at_any_step(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "_COUNTS_REMEMBERED", 1)
    monkeypatch.setattr(walls, "_REMEMBERED", 1)
    expected, other = in_three_days(unread(text)), in_the_days_after(unread(text))
    with ThreadPoolExecutor(1) as thread:
        for switch_at in first_steps(in_three_days, unread(text)):
            rule = unread(text)

            def switch(step: int, _: Place, switch_at: int = switch_at, rule: Rule = rule) -> None:
                if step == switch_at:
                    assert thread.submit(in_the_days_after, rule).result(60) == other

            assert stepped(in_three_days, rule, switch) == expected
