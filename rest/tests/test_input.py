"""Bodies as forms read them, where no path shows what was looked at."""

from typing import Any

import pytest
from pydantic import model_validator

from rest.input import Strict, read_body
from rest.problems import InvalidInput


class Form(Strict):
    """Remembers how many fields were given to be checked."""

    name: str

    @model_validator(mode="before")
    @classmethod
    def count(cls, given: Any) -> Any:
        """Before anything is checked."""
        assert len(given) <= 60
        return given


def test_of_very_many_unknown_fields_no_more_are_checked_than_are_told() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_body(Form, {**{f"unknown_{number}": 1 for number in range(100_000)}, "name": 7})
    assert len(refusal.value.errors) == 50
    assert refusal.value.errors[0].location == ("name",)
    assert {error.code for error in refusal.value.errors[1:]} == {"unknown_field"}
    assert refusal.value.errors[1].location == ("unknown_0",)
