"""Trying out an operation without a worker, a database or a broker.

>>> from operations import testing
>>> testing.run("calculate", {"expression": "4+7"}).result
11
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from operations.catalogue import catalogue
from operations.configuration import configuration, configure
from operations.context import Context, Progress
from operations.definition import Operation
from operations.files import NO_FILES, FileAccess, Files
from operations.secrets import SecretReader
from values.storable import storable

TASK_ID = "019a0000-0000-7000-8000-000000000000"


class Ran(NamedTuple):
    """What an operation returned, as clients read it, and what it told of its progress."""

    result: Any
    progress: Sequence[Progress]


def run(
    operation: str | Callable[..., Any],
    arguments: Mapping[str, Any] | None = None,
    *,
    task_id: str = TASK_ID,
    attempt: int = 1,
    scheduled_for: datetime | None = None,
    previous_scheduled_for: datetime | None = None,
    next_scheduled_for: datetime | None = None,
    secrets: Mapping[str, str] | None = None,
    files: Files = NO_FILES,
) -> Ran:
    """Run an operation, by name or decorated function, as a worker would.

    The arguments are checked as those of a request are. `secrets` gives the values of secrets, by name;
    the operation may read those. `files` are those that arguments may refer to, and get those that it makes:
    `FolderFiles(tmp_path)`. Raises InvalidArguments, Unstorable, pydantic's ValidationError for a
    result that is not what the function's annotation says, and what the operation raises.
    """
    values = dict(secrets or {})
    found = _find(operation)
    stored = found.validate(dict(arguments or {}), values.__contains__, FileAccess(files.find))
    progress: list[Progress] = []
    reader = SecretReader(values.__contains__, values.__getitem__)
    context = Context(
        task_id,
        attempt,
        scheduled_for,
        previous_scheduled_for,
        next_scheduled_for,
        report=progress.append,
        mask=reader.hide,
        margin=reader.margin,
        files=files,
    )
    text = storable(found.run(stored, context, reader))
    found.signature.result.validate_json(text, strict=True)
    return Ran(reader.mask.json(json.loads(text)), progress)


@contextmanager
def configured(**parts: Any) -> Iterator[None]:
    """While the context lasts, these parts of the configuration hold: `configured(secrets=...)`."""
    before = configuration()
    configure(replace(before, **parts))
    try:
        yield
    finally:
        configure(before)


def _find(operation: str | Callable[..., Any]) -> Operation:
    if isinstance(operation, str):
        return catalogue.get(operation)
    for each in catalogue.all():
        if each.function is operation:
            return each
    raise LookupError(f"{operation!r} is no operation: decorate it with @operation")
