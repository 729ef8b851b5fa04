"""No exception of an action is forgotten in the tables that make problems of them."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

from rest.views import View
from schedules import actions as schedule_actions
from schedules.api.refusals import ScheduleView
from tasks_api import actions, idempotency, removal, watching
from tasks_api.api.refusals import TaskView

ACTIONS = [
    import_module(f"{schedule_actions.__name__}.{found.name}")
    for found in iter_modules(schedule_actions.__path__)
]


def exceptions_of(module: ModuleType) -> set[type[Exception]]:
    """Those that it defines."""
    found = {each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Exception)}
    return {each for each in found if each.__module__ == module.__name__}


@pytest.mark.parametrize(
    ("view", "modules"), [(ScheduleView, ACTIONS), (TaskView, [actions, idempotency, removal, watching])]
)
def test_each_has_its_problem(view: type[View], modules: list[ModuleType]) -> None:
    defined = set().union(*map(exceptions_of, modules))
    assert len(defined) > 4
    assert {each.__name__ for each in defined if not issubclass(each, tuple(view.refusals))} == set()
