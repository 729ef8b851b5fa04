"""The rows of keys that clients send with requests."""

from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """A key that a client sent with a request, so that sending the request again changes nothing more."""

    pk = models.CompositePrimaryKey("scope", "key")
    scope = models.TextField(help_text="method and path")
    key = models.TextField()
    request_hash = models.BinaryField(help_text="SHA-256 of query and body: what the key stands for")
    status = models.SmallIntegerField(help_text="of the answer")
    ids = models.JSONField(help_text="of what was created; null where an item of a batch was refused")
    report = models.JSONField(null=True, help_text="the answer, where it tells what was done")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "idempotency_key"
        # The sweep: which are old?
        indexes = [models.Index("created_at", name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
