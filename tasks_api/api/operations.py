"""The form of `/operations/`."""

from typing import Any

from operations import Operation


def represent(operation: Operation) -> dict[str, Any]:
    """An operation as clients see it. The schemas are JSON Schema 2020-12."""
    lack = operation.unavailable
    return {
        "name": operation.name,
        "summary": operation.summary,
        "idempotent": operation.idempotent,
        "timeout_seconds": operation.timeout_seconds,
        "max_attempts": operation.max_attempts,
        "arguments_schema": operation.arguments_schema,
        "result_schema": operation.result_schema,
        "errors": [{"type": word, "description": meaning} for word, meaning in operation.errors.items()],
        "examples": [
            {"arguments": example.arguments, "result": example.result} for example in operation.examples
        ],
        "unavailable": None if lack is None else lack._asdict(),
        "notes": operation.notes,
    }
