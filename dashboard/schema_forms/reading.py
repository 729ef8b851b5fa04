"""From what a form sends to values, and back. Pure.

A field that is left empty is left out, so that the default holds. Whole numbers stay exact, whatever their length.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dashboard.schema_forms.fields import SECRET, Field, Kind
from rest.json import JSONRefused, load

Sent = Mapping[str, str]
AS_JSON = "#json"
"""Behind the name of a field whose value is written as JSON, though the field could be simpler."""
WHOLE = "#"
"""The name of what is written as JSON as a whole."""
YES, NO = "true", "false"


class Mistake(NamedTuple):
    """What cannot be read: the name of the field, or None for the whole, and what was expected."""

    name: str | None
    detail: str


class Unwritable(ValueError):
    """No field of this kind can show the value."""


def read(fields: Iterable[Field] | None, sent: Sent, prefix: str) -> tuple[dict[str, Any], list[Mistake]]:
    """The values of a form whose fields have names with this prefix, and what in it cannot be read.

    Whether the values are right is not looked at: that is the API's matter.
    """
    if fields is None or prefix + WHOLE in sent:
        return _read_whole(sent.get(prefix + WHOLE, ""))
    values: dict[str, Any] = {}
    mistakes = []
    for field in fields:
        kind, text = _sent(field, sent, prefix)
        if text.strip() == "":
            continue
        try:
            values[field.name] = _value(field, kind, text)
        except ValueError as error:
            mistakes.append(Mistake(field.name, str(error)))
    return values, mistakes


def _read_whole(text: str) -> tuple[dict[str, Any], list[Mistake]]:
    if text.strip() == "":
        return {}, []
    try:
        value = _json(text)
    except ValueError as error:
        return {}, [Mistake(None, str(error))]
    return (value, []) if isinstance(value, dict) else ({}, [Mistake(None, "must be a JSON object")])


def _sent(field: Field, sent: Sent, prefix: str) -> tuple[Kind, str]:
    as_json = sent.get(prefix + field.name + AS_JSON)
    return (field.kind, sent.get(prefix + field.name, "")) if as_json is None else (Kind.JSON, as_json)


def _value(field: Field, kind: Kind, text: str) -> Any:
    match kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return _secret(text) if field.takes_secret and SECRET in text else _lines(text)
        case Kind.INTEGER | Kind.NUMBER:
            return _number(text.strip(), kind)
        case Kind.BOOLEAN:
            return _one_of(text, {YES: True, NO: False})
        case Kind.CHOICE:
            return _one_of(text, {choice_text(value): value for value in field.choices})
        case Kind.LIST:
            return [_item(line.strip(), field.items) for line in text.splitlines() if line.strip()]
    return _json(text)


def _lines(text: str) -> str:
    """Browsers send all ends of lines as two characters."""
    return text.replace("\r\n", "\n")


def _secret(text: str) -> Any:
    """A reference, if it is one; else the text."""
    try:
        value = _json(text)
    except ValueError:
        return _lines(text)
    return value if isinstance(value, dict) and value.keys() == {SECRET} else _lines(text)


def _number(text: str, kind: Kind) -> int | float:
    expected = "a whole number" if kind is Kind.INTEGER else "a number"
    try:
        value = _json(text)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be {expected}, got {shortened(text)}")  # noqa: TRY004 (of what `read` catches)
    return value


def _item(line: str, kind: Kind | None) -> Any:
    match kind:
        case Kind.TEXT:
            return line
        case Kind.INTEGER | Kind.NUMBER:
            return _number(line, kind)
    try:
        return _number(line, Kind.NUMBER)
    except ValueError:
        return line


def _one_of(text: str, values: Mapping[str, Any]) -> Any:
    if text in values:
        return values[text]
    raise ValueError(f"must be one of {', '.join(values)}, got {shortened(text)}")


def _json(text: str) -> Any:
    try:
        return load(text.encode())
    except JSONRefused as error:
        raise ValueError(str(error)) from None
    except UnicodeEncodeError:
        raise ValueError("holds half of a surrogate pair, which is not a character") from None


def shortened(text: str) -> str:
    """What came, as much of it as is told."""
    return json.dumps(text if len(text) <= 50 else text[:49] + "…", ensure_ascii=False)


def choice_text(value: Any) -> str:
    """A value of an enumeration, as a form sends it."""
    return value if isinstance(value, str) else json.dumps(value)


def texts_of(
    fields: Sequence[Field] | None, values: Mapping[str, Any], prefix: str, *, whole: bool = False
) -> dict[str, str]:
    """What the form would send for these values. What a field cannot show is written as JSON.

    `whole`: all is, as where there are values that no field is for.
    """
    if whole or fields is None or values.keys() - {field.name for field in fields}:
        return {prefix + WHOLE: json.dumps(values, ensure_ascii=False, indent=2)}
    texts = {}
    for field in fields:
        if field.name not in values:
            continue
        try:
            texts[prefix + field.name] = _text(field, values[field.name])
        except Unwritable:
            texts[prefix + field.name + AS_JSON] = _pretty(values[field.name])
    return texts


def _text(field: Field, value: Any) -> str:
    """Raises Unwritable where reading it would bring something else."""
    text = _as_written(field, value)
    try:
        is_same = _arrives(field, text) and _is_alike(_value(field, field.kind, text), value)
    except ValueError:
        is_same = False
    if not is_same:
        raise Unwritable
    return text


def _arrives(field: Field, text: str) -> bool:
    """Whether a browser sends it as it is: ends of lines are none of its own, and one line has none."""
    return text.strip() != "" and "\r" not in text and not (field.kind is Kind.TEXT and "\n" in text)


def _is_alike(one: Any, other: Any) -> bool:
    """Equal, also in what is equal in Python alone: 1, 1.0 and true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _as_written(field: Field, value: Any) -> str:
    match field.kind:
        case Kind.JSON:
            return _pretty(value)
        case Kind.LIST if isinstance(value, list):
            return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
