"""How long to wait between tries."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import Backoff

CHANCE = st.floats(0, 1, exclude_max=True)
TRIES = st.integers(1, 32_767)
SECONDS = st.floats(0, 7 * 86_400)
BACKOFF = st.builds(Backoff, base_seconds=SECONDS, factor=st.floats(1, 1e300), cap_seconds=SECONDS)


@pytest.mark.parametrize(
    ("tries", "longest"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 512), (10, 600), (11, 600), (32_767, 600)]
)
def test_by_itself_it_doubles_from_two_seconds_to_ten_minutes(tries: int, longest: float) -> None:
    assert Backoff().delay(tries, 0.5) == longest / 2


@pytest.mark.parametrize(("chance", "seconds"), [(0, 0), (0.25, 2), (0.75, 6)])
def test_the_jitter_is_full(chance: float, seconds: float) -> None:
    assert Backoff().delay(3, chance) == seconds


@given(BACKOFF, TRIES, CHANCE)
def test_it_is_never_negative_and_never_beyond_its_cap(backoff: Backoff, tries: int, chance: float) -> None:
    assert 0 <= backoff.delay(tries, chance) <= backoff.cap_seconds


@given(BACKOFF, TRIES, TRIES, CHANCE)
def test_it_does_not_shrink(backoff: Backoff, tries: int, more: int, chance: float) -> None:
    assert backoff.delay(tries, chance) <= backoff.delay(tries + more, chance)


@given(BACKOFF, TRIES, CHANCE, CHANCE)
def test_it_grows_with_chance(backoff: Backoff, tries: int, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert backoff.delay(tries, less) <= backoff.delay(tries, more)


@given(BACKOFF, CHANCE)
def test_the_first_is_at_most_its_base(backoff: Backoff, chance: float) -> None:
    assert backoff.delay(1, chance) <= backoff.base_seconds


def test_what_is_too_large_to_compute_is_the_cap() -> None:
    assert Backoff(base_seconds=1, factor=1e300, cap_seconds=60).delay(3, 0.5) == 30


@pytest.mark.parametrize("name", ["base_seconds", "cap_seconds"])
@pytest.mark.parametrize("seconds", [-1, 7 * 86_400 + 1, 1e13, inf, nan])
def test_seconds_have_bounds(name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match=r"must be between 0 and 604800 \(a week\), got Backoff"):
        Backoff(**{name: seconds})


@pytest.mark.parametrize("factor", [0.9, -1, inf, nan])
def test_its_factor_has_bounds(factor: float) -> None:
    with pytest.raises(ValueError, match="factor of a back-off must be at least 1, got Backoff"):
        Backoff(factor=factor)
