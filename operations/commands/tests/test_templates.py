"""Elements of argv with places for arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.commands.definition import Command
from operations.commands.orders import elements
from operations.commands.templates import CommandTemplate
from operations.commands.tests.programs import ANY_TEXT, command

ANY = st.text()


def escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


@given(ANY, ANY, ANY, ANY)
def test_a_value_stays_as_it_is_within_its_element(before: str, one: str, between: str, other: str) -> None:
    template = CommandTemplate(f"{escaped(before)}{{one}}{escaped(between)}{{other}}")
    assert template.names() == ["one", "other"]
    assert template.fill({"one": one, "other": other}) == before + one + between + other


@given(ANY)
def test_text_without_places_is_itself(text: str) -> None:
    template = CommandTemplate(escaped(text))
    assert (template.names(), template.fill({})) == ([], text)


@given(st.lists(ANY, max_size=3), st.sampled_from(["", "a", "-"]))
def test_an_option_is_seen_when_and_only_when_values_make_one(values: list[str], before: str) -> None:
    names = [f"v{number}" for number in range(len(values))]
    template = CommandTemplate(before + "".join(f"{{{name}}}" for name in names))
    given_values = dict(zip(names, values, strict=True))
    made = template.option_made_by(given_values)
    assert (made is not None) == (not before and template.fill(given_values).startswith("-"))
    assert made is None or given_values[made].startswith("-")


def groups() -> Command:
    return command(
        "/bin/true",
        "first",
        ["--one", "{one}"],
        ["{one}-{two}"],
        "last",
        arguments={name: ANY_TEXT | {"required": False} for name in ("one", "two")},
    )


@pytest.mark.parametrize(
    ("values", "argv"),
    [
        ({}, ["first", "last"]),
        ({"one": "1"}, ["first", "--one", "1", "last"]),
        ({"two": "2"}, ["first", "last"]),
        ({"one": "1", "two": ""}, ["first", "--one", "1", "1-", "last"]),
    ],
)
def test_a_group_is_there_as_a_whole_or_not_at_all(values: dict[str, str], argv: list[str]) -> None:
    assert elements(groups(), values) == argv
