"""The ledger of occurrences does not grow for ever."""

from django.conf import settings

from tasks_api.database import execute
from tasks_api.retention import in_batches

FORGET_SQL = """
DELETE FROM occurrence WHERE id IN (
    SELECT id FROM occurrence
     WHERE last_scheduled_for < statement_timestamp() - make_interval(secs => %(seconds)s)
     ORDER BY last_scheduled_for LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""


def forget_old_occurrences() -> int:
    """Remove the record of occurrences that lie further back than the retention. How many rows."""
    seconds = settings.RETENTION_OCCURRENCE_DAYS * 86_400
    return in_batches(lambda limit: execute(FORGET_SQL, {"seconds": seconds, "limit": limit}))
