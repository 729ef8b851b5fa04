"""The sweep forgets old idempotency keys, now and then."""

import pytest

from tasks_api.idempotency_rows import IdempotencyKey
from tasks_api.isolation.interval import Interval
from tasks_api.upkeep import Upkeep
from testing.api import Api
from testing.broker import Lists

pytestmark = pytest.mark.django_db


def make_keys() -> None:
    for name in ("a", "b"):
        Api().post("/tasks/", {"operation": "4+7"}, idempotency_key=name)
    IdempotencyKey.objects.filter(key="a").update(created_at="2020-01-01T00:00:00Z")


def keys() -> set[str]:
    return set(IdempotencyKey.objects.values_list("key", flat=True))


def test_it_works(broker: Lists) -> None:
    make_keys()
    Upkeep().run()
    assert keys() == {"b"}


def test_not_in_each_sweep(broker: Lists) -> None:
    upkeep = Upkeep()
    upkeep.run()
    make_keys()
    upkeep.run()
    assert keys() == {"a", "b"}
    upkeep._forget_keys = Interval(0)
    upkeep.run()
    assert keys() == {"b"}
