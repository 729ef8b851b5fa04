"""What a task can do: a catalogue of typed functions.

    >>> from operations import Context, catalogue
    >>> calculate = catalogue.get("calculate")
    >>> arguments = calculate.validate({"expression": "4+7"})
    >>> calculate.run(arguments, Context(task_id="0199", attempt=1))
    11

To add an operation, write a module like `operations/sleep.py` and name it in `operations/builtin.py`,
or put it into the module `operations` of an app that the setting APPS names.
This package knows neither rows nor queues nor HTTP. Read in this order; each imports only what stands above it:

- `errors`, `limits`, `backoff`, pure: how a run may end, how long it may take, when it is tried again
- `files/`, `context`: the files that it reads and makes, and what it knows of its task
- `signature`: what a function takes and returns; `secrets/`: arguments that name a secret
- `arithmetic/`, `http/`, `commands/`, `load/`, `mail/`: what the operations of these names are made of
- `configuration`: what the operator decides; `definition`: one operation; `catalogue`: all of them
- `pdf/`: tables of PDFs, found in a child process
- `calculate`, `numbers`, `sleep`, `http_request`, `load_csv`, `pdf_to_csv`, `query_to_csv`, `run_command`,
  `send_email`: those that come with Punctual
- `loading`: operations of one's own; `testing`: trying one out
"""

from operations import builtin as _builtin  # noqa: F401 - registers the operations that come with it
from operations.arithmetic import is_expression
from operations.backoff import Backoff
from operations.catalogue import Catalogue, catalogue, operation
from operations.context import Context, Progress
from operations.definition import Example, Operation, Unavailable
from operations.errors import Cancelled, InvalidArguments, OperationError, UnknownOperation
from operations.files import File, FileReference, MaxBytes, Media
from operations.limits import InvalidLimits, Limits
from operations.loading import NotLoaded, load
from operations.secrets import Json, Secret, SecretText
from values.storable import Unstorable, storable
from values.validation import ArgumentError

__all__ = [
    "ArgumentError",
    "Backoff",
    "Cancelled",
    "Catalogue",
    "Context",
    "Example",
    "File",
    "FileReference",
    "InvalidArguments",
    "InvalidLimits",
    "Json",
    "Limits",
    "MaxBytes",
    "Media",
    "NotLoaded",
    "Operation",
    "OperationError",
    "Progress",
    "Secret",
    "SecretText",
    "Unavailable",
    "UnknownOperation",
    "Unstorable",
    "catalogue",
    "is_expression",
    "load",
    "operation",
    "storable",
]
