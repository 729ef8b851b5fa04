"""Where the rows go."""

from django.db import models


class Invoice(models.Model):
    """One line of the list. `load_csv` writes them; what breaks a rule here is a bad row."""

    number = models.CharField(max_length=20, primary_key=True)
    customer = models.CharField(max_length=100)
    day = models.DateField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)

    objects: models.Manager["Invoice"] = models.Manager()

    class Meta:
        db_table = "invoice"
        constraints = [
            models.CheckConstraint(name="amount_is_positive", condition=models.Q(amount__gt=0)),
        ]
