"""JSON Schema 2020-12 is what OpenAPI 3.1 speaks, so what pydantic writes goes in as it is: models by their names.

Left out are titles, which only repeat names. Added are bounds that follow from a format.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

Schema = dict[str, Any]
Refine = Callable[[Schema], Mapping[str, Schema]]
"""Makes of a model's schema those that the document has instead, by name; one has the model's own name."""

SCHEMAS = "#/components/schemas/"
NULL, NUMBER, WHOLE = {"type": "null"}, {"type": "number"}, {"type": "integer"}
# pydantic leaves bounds as they are called in Python where a validator of ours stands before the type.
_RENAMED = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_SCHEMAS_BY_NAME = ("properties", "$defs", "patternProperties")
_SCHEMAS_IN_LIST = ("anyOf", "oneOf", "allOf", "prefixItems")
_ONE_SCHEMA = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else")
_LONGEST = {"date-time": 40, "uuid": 36}
_INT32 = 2**31 - 1


class TwoOfOneName(TypeError):
    """Two schemas would have the same name."""


class Components:
    """The schemas of a document by their names, which grow while it is written."""

    def __init__(self, refine: Mapping[str, Refine]) -> None:
        self.schemas: dict[str, Schema] = {}
        self._refine = refine

    def schema_of(self, annotation: Any) -> Schema:
        """The schema of a type. Its models, and those inside of them, become components."""
        # In a list, for pydantic refers to a model by its name everywhere but at the top.
        source = TypeAdapter(list[annotation]).json_schema(ref_template=SCHEMAS + "{model}")
        self._keep_all(source.get("$defs", {}))
        return plain(source["items"])

    def parameters_of(self, form: type[BaseModel]) -> Iterator[Schema]:
        """The query parameters that a form reads, in its order."""
        source = form.model_json_schema(ref_template=SCHEMAS + "{model}")
        self._keep_all(source.get("$defs", {}))
        required = source.get("required", ())
        for name, member in source.get("properties", {}).items():
            schema = _not_null(plain(member))
            said = {"description": schema.pop("description")} if "description" in schema else {}
            yield {"name": name, "in": "query", "required": name in required, **said, "schema": schema}

    def _keep_all(self, models: Mapping[str, Schema]) -> None:
        for name, model in models.items():
            schema = plain(model)
            refine = self._refine.get(name)
            for own_name, own in ({name: schema} if refine is None else refine(schema)).items():
                self._keep(own_name, own)

    def _keep(self, name: str, schema: Schema) -> None:
        if self.schemas.setdefault(name, schema) != schema:
            raise TwoOfOneName(f"two different schemas are called {name}")


def plain(source: Schema) -> Schema:
    """A schema as the document tells it, with all that is inside of it."""
    said: Schema = {}
    for key, value in source.items():
        match key:
            case "title" | "$schema":
                continue
            case "default" if value is None:
                continue
            case _ if key in _SCHEMAS_BY_NAME:
                said[key] = {name: plain(member) for name, member in value.items()}
            case _ if key in _SCHEMAS_IN_LIST:
                branches = [plain(branch) for branch in _without_surplus(value)]
                said.update(branches[0] if len(branches) == 1 else {key: branches})
            case _ if key in _ONE_SCHEMA and isinstance(value, dict):
                said[key] = plain(value)
            case _:
                said[_RENAMED.get(key, key)] = value
    return {**said, **_bounds(said)}


def _without_surplus(branches: list[Schema]) -> list[Schema]:
    """A whole number is a number."""
    return [each for each in branches if each != WHOLE] if NUMBER in branches else branches


def _bounds(schema: Schema) -> Schema:
    """What a type and a format say by themselves, for those who read no formats."""
    kind, name = schema.get("type"), str(schema.get("format"))
    if kind == "string" and name in _LONGEST:
        return {"maxLength": _LONGEST[name]}
    if kind == "integer" and "maximum" in schema:
        return {"format": "int32" if schema["maximum"] <= _INT32 else "int64"}
    return {}


def _not_null(schema: Schema) -> Schema:
    """In a query nothing says null: a parameter is left out."""
    branches = [branch for branch in schema.get("anyOf", ()) if branch != NULL]
    if len(branches) != 1:
        return schema
    return {**branches[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
