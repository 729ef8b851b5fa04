"""A budget of CPU time is spent by work, and by nothing else."""

import threading

from rest.cpu_budget import CpuBudget


def test_waiting_costs_nothing() -> None:
    budget = CpuBudget(0.2)
    threading.Event().wait(0.25)
    assert not budget.is_spent()


def test_work_spends_it() -> None:
    budget = CpuBudget(0.01)
    while not budget.is_spent():
        sum(range(1_000))


def test_what_other_threads_do_costs_nothing() -> None:
    budget = CpuBudget(0.2)
    other = threading.Thread(target=_spend, args=[0.25])
    other.start()
    other.join()
    assert not budget.is_spent()


def _spend(seconds: float) -> None:
    budget = CpuBudget(seconds)
    while not budget.is_spent():
        sum(range(1_000))
