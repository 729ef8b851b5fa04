"""What a task can do: a catalogue of typed functions.

    >>> from operations import Context, catalogue
    >>> calculate = catalogue.get("calculate")
    >>> arguments = calculate.validate({"expression": "4+7"})
    >>> calculate.run(arguments, Context(task_id="0199", attempt=1))
    11

To add an operation, write a module like `operations/sleep.py` and name it in `operations/builtin.py`,
or put it into the module `operations` of an app that the setting APPS names.
This package knows neither rows nor queues nor HTTP.
"""

from operations import builtin as _builtin  # noqa: F401 - registers the operations that come with it
from operations.arithmetic import is_expression
from operations.backoff import Backoff
from operations.catalogue import Catalogue, catalogue, operation
from operations.context import Context, Progress
from operations.definition import Example, Operation
from operations.errors import Cancelled, InvalidArguments, OperationError, UnknownOperation
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
    "InvalidArguments",
    "InvalidLimits",
    "Json",
    "Limits",
    "NotLoaded",
    "Operation",
    "OperationError",
    "Progress",
    "Secret",
    "SecretText",
    "UnknownOperation",
    "Unstorable",
    "catalogue",
    "is_expression",
    "load",
    "operation",
    "storable",
]
