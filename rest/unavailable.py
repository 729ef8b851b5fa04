"""Problems that pass: what is asked for cannot be done now."""

import logging
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError

from log_lines import event
from rest import commits
from rest.problems import Problem

RETRY_AFTER_SECONDS = 5
BUSY = ("57014", "55P03", "40P01", "40001")
"""Of Postgres: a statement or its wait for a lock took too long; two waited for each other."""

logger = logging.getLogger(__name__)


class Unavailable(Problem):
    """503: not now, but soon again; `detail` says what became of the request."""

    mending = (
        "The request needs no change: send it again after `Retry-After` seconds, and wait longer each time."
    )
    sample: tuple[Any, ...] | None = ()
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str | Exception, **extra: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}, **extra)


class DatabaseAway(Unavailable):
    """503: the database does not answer, and nothing was changed."""

    code = "database_away"

    def __init__(self, **extra: Any) -> None:
        super().__init__("the database does not answer; nothing was changed; try again soon", **extra)


class DatabaseBusy(Unavailable):
    """503: the database took too long, as for a row that somebody else has locked, and nothing was changed."""

    code = "database_busy"

    def __init__(self) -> None:
        super().__init__("the database could not do this in time; nothing was changed; try again soon")


class OutcomeUnknown(Unavailable):
    """503: the database stopped answering when a change may have been committed."""

    code = "outcome_unknown"
    mending = (
        "With an `Idempotency-Key`, send the same request again: it is carried out once. Without one, look first "
        "whether it was carried out. Better send such a key with all that creates something."
    )

    def __init__(self) -> None:
        super().__init__(
            "the database stopped answering, and the request may have been carried out: repeat it with the same "
            "Idempotency-Key, or look before you repeat it"
        )


def unavailable(error: OperationalError | InterfaceError) -> Unavailable:
    """The problem where the database failed in a request, as far as is known of what the request did."""
    logger.error("the database failed: %s", error, extra=event("database.failed"))
    if commits.may_have_happened():
        return OutcomeUnknown()
    return DatabaseBusy() if getattr(error.__cause__, "pgcode", None) in BUSY else DatabaseAway()
