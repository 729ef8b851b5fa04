"""The sweep's share in the audit log: events get their places in the chains, and old ones go."""

import logging
from functools import partial

from django.conf import settings

from access.audit import retention, sealing
from log_lines import event
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.refusals import concerns_all
from tasks_api.retention import in_batches

logger = logging.getLogger(__name__)


def seal_events(duty: Duty) -> int:
    """Seal what waits, a turn of each chain. A chain that cannot go on costs itself alone. How many events."""
    count = 0
    for project_id in sealing.waiting([project for project in duty.left_out() if isinstance(project, int)]):
        try:
            sealed = sealing.seal(project_id)
        except Exception as error:
            if concerns_all(error):
                raise
            duty.refuse(project_id, error)
            continue
        if sealed is not None:
            count += sealed.count
            _tell(project_id, sealed)
    return count


def _tell(project_id: int, sealed: sealing.Sealed) -> None:
    """Where the log of this service is kept elsewhere, it knows of a chain whose end was cut off and made anew."""
    said = {"project_id": project_id, "number": sealed.last_number, "hash": sealed.last_hash.hex()}
    logger.info(
        "audit log of project %d sealed up to number %d, hash %s",
        *said.values(),
        extra=event("audit.sealed", **said),
    )


def forget_old_events(duty: Duty | None = None) -> int:  # noqa: ARG001 (as all that is forgotten)
    """Delete what was sealed longer ago than its retention. How many events."""
    return in_batches(partial(retention.forget_old_events, settings.RETENTION_AUDIT_DAYS))
