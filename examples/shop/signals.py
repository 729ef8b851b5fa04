from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from examples.shop.models import Order
from tasks_api.client import submit_operation


@receiver(post_save, sender=Order)
def compute_total(instance: Order, created: bool, raw: bool, **_: Any) -> None:
    """Give a new order its task. If both are in one transaction, there is neither one without the other."""
    if created and not raw:
        task = submit_operation(
            "shop.total",
            {"prices": instance.prices, "discount_percent": instance.discount_percent},
            priority=7,
            tags=[f"order:{instance.pk}"],
        )
        Order.objects.filter(pk=instance.pk).update(task=task.id)
