"""JSON Schema 2020-12 said in Swagger 2.0. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from drf_yasg.openapi import ReferenceResolver
from pydantic import BaseModel, BeforeValidator, Field

from rest.openapi.schemas import Unsayable, parameters_of, schema_of

IntInText = Annotated[int, BeforeValidator(int)]


class Colour(StrEnum):
    """What it looks like."""

    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    """A part."""

    size: int


class Outer(BaseModel):
    """A whole."""

    part: Inner
    other: Annotated[Inner | None, Field(description="Or none.")] = None
    parts: list[Inner] = []
    colour: Colour = Colour.RED


@pytest.fixture
def definitions() -> Any:
    return ReferenceResolver("definitions", force_init=True).with_scope("definitions")


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (str, {"type": "string"}),
        (Any, {}),
        (Annotated[Any, Field(description="d")], {"description": "d"}),
        (int | None, {"type": "integer", "x-nullable": True}),
        (Annotated[float, Field(gt=0, le=9)], {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 9}),
        (Annotated[float, Field(lt=1)], {"type": "number", "maximum": 1, "exclusiveMaximum": True}),
        (Annotated[IntInText, Field(ge=1, le=2)], {"type": "integer", "minimum": 1, "maximum": 2}),
        (Annotated[str, Field(min_length=1, max_length=2)], {"type": "string", "minLength": 1, "maxLength": 2}),
        (Annotated[str, Field(pattern="^a")], {"type": "string", "pattern": "^a"}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a"], {"type": "string", "enum": ["a"]}),
        (Colour, {"type": "string", "enum": ["red", "blue"], "description": "What it looks like."}),
        (datetime, {"type": "string", "format": "date-time"}),
        (UUID, {"type": "string", "format": "uuid"}),
        (dict[str, Any], {"type": "object", "additionalProperties": True}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Annotated[list[str], Field(max_length=3)], {"type": "array", "items": {"type": "string"}, "maxItems": 3}),
        (Annotated[str, Field(examples=["x", "y"])], {"type": "string", "example": "x"}),
        (Inner, {"$ref": "#/definitions/Inner"}),
        (list[Inner], {"type": "array", "items": {"$ref": "#/definitions/Inner"}}),
    ],
)  # fmt: skip
def test_types(annotation: Any, said: Any, definitions: Any) -> None:
    assert schema_of(annotation, definitions) == said


def test_models_become_definitions(definitions: Any) -> None:
    assert schema_of(Outer, definitions) == {"$ref": "#/definitions/Outer"}
    assert definitions["Inner"] == {
        "type": "object",
        "description": "A part.",
        "properties": {"size": {"type": "integer"}},
        "required": ["size"],
    }
    assert definitions["Outer"]["properties"] == {
        "part": {"$ref": "#/definitions/Inner"},
        "other": {
            "allOf": [{"$ref": "#/definitions/Inner"}],
            "description": "Or none.",
            "x-nullable": True,
        },
        "parts": {"type": "array", "items": {"$ref": "#/definitions/Inner"}},
        "colour": {
            "type": "string",
            "enum": ["red", "blue"],
            "default": "red",
            "description": "What it looks like.",
        },
    }


def test_one_name_is_one_model(definitions: Any) -> None:
    schema_of(Inner, definitions)
    other = type("Inner", (BaseModel,), {"__annotations__": {"weight": int}})
    with pytest.raises(Unsayable, match="Inner"):
        schema_of(other, definitions)


@pytest.mark.parametrize("annotation", [int | str, int | str | None, tuple[int, str]])
def test_what_swagger_2_cannot_say_is_refused(annotation: Any, definitions: Any) -> None:
    with pytest.raises(Unsayable):
        schema_of(annotation, definitions)


class Query(BaseModel):
    limit: Annotated[int, Field(ge=1, description="How many.")] = 50
    colours: list[Colour] = []
    after: datetime | None = None
    must: str


def test_parameters() -> None:
    assert parameters_of(Query) == [
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "type": "integer",
            "minimum": 1,
            "default": 50,
            "description": "How many.",
        },
        {
            "name": "colours",
            "in": "query",
            "required": False,
            "type": "array",
            "items": {"type": "string", "enum": ["red", "blue"]},
            "collectionFormat": "multi",
        },
        {"name": "after", "in": "query", "required": False, "type": "string", "format": "date-time"},
        {"name": "must", "in": "query", "required": True, "type": "string"},
    ]
