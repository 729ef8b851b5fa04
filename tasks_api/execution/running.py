"""One way to run a task: claim, run, judge, record. Each step is a function that needs no worker."""

import json
import logging
import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from billiard.common import terminate_handler_fired
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import DataError, Error, connection

from log_lines import event, running
from log_lines.prints import end_lines
from operations import (
    Cancelled,
    Context,
    InvalidArguments,
    OperationError,
    Progress,
    UnknownOperation,
    Unstorable,
    catalogue,
)
from operations.secrets import Mask
from tasks_api import transitions
from tasks_api.database import insist
from tasks_api.execution import retries, stop_signals
from tasks_api.execution.lending import lent_connection, our_connection
from tasks_api.execution.process_state import one_process, unchanged_process
from tasks_api.execution.progress import Reporter
from tasks_api.transitions import Run
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


def _storable_text(text: str, length: int) -> str:
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]
    return text.encode(errors="replace").decode()


Outcome = Success | Failure
Examine = Callable[[BaseException, Callable[[str], str]], None]
"""Gets what an operation raised, and what hides the secrets in a text about it."""


def _look_away(_error: BaseException, _hide: Callable[[str], str]) -> None:
    """What a worker does with an exception besides judging it."""


def execute(task_id: UUID, priority: int, node: UUID) -> Outcome | None:
    """Run a task for one attempt and record what came of it.

    None: there was nothing to run, or the result did not count; both are in order.
    """
    token = uuid4()
    stop_signals.forget()
    run = insist(
        f"claiming task {task_id}", lambda: transitions.claim(task_id, priority, token=token, node=node)
    )
    if run is None:
        return None
    outcome = perform(run)
    return outcome if record(run, outcome) else None


def perform(run: Run, examine: Examine = _look_away) -> Outcome:
    """Run the operation and judge how it ended. Nothing that an operation does gets past this.

    `examine` is called with what it raised, before that is judged.
    """
    with closing(Reporter(run)) as reporter:
        outcome = rehearse(run, reporter, examine)
    return replace(outcome, progress=reporter.last)


def rehearse(run: Run, report: Callable[[Progress], None], examine: Examine = _look_away) -> Outcome:
    """What `perform` does, with the progress told to `report` and not to the row."""
    with running(task_id=str(run.task_id), operation=run.operation, attempt=run.attempt):
        try:
            return _rehearse(run, report, examine)
        finally:
            end_lines()


def _rehearse(run: Run, report: Callable[[Progress], None], examine: Examine) -> Outcome:
    try:
        operation = catalogue.get(run.operation)
    except UnknownOperation as error:
        return judge_error(error, run)
    reader = operation.reader()
    try:
        context = Context(
            str(run.task_id),
            run.attempt,
            run.scheduled_for,
            run.previous_scheduled_for,
            run.next_scheduled_for,
            report=report,
            mask=reader.hide,
            margin=reader.margin,
        )
        with _alone(run):
            result = copy_context().run(operation.run, run.arguments, context, reader)
        return masked(judge_result(result), reader.mask)
    except stop_signals.Interrupt:
        raise
    except BaseException as error:
        if terminate_handler_fired():  # but the end of this very process
            raise
        examine(error, reader.hide)
        return masked(judge_error(error, run), reader.mask)


@contextmanager
def _alone(run: Run) -> Iterator[None]:
    """Within is the operation's code: it gets what is its own, and nothing of it is left for what comes after."""
    with (
        unchanged_process(f"{run.operation} in task {run.task_id}"),
        lent_connection(),
        stop_signals.stoppable(lambda: _is_cancelled(run)),
        one_process(),
    ):
        yield


def _is_cancelled(run: Run) -> bool:
    """Without the database nobody can tell; the operation goes on then."""
    with our_connection():
        try:
            return transitions.is_cancelled(run)
        except Error as error:
            logger.warning(
                "cannot see whether task %s is cancelled: %s",
                run.task_id,
                error,
                extra=event("cancellation.unknown"),
            )
            connection.close()
            return False


def masked(outcome: Outcome, mask: Mask) -> Outcome:
    """The outcome without the secrets that the run has read."""
    if not mask:
        return outcome
    match outcome:
        case Success(result):
            return Success(storable(mask.json(json.loads(result))))
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


def judge_error(error: BaseException, run: Run) -> Failure:
    """What an exception means for the task."""
    with suppress(Exception):  # it is the operation's, and so is what it does when somebody looks at it
        if told := _told_failure(error):
            return told
    logger.error("%s raised an exception", run.operation, exc_info=error, extra=event("attempt.exception"))
    text = "".join(traceback.format_exception_only(error)).strip()
    trace = "".join(traceback.format_exception(error))
    return Failure(type(error).__name__, text, permanent=False, traceback=trace)


def _told_failure(error: BaseException) -> Failure | None:
    """What an exception says that was foreseen."""
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
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (the value is the operation's, and so is what it raises)
        return f"a {type(value).__name__} that cannot be shown as text"


def record(run: Run, outcome: Outcome) -> bool:
    """Write the outcome to the row. False: the task was rescued or deleted meanwhile, the outcome is void."""
    doing = f"recording the outcome of task {run.task_id}"
    try:
        recorded = insist(doing, lambda: _write(run, outcome))
    except DataError as error:
        refused = Failure("unstorable_result", f"the database refused the result: {error}", permanent=True)
        recorded = insist(doing, lambda: _fail(run, replace(refused, progress=outcome.progress)))
    if not recorded:
        logger.warning(
            "task %s is not ours any more, its outcome is void",
            run.task_id,
            extra=event("attempt.void", task_id=str(run.task_id), attempt=run.attempt),
        )
    return recorded


def _write(run: Run, outcome: Outcome) -> bool:
    match outcome:
        case Success():
            return transitions.succeed(run, outcome.result, progress=outcome.progress)
        case Failure():
            return _fail(run, outcome)


def _fail(run: Run, failure: Failure) -> bool:
    outcome = "timeout" if failure.type == "timeout" else "failed"
    return transitions.fail(
        run,
        failure.as_json(),
        outcome=outcome,
        retry_in=_retry_in(run, failure),
        progress=failure.progress,
    )


def _retry_in(run: Run, failure: Failure) -> float | None:
    try:
        backoff = catalogue.get(run.operation).backoff
    except UnknownOperation:
        return None
    return retries.retry_in(
        permanent=failure.permanent,
        tries=run.tries,
        max_attempts=run.max_attempts,
        backoff=backoff,
        retry_after=failure.retry_after or 0,
        chance=random.random(),  # noqa: S311 (spreads load, keeps no secret)
    )
