"""One way to run a task: claim, run, judge, record. Each step is a function that needs no worker."""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import copy_context
from dataclasses import replace
from uuid import UUID, uuid4

from billiard.common import terminate_handler_fired
from django.db import DataError, Error, connection, transaction

from log_lines import event, running
from log_lines.prints import end_lines
from operations import Context, Progress, UnknownOperation, catalogue
from operations.secrets import SecretReader
from tasks_api import file_uses, transitions
from tasks_api.database import insist
from tasks_api.execution import retries, stop_signals
from tasks_api.execution.lending import lent_connection, our_connection
from tasks_api.execution.outcomes import Failure, Outcome, Success, judge_error, judge_result, masked
from tasks_api.execution.process_state import one_process, unchanged_process
from tasks_api.execution.progress import Reporter
from tasks_api.execution.task_files import TaskFiles, discard, named_in
from tasks_api.transitions import Run

logger = logging.getLogger(__name__)

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
    """Run the operation, its progress written to the row, and judge how it ended."""
    with closing(Reporter(run)) as reporter:
        outcome = attempt(run, reporter, examine)
    return replace(outcome, progress=reporter.last)


def attempt(run: Run, report: Callable[[Progress], None], examine: Examine = _look_away) -> Outcome:
    """Run the operation and judge how it ended. Nothing that an operation does gets past this.

    `report` is told its progress. `examine` is called with what it raised, before that is judged.
    """
    with _logged(run):
        try:
            operation = catalogue.get(run.operation)
        except UnknownOperation as error:
            return judge_error(error, run.operation)
        reader = operation.reader()
        files = TaskFiles(run)
        try:
            context = _context(run, report, reader, files)
            with _alone(run):
                result = copy_context().run(operation.run, run.arguments, context, reader)
            return _with_files(masked(judge_result(result), reader.mask), files)
        except stop_signals.Interrupt:
            raise
        except BaseException as error:
            if terminate_handler_fired():  # but the end of this very process
                raise
            examine(error, reader.hide)
            return _with_files(masked(judge_error(error, run.operation), reader.mask), files)


def _with_files(outcome: Outcome, files: TaskFiles) -> Outcome:
    return replace(outcome, made=files.made) if files.made else outcome


@contextmanager
def _logged(run: Run) -> Iterator[None]:
    """What is logged and printed within tells which attempt it belongs to."""
    with running(task_id=str(run.task_id), operation=run.operation, attempt=run.attempt):
        try:
            yield
        finally:
            end_lines()


def _context(run: Run, report: Callable[[Progress], None], reader: SecretReader, files: TaskFiles) -> Context:
    return Context(
        str(run.task_id),
        run.attempt,
        run.scheduled_for,
        run.previous_scheduled_for,
        run.next_scheduled_for,
        report=report,
        mask=reader.hide,
        margin=reader.margin,
        files=files,
    )


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


def record(run: Run, outcome: Outcome) -> bool:
    """Write the outcome to the row. False: the task was rescued or deleted meanwhile, the outcome is void."""
    doing = f"recording the outcome of task {run.task_id}"
    try:
        recorded = insist(doing, lambda: _write(run, outcome))
    except DataError as error:
        refused = Failure("unstorable_result", f"the database refused the result: {error}", permanent=True)
        recorded = insist(doing, lambda: _fail(run, replace(refused, progress=outcome.progress)))
    if outcome.made:
        discard(run)
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
            if not outcome.made:
                return transitions.succeed(run, outcome.result, progress=outcome.progress)
            return _succeed_with_files(run, outcome)
        case Failure():
            return _fail(run, outcome)


def _succeed_with_files(run: Run, outcome: Success) -> bool:
    """What the result names is there for others from the moment that the task is a success."""
    with transaction.atomic():
        is_ours = transitions.succeed(run, outcome.result, progress=outcome.progress)
        if is_ours:
            file_uses.publish(run.token, named_in(outcome.result, outcome.made))
        return is_ours


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
