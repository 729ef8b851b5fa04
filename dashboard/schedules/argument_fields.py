"""The arguments of a schedule, by fields as the schema of its operation has them, or as JSON.

As JSON is how placeholders come into what is no text.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.schedules import forms
from dashboard.schema_forms import BoundForm, Field, Mistake, bind, fields_of, read, texts_of
from operations import UnknownOperation, catalogue

BY, FIELDS = "arguments_by", "fields"
PREFIX = "arguments."


def fields_for(operation: str) -> Sequence[Field] | None:
    """None: there is no such operation, or its arguments can be written only as JSON."""
    try:
        return fields_of(catalogue.get(operation).arguments_schema)
    except UnknownOperation:
        return None


def with_arguments(values: Mapping[str, str]) -> tuple[dict[str, str], list[Mistake]]:
    """What was sent, with the arguments as JSON, and what cannot be read of their fields."""
    fields = fields_for(values.get("operation", ""))
    if values.get(BY) != FIELDS or fields is None:
        return dict(values), []
    found, mistakes = read(fields, values, PREFIX)
    return {**values, "arguments": forms.json_text(found)}, mistakes


def switched(values: Mapping[str, str], by: str) -> dict[str, str]:
    """The same, to be written by fields or as JSON. Raises Unreadable."""
    others = {name: text for name, text in values.items() if name != BY and not name.startswith(PREFIX)}
    fields = fields_for(values.get("operation", ""))
    if by != FIELDS or fields is None:
        return others
    arguments = forms.arguments_of(values.get("arguments", ""))
    if not isinstance(arguments, dict):
        return others
    return {**others, **texts_of(fields, arguments, PREFIX), BY: FIELDS}


def of_another(values: Mapping[str, str]) -> dict[str, str]:
    """The same after another operation was chosen: by its fields, unless JSON was written for the one before.

    What both take by the same name stays.
    """
    fields = fields_for(values.get("operation", ""))
    is_hidden = BY not in values and "arguments" not in values
    if is_hidden or (BY not in values and values["arguments"].strip() not in ("", "{}")):
        return dict(values)
    if fields is None:
        return {**{name: text for name, text in values.items() if name != BY}, "arguments": "{}"}
    return {"arguments": "{}", **values, BY: FIELDS}


def bound(
    values: Mapping[str, str], mistakes: Sequence[Mistake], errors: Iterable[Mapping[str, Any]]
) -> BoundForm | None:
    """The fields for a template; None where JSON is written."""
    fields = fields_for(values.get("operation", ""))
    if values.get(BY) != FIELDS or fields is None:
        return None
    own = [each for each in errors if str(each.get("pointer", "")).startswith("#/arguments")]
    return bind(fields, values, PREFIX, mistakes=mistakes, errors=own)
