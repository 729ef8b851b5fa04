import pytest
from django.db import transaction

from examples.shop.models import Order
from rest.problems import InvalidInput
from tasks_api.models import Task


@pytest.mark.django_db
def test_a_new_order_has_a_task() -> None:
    order = Order.objects.create(prices=[1999, 500], discount_percent=10)
    task = Task.objects.get()
    assert (task.operation, task.priority, task.tags) == ("shop.total", 7, [f"order:{order.pk}"])
    order.refresh_from_db()
    assert order.task == task.id


@pytest.mark.django_db
def test_an_order_that_is_wrong_is_not_kept() -> None:
    with pytest.raises(InvalidInput, match="must be at least 0"), transaction.atomic():
        Order.objects.create(prices=[-5])
    assert not Order.objects.exists()
    assert not Task.objects.exists()
