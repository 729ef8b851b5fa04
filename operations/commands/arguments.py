"""The kinds of arguments that a command may take, and what each lets through."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import SchemaError

MAX_LENGTH = 100_000
"""Linux takes no element of more than 128 KiB."""
BIGGEST = 2**63 - 1


class Form(BaseModel):
    """A part of the file. What it does not know is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _Argument(Form):
    description: Annotated[str, Field(max_length=1_000)] = ""
    required: bool = True
    allow_leading_dash: bool = False


class TextArgument(_Argument):
    """Text that matches the whole `pattern`, or is one of the `choices`."""

    type: Literal["string"]
    pattern: Annotated[str, Field(max_length=1_000)] | None = None
    choices: Annotated[list[str], Field(min_length=1, max_length=1_000)] | None = None
    min_length: Annotated[int, Field(ge=0, le=MAX_LENGTH)] = 1
    max_length: Annotated[int, Field(ge=1, le=MAX_LENGTH)] = 1_000
    default: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.pattern is None) == (self.choices is None):
            raise ValueError('must have either a pattern (".*" takes any text of one line) or choices')
        if self.pattern is not None:
            # By itself too, for `a)|(b` would get out of the brackets.
            _check_pattern(self.pattern)
            _check_pattern(_whole(self.pattern))
        _check_default(self.default, self.limits())
        return self

    def limits(self) -> Any:
        """The type of its values, for pydantic."""
        if self.choices is not None:
            return Literal[tuple(self.choices)]
        pattern = _whole(self.pattern or "")
        return Annotated[str, Field(min_length=self.min_length, max_length=self.max_length, pattern=pattern)]


class WholeNumberArgument(_Argument):
    """A whole number, which the command gets in decimal."""

    type: Literal["integer"]
    minimum: int = -BIGGEST
    maximum: int = BIGGEST
    default: int | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _check_default(self.default, self.limits())
        return self

    def limits(self) -> Any:
        """The type of its values, for pydantic."""
        return Annotated[int, Field(ge=self.minimum, le=self.maximum)]


class NumberArgument(_Argument):
    """A number, which the command gets as Python writes it."""

    type: Literal["number"]
    minimum: float = -1e308
    maximum: float = 1e308
    default: int | float | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _check_default(self.default, self.limits())
        return self

    def limits(self) -> Any:
        """The type of its values, for pydantic."""
        return Annotated[int | float, Field(ge=self.minimum, le=self.maximum)]


Argument = Annotated[TextArgument | WholeNumberArgument | NumberArgument, Field(discriminator="type")]


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _check_pattern(pattern: str) -> None:
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except SchemaError as error:
        raise ValueError(
            f"has a pattern that is no regular expression without look-around: {pattern}"
        ) from error


def _check_default(default: str | float | None, limits: Any) -> None:
    if default is None:
        return
    try:
        TypeAdapter(limits).validate_python(default, strict=True)
    except ValidationError as error:
        raise ValueError(f"has a default that it would refuse: {default!r}") from error
