"""How much later than its instant an occurrence's task runs."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PARTS = 2**64


def jitter(schedule_id: UUID, scheduled_for: datetime, seconds: float) -> timedelta:
    """From 0 up to, not including, so many seconds: the same for the same occurrence, whenever it is computed."""
    if not seconds:
        return timedelta(0)
    instant = (scheduled_for - _EPOCH) // timedelta(seconds=1)
    digest = blake2b(schedule_id.bytes + instant.to_bytes(8, signed=True), digest_size=8).digest()
    most = timedelta(seconds=seconds) // _MICROSECOND
    return most * int.from_bytes(digest) // _PARTS * _MICROSECOND
