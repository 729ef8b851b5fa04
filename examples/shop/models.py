from django.db import models


class Order(models.Model):
    """What somebody bought; `task` computes what it costs."""

    prices = models.JSONField()
    discount_percent = models.PositiveSmallIntegerField(default=0)
    task = models.UUIDField(null=True)

    objects: models.Manager["Order"] = models.Manager()
