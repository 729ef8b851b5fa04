"""The arithmetic of rate limits, by itself and as the script in a real Valkey does it."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from redis.commands.core import Script

from access.rates.gcra import MOST_REQUESTS, SECOND, Ask, Limit, Rate, rate_of, standings
from access.rates.memory import MOST, Memory
from access.rates.shared import CLOCK, RECKONING, SCRIPT

LIFETIME = "math.ceil(taken / 1000)"
TOLD_TIME = "local now = tonumber(ARGV[#ARGV])" + RECKONING.replace(LIFETIME, "3600000")
"""The script, with the time as its last argument, whose keys outlive that."""

rates = st.builds(Rate, st.integers(1, 1_000), st.integers(1, 100)) | st.builds(
    Rate, st.integers(1, MOST_REQUESTS), st.integers(1, 86_400)
)


class Step(NamedTuple):
    """After a while somebody asks, of some limits, at some cost."""

    microseconds: int
    limits: tuple[int, ...]
    cost: int


steps = st.builds(
    Step,
    st.integers(0, 5 * SECOND) | st.integers(0, 200_000 * SECOND) | st.integers(-10 * SECOND, -1),
    st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True).map(tuple),
    st.integers(0, 3) | st.integers(0, 2_000),
)


def ask(rate: Rate, cost: int = 1, of: str = "a", kind: str = "key") -> Ask:
    return Ask(Limit(kind, of, rate), cost)


def one(memory: Memory, rate: Rate, now: int, cost: int = 1) -> bool:
    return memory.take([ask(rate, cost)], now).passes


@pytest.fixture(scope="module")
def valkey() -> Iterator[Redis]:
    with Redis.from_url(os.environ["CELERY_BROKER_URL"]) as client:
        yield client
        client.flushdb()


@pytest.fixture(scope="module")
def script(valkey: Redis) -> Script:
    assert SCRIPT == CLOCK + RECKONING
    assert LIFETIME in RECKONING
    return valkey.register_script(TOLD_TIME)


@given(st.lists(rates, min_size=3, max_size=3), st.lists(steps, max_size=20))
def test_the_script_reckons_as_we_do(
    valkey: Redis, script: Script, of_limits: list[Rate], asked: list[Step]
) -> None:
    """Also where clocks go back, and where one request meets several limits."""
    valkey.flushdb()
    memory, now = Memory(), 1_800_000_000 * SECOND
    for step in asked:
        now += step.microseconds
        asks = [ask(of_limits[number], step.cost, str(number)) for number in step.limits]
        arguments = [number for each in asks for number in (each.takes, each.limit.rate.whole)]
        passes, *used = script(keys=[each.limit.of for each in asks], args=[*arguments, now])
        verdict = memory.take(asks, now)
        assert (passes == 1, used) == (verdict.passes, verdict.used)


@given(rates, st.integers(0, 10 * SECOND))
def test_all_of_a_limit_may_be_used_at_once_and_no_more(rate: Rate, later: int) -> None:
    memory, now = Memory(), SECOND
    assert one(memory, rate, now, rate.limit)
    assert not one(memory, rate, now)
    back = min(later // rate.step, rate.limit)
    assert back == 0 or one(memory, rate, now + later, back)
    assert not one(memory, rate, now + later)


@given(rates, st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 5)), max_size=30))
def test_in_the_long_run_no_more_than_the_rate_pass(rate: Rate, asked: list[tuple[int, int]]) -> None:
    memory, now, passed = Memory(), 0, 0
    for microseconds, cost in asked:
        now += microseconds
        passed += cost if one(memory, rate, now, cost) else 0
    assert passed <= rate.limit + now // rate.step


@given(rates, st.integers(1, 2_000), st.integers(1, 2_000))
def test_whoever_waits_as_told_passes(rate: Rate, before: int, cost: int) -> None:
    memory, now = Memory(), SECOND
    one(memory, rate, now, min(before, rate.limit))
    wanted = ask(rate, min(cost, rate.limit))
    verdict = memory.take([wanted], now)
    (standing,) = standings([wanted], verdict)
    assert standing.refuses is not verdict.passes
    assert 0 <= standing.left <= rate.limit
    if not verdict.passes:
        assert one(memory, rate, now + standing.seconds * SECOND, wanted.cost)


def test_what_one_limit_refuses_takes_nothing_of_the_others() -> None:
    memory, wide, narrow = Memory(), Rate(10, 60), Rate(1, 60)
    both = [ask(wide, kind="key"), ask(narrow, kind="project")]
    assert memory.take(both, 0).passes
    for _ in range(20):
        verdict = memory.take(both, 0)
        assert not verdict.passes
    key, project = standings(both, verdict)
    assert (key.left, key.refuses) == (9, False)
    assert (project.left, project.refuses, project.seconds) == (0, True, 60)


def test_a_limit_that_was_made_narrower_is_whole_within_its_window() -> None:
    memory = Memory()
    assert memory.take([ask(Rate(1_000, 86_400), 1_000)], 0).passes
    assert not one(memory, Rate(10, 60), 0)
    assert one(memory, Rate(10, 60), 86_400 * SECOND + 1)
    (standing,) = standings([ask(Rate(10, 60))], memory.take([ask(Rate(10, 60), 11)], 0))
    assert standing.seconds <= 66


def test_whoever_comes_from_many_addresses_makes_no_key_forgotten() -> None:
    memory, rate = Memory(), Rate(1, 60)
    assert one(memory, rate, 0)
    for number in range(MOST + 5):
        memory.take([ask(rate, of=str(number), kind="address")], 0)
    assert not one(memory, rate, 0)
    assert len(memory._whole_at["address"]) == MOST
    assert memory.take([ask(rate, of="0", kind="address")], 0).passes
    assert not memory.take([ask(rate, of=str(MOST + 4), kind="address")], 0).passes


@pytest.mark.parametrize(
    "text",
    ["", "600", "600/", "/60", "0/60", "60/0", "-1/60", "1/86401", "1000001/1", "6e2/60", "600/60 ", "٣/٣"],
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be requests/seconds such as 600/60"):
        rate_of(text)


@given(rates)
def test_a_rate_is_read_as_it_is_written(rate: Rate) -> None:
    assert rate_of(str(rate)) == rate


@pytest.mark.parametrize(
    ("rate", "exceeds"),
    [("10/60", False), ("5/60", False), ("10/61", False), ("11/60", True), ("10/59", True), ("11/600", True)],
)
def test_which_rate_exceeds_another(rate: str, exceeds: bool) -> None:
    assert rate_of(rate).exceeds(Rate(10, 60)) is exceeds
