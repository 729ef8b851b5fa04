"""All commands that there are, and what a task says to run one of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ValidationError
from pydantic_core import PydanticCustomError

from operations.commands.definition import Command
from operations.commands.forms import form_of
from values.validation import strict_object

NONE = "must name a command that the operator allows, and there is none (the setting COMMANDS_FILE)"


def _order(name: str, command: Command) -> dict[str, Any]:
    return {"command": name, "arguments": command.example} if command.example else {"command": name}


def _refuse(_name: str) -> str:
    raise PydanticCustomError("no_commands", NONE)


class Commands:
    """The commands that tasks may run, by name. By default there are none."""

    def __init__(self, by_name: Mapping[str, Command] | None = None) -> None:
        self._forms = {name: form_of(name, command) for name, command in sorted((by_name or {}).items())}
        name: Any = Literal[tuple(self._forms)] if self._forms else Annotated[str, AfterValidator(_refuse)]
        self._outline = strict_object("Order", {"command": name, "arguments": NotRequired[dict[str, Any]]})

    def get(self, name: str) -> Command | None:
        """The command of that name, if there is one."""
        form = self._forms.get(name)
        return None if form is None else form.command

    def items(self) -> list[tuple[str, Command]]:
        """Each command with its name, in the order of the names."""
        return [(name, form.command) for name, form in self._forms.items()]

    def examples(self) -> list[dict[str, Any]]:
        """For each command that has an example, or needs no arguments, what a task may say to run it."""
        orders = [_order(name, command) for name, command in self.items()]
        return [order for order in orders if "arguments" in order or self._takes(order)]

    def _takes(self, order: dict[str, Any]) -> bool:
        try:
            self.validate(order)
        except ValidationError:
            return False
        return True

    def validate(self, order: dict[str, Any]) -> dict[str, Any]:
        """`{"command": name, "arguments": {...}}`, checked strictly. Raises pydantic's ValidationError."""
        outline = self._outline.validate_python(order, strict=True)
        return self._forms[outline["command"]].adapter.validate_python(order, strict=True)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what `validate` takes."""
        # An empty enum is no schema to many readers.
        names: dict[str, Any] = {"enum": list(self._forms)} if self._forms else {"not": {}}
        schema = {
            "type": "object",
            "properties": {
                "command": {
                    "type": "string",
                    "description": "The name of a command that the operator allows.",
                    **names,
                },
                "arguments": {
                    "type": "object",
                    "description": "The command's own arguments; may be left out if it needs none.",
                    "default": {},
                },
            },
            "required": ["command"],
            "additionalProperties": False,
        }
        return schema | {"oneOf": [form.schema for form in self._forms.values()]} if self._forms else schema
