"""Keys of requests that were sent twice are forgotten a day later (`access.idempotency`)."""

from access.idempotency import KEPT_HOURS
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among

_OLD = f"""
    SELECT ctid FROM idempotency_key
     WHERE created_at < statement_timestamp() - interval '{KEPT_HOURS} hours' AND {among("ctid", "tid")}
     ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
FORGET = SetStatement(
    _OLD,
    f"DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY({_OLD})) RETURNING scope",  # noqa: S608 (a constant)
)


def forget_old_keys(limit: int, duty: Duty | None = None) -> int:
    """Delete up to `limit` keys whose time is over. How many."""
    return len(FORGET.run({"limit": limit}, duty))
