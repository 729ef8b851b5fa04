"""The form with which an operation is tried: its arguments, and a few fields of a task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.schema_forms import BoundForm, Mistake, Sent, bind, fields_of, read, texts_of
from operations import Operation

ARGUMENTS, TASK = "arguments.", "task."
TASK_FIELDS = fields_of(
    {
        "additionalProperties": False,
        "properties": {
            "priority": {
                "type": "integer",
                "minimum": 0,
                "maximum": 9,
                "default": 5,
                "description": "9 is the most urgent.",
            },
            "delay_seconds": {
                "type": "number",
                "minimum": 0,
                "description": "How long to wait before it may run.",
            },
            "timeout_seconds": {"type": "number", "minimum": 0, "description": "The limit for one attempt."},
            "max_attempts": {"type": "integer", "minimum": 1, "maximum": 100},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 100}},
        },
    }
)

Errors = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Trial:
    """A form as it was sent, or as it is filled in at first."""

    operation: Operation
    texts: Sent
    as_json: bool = False

    @classmethod
    def of_example(cls, operation: Operation, number: int, *, as_json: bool) -> "Trial":
        """Filled in with one of the operation's examples; beyond them, with nothing."""
        examples = operation.examples
        arguments = examples[number].arguments if 0 <= number < len(examples) else {}
        fields = fields_of(operation.arguments_schema)
        texts = texts_of(fields, arguments, ARGUMENTS, whole=as_json) if arguments or as_json else {}
        return cls(operation, texts, as_json)

    def body(self) -> tuple[dict[str, Any], list[Mistake], list[Mistake]]:
        """What goes to the API, and what cannot be read of the arguments and of the other fields."""
        arguments, mistakes = read(fields_of(self.operation.arguments_schema), self.texts, ARGUMENTS)
        others, other_mistakes = read(TASK_FIELDS, self.texts, TASK)
        body = {"operation": self.operation.name, "arguments": arguments, **others}
        return body, mistakes, other_mistakes

    def forms(
        self, mistakes: Sequence[Mistake] = (), others: Sequence[Mistake] = (), errors: Errors = ()
    ) -> tuple[BoundForm, BoundForm]:
        """The fields of arguments, and the other ones. `errors`: as a problem of the API tells them."""
        of_arguments = [each for each in errors if _is_of_arguments(each)]
        rest = [each for each in errors if not _is_of_arguments(each)]
        fields = fields_of(self.operation.arguments_schema)
        return (
            bind(fields, self.texts, ARGUMENTS, mistakes=mistakes, errors=of_arguments, whole=self.as_json),
            bind(TASK_FIELDS, self.texts, TASK, mistakes=others, errors=rest, below="#", folded=True),
        )


def _is_of_arguments(error: Mapping[str, Any]) -> bool:
    return str(error.get("pointer", "")).startswith("#/arguments")
