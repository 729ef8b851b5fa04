"""Restrictions: what they allow, and that nobody gives more than they have."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.restrictions import NO_RESTRICTIONS, Restrictions, excesses, matches

patterns = st.text("ab*", max_size=6)
names = st.text("ab", max_size=8)
networks = st.sampled_from(
    ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "0.0.0.0/0", "::/0", "fd00::/8", "fd00::1/128"]
)
addresses = st.sampled_from(["10.1.2.3", "10.200.0.1", "192.0.2.1", "fd00::1", "2001:db8::1"])
restrictions = st.builds(
    Restrictions,
    operations=st.none() | st.lists(patterns, min_size=1, max_size=3).map(tuple),
    max_priority=st.none() | st.integers(0, 9),
    networks=st.none() | st.lists(networks, min_size=1, max_size=3).map(tuple),
    pins=st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["{}", "true"])).map(
        lambda pins: tuple(sorted(pins.items()))
    ),
)


@given(pattern=patterns, name=names)
def test_a_star_stands_for_anything(pattern: str, name: str) -> None:
    assert matches(pattern, name) == fnmatchcase(name, pattern)


def test_many_stars_take_no_time() -> None:
    assert not matches("*a" * 50_000 + "b", "a" * 100_000)


@given(mine=restrictions, wanted=restrictions, name=names, address=addresses, priority=st.integers(0, 9))
def test_nobody_gives_more_than_they_have(
    mine: Restrictions, wanted: Restrictions, name: str, address: str, priority: int
) -> None:
    if any(excesses(mine, wanted)):
        return
    assert mine.allows_operation(name) or not wanted.allows_operation(name)
    assert mine.allows_priority(priority) or not wanted.allows_priority(priority)
    assert mine.allows_address(address) or not wanted.allows_address(address)
    assert all(wanted.pin_of(operation) == schema for operation, schema in mine.pins)


@given(restrictions)
def test_everybody_may_give_what_they_have(mine: Restrictions) -> None:
    assert not list(excesses(mine, mine))
    assert not list(excesses(NO_RESTRICTIONS, mine))


@pytest.mark.parametrize("address", [None, "192.0.2.7", "2001:db8::1"])
def test_from_elsewhere(address: str | None) -> None:
    assert not Restrictions(networks=("10.0.0.0/8",)).allows_address(address)
    assert NO_RESTRICTIONS.allows_address(address)
