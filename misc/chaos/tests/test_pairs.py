"""Two faults at a time: which ones, and in which order."""

import pytest

from misc.chaos.faults import FAULTS, FEWER
from misc.chaos.run import chance_of, pairs
from misc.chaos.scene import Fault

SEEDS = range(50)


def drawn(seed: int, faults: tuple[Fault, ...] = FAULTS) -> list[list[Fault]]:
    return list(pairs(chance_of(seed, 3), list(faults)))


@pytest.mark.parametrize("faults", [FAULTS, FEWER, FAULTS[:5]])
def test_every_fault_strikes_together_with_another_one(faults: tuple[Fault, ...]) -> None:
    for found in (drawn(seed, faults) for seed in SEEDS):
        assert {fault.name for pair in found for fault in pair} == {fault.name for fault in faults}
        assert all(len({fault.name for fault in pair}) == 2 for pair in found)
        assert len(found) == (len(faults) + 1) // 2


def test_the_seed_says_which_ones() -> None:
    first, again, another = ([fault.name for pair in drawn(seed) for fault in pair] for seed in (1, 1, 2))
    assert first == again != another


def test_what_must_not_be_broken_yet_is_caught_first() -> None:
    found = [pair for seed in SEEDS for pair in drawn(seed)]
    assert any(pair[0].is_first and not pair[1].is_first for pair in found)
    assert all(pair[0].is_first or not pair[1].is_first for pair in found)
