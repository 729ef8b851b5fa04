"""The operation `run_command`: programs on the worker's machine that the operator has listed."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

from operations.catalogue import operation
from operations.commands.definition import Command
from operations.commands.orders import order_of
from operations.commands.output import Output
from operations.commands.running import GuardLost, NotStarted, Outputs, TookTooLong, run
from operations.configuration import configuration
from operations.context import Context
from operations.definition import Example
from operations.errors import OperationError
from operations.limits import MAX_TIMEOUT_SECONDS, Limits

MARGIN_SECONDS = 15.0
"""A task may take so much longer than its command, which is ended first, with a message that tells more."""
TOLD_CHARACTERS = 1_500
ERRORS = {
    "command_failed": "Its exit code does not mean success. Permanent.",
    "command_failed_for_now": "Its exit code is one after which the operator wants another attempt.",
    "command_killed": "A signal ended it that Punctual did not send, for example because memory ran out.",
    "command_timed_out": "It ran longer than the operator allows, and was stopped.",
    "command_not_started": "There is no such program or directory, or no permission to use it. Permanent.",
}


class CommandResult(TypedDict):
    """What became of a command that succeeded. Of long output the middle is left out."""

    exit_code: int
    stdout: str
    stderr: str
    stdout_truncated: bool
    stderr_truncated: bool
    elapsed_seconds: float


SILENT_SUCCESS: CommandResult = {
    "exit_code": 0,
    "stdout": "",
    "stderr": "",
    "stdout_truncated": False,
    "stderr_truncated": False,
    "elapsed_seconds": 0.04,
}


@dataclass(frozen=True, slots=True)
class _AsConfigured:
    """The form of the arguments, which depends on the commands that there are when it is asked."""

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return configuration().commands.schema()


def _checked(order: dict[str, Any]) -> dict[str, Any]:
    return configuration().commands.validate(order)


FORM: TypeAdapter[dict[str, Any]] = TypeAdapter(
    Annotated[dict[str, Any], AfterValidator(_checked), _AsConfigured()]
)


def limits_of(arguments: dict[str, Any]) -> Limits:
    """What the operator says of the command. One that is gone fails soon enough."""
    command = configuration().commands.get(arguments["command"])
    if command is None:
        return Limits(MARGIN_SECONDS, 1, idempotent=False)
    tries = 3 if command.idempotent else 1
    seconds = min(command.timeout_seconds + MARGIN_SECONDS, MAX_TIMEOUT_SECONDS)
    return Limits(seconds, tries, command.idempotent)


def examples() -> Iterator[Example]:
    """One for each command that the operator gave an example, or that needs no arguments."""
    for order in configuration().commands.examples():
        yield Example(order, {**SILENT_SUCCESS, "exit_code": _command(order).success_exit_codes[0]})


def _command(order: dict[str, Any]) -> Command:
    command = configuration().commands.get(order["command"])
    assert command is not None  # noqa: S101 (it is one of them)
    return command


@operation(
    idempotent=False,
    timeout_seconds=3_600 + MARGIN_SECONDS,
    errors=ERRORS,
    form=FORM,
    examples=examples,
    limits_of=limits_of,
)
def run_command(command: str, context: Context, arguments: dict[str, Any] | None = None) -> CommandResult:
    """Run a command that the operator allows, with checked arguments and without a shell.

    The progress tells the last line that the command wrote.
    """
    named = configuration().commands.get(command)
    assert named is not None  # noqa: S101 (the arguments were checked right before)
    outputs = Outputs(Output(context.mask), Output(context.mask))
    began = time.monotonic()
    try:
        exit_code = run(
            order_of(named, arguments or {}, context.secret),
            outputs,
            seconds=named.timeout_seconds,
            tell=lambda line: context.progress(0, line),
        )
    except (NotStarted, TookTooLong, GuardLost) as error:
        raise _failure(command, named, error, outputs) from error
    if exit_code not in named.success_exit_codes:
        raise _ended_badly(command, named, exit_code, outputs)
    return {
        "exit_code": exit_code,
        "stdout": outputs.stdout.text(),
        "stderr": outputs.stderr.text(),
        "stdout_truncated": outputs.stdout.truncated,
        "stderr_truncated": outputs.stderr.truncated,
        "elapsed_seconds": round(time.monotonic() - began, 3),
    }


def _failure(name: str, command: Command, error: Exception, outputs: Outputs) -> OperationError:
    match error:
        case NotStarted():
            return OperationError(
                f"{name} could not be started: {error}", permanent=True, type="command_not_started"
            )
        case TookTooLong():
            what = f"{name} ran longer than its {command.timeout_seconds:g} s, and was ended"
            return OperationError(what + _last_words(outputs), type="command_timed_out")
    return OperationError(f"{name} was killed, and what watches over it", type="command_killed")


def _ended_badly(name: str, command: Command, exit_code: int, outputs: Outputs) -> OperationError:
    if exit_code < 0:
        what = f"{name} was ended by {_signal_name(-exit_code)}"
        return OperationError(what + _last_words(outputs), type="command_killed")
    what = f"{name} ended with exit code {exit_code}" + _last_words(outputs)
    if exit_code in command.retry_exit_codes:
        return OperationError(what, type="command_failed_for_now")
    return OperationError(what, permanent=True, type="command_failed")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time ones have no names
        return f"signal {number}"


def _last_words(outputs: Outputs) -> str:
    for output in (outputs.stderr, outputs.stdout):
        if text := output.text().strip():
            return ": " + ("…" if len(text) > TOLD_CHARACTERS else "") + text[-TOLD_CHARACTERS:]
    return ""
