"""How an attempt ended: judged from what the operation returned or raised. Nothing here knows a row."""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded

from log_lines import event
from operations import Cancelled, InvalidArguments, OperationError, UnknownOperation, Unstorable
from operations.secrets import Mask
from tasks_api.execution.showing import as_text, show
from values.storable import storable

MAX_ERROR_TYPE = 100
MAX_ERROR_MESSAGE = 2_000
MAX_TRACEBACK = 8_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Success:
    """The operation returned; `result` is its value as JSON text."""

    result: str
    progress: str | None = None
    """What the operation told last of how far it was, as JSON text."""
    made: Sequence[UUID] = ()
    """The files that it made."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The operation did not return a result. `permanent`: trying again would not help."""

    type: str
    message: str
    permanent: bool
    traceback: str | None = None
    retry_after: float | None = None
    """Seconds that the next attempt is to wait at least."""
    progress: str | None = None
    made: Sequence[UUID] = ()

    def __str__(self) -> str:
        """The type and the message, which begins with the type where an exception was not foreseen."""
        beginning = f"{self.type}: "
        return beginning + self.message.removeprefix(beginning)

    def as_json(self) -> str:
        """The `error` of a task and of an attempt."""
        error: dict[str, Any] = {
            "type": _storable_text(self.type, MAX_ERROR_TYPE),
            "message": _storable_text(self.message, MAX_ERROR_MESSAGE),
            "permanent": self.permanent,
        }
        if self.traceback:
            error["traceback"] = _storable_text(self.traceback[-MAX_TRACEBACK:], MAX_TRACEBACK)
        return json.dumps(error)


Outcome = Success | Failure


def masked(outcome: Outcome, mask: Mask) -> Outcome:
    """The outcome without the secrets that the run has read."""
    if not mask:
        return outcome
    match outcome:
        case Success(result):
            return replace(outcome, result=storable(mask.json(json.loads(result))))
        case Failure():
            return replace(
                outcome,
                type=mask.text(outcome.type),
                message=mask.text(outcome.message),
                traceback=outcome.traceback and mask.text(outcome.traceback),
            )


def judge_result(result: Any) -> Outcome:
    """Success, if the value can be stored."""
    try:
        return Success(storable(result))
    except Unstorable as error:
        return Failure("unstorable_result", f"the operation's result {error}", permanent=True)


def judge_error(error: BaseException, operation: str) -> Failure:
    """What an exception of this operation means for the task."""
    with suppress(BaseException):  # it is the operation's, and so is what it does when somebody looks at it
        if failure := _foreseen(error):
            return failure
    shown = show(error)
    about = event("attempt.exception")
    logger.error("%s raised an exception", operation, exc_info=shown.error, extra=about)
    return Failure(shown.type, shown.message, permanent=False, traceback=shown.traceback)


def _foreseen(error: BaseException) -> Failure | None:
    """The failure that an exception stands for; None: nobody foresaw it."""
    match error:
        case OperationError():
            wait, permanent = _wait(error.retry_after), bool(error.permanent)
            return Failure(_as_text(error.type), _as_text(error.message), permanent, retry_after=wait)
        case SoftTimeLimitExceeded():
            return Failure("timeout", "the operation ran longer than timeout_seconds", permanent=False)
        case Cancelled():
            return Failure("cancelled", "it was cancelled", permanent=True)
        case UnknownOperation() | InvalidArguments():
            return Failure("invalid_task", str(error), permanent=True)
    return None


def _wait(seconds: Any) -> float | None:
    return seconds if isinstance(seconds, int | float) and seconds >= 0 else None


def _as_text(value: object) -> str:
    return as_text(lambda: value, f"a {type(value).__name__} that cannot be shown as text")


def _storable_text(text: str, length: int) -> str:
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]
    return text.encode(errors="replace").decode()
