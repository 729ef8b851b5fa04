"""Arguments that refer to secrets: where they may stand, and what the function receives."""

import json
from typing import Annotated, Any

import jsonschema
import pytest
from pydantic import Field

from operations import (
    Catalogue,
    Context,
    InvalidArguments,
    Json,
    Operation,
    OperationError,
    Secret,
    SecretText,
)
from operations.secrets import SecretReader, SecretUnavailable

TOKEN = {"$secret": "crm_token"}
OTHER = {"$secret": "other"}
VALUE = "correct horse"
CONTEXT = Context("0199", 1)


def send(
    token: SecretText,
    key: Annotated[str, Field(max_length=13), Secret()] | None = None,
    body: Json = None,
    headers: dict[str, SecretText] | None = None,
    labels: dict[str, str] | None = None,
) -> list[Any]:
    """Return what came."""
    return [token, key, body, headers, labels]


shelf = Catalogue()
shelf.operation(idempotent=True, timeout_seconds=30)(send)
SEND: Operation = shelf.get("send")


def read(name: str) -> str:
    try:
        return {"crm_token": VALUE, "other": "battery staple", "short": "1234567", "blank": " 1234567"}[name]
    except KeyError:
        raise SecretUnavailable("has no value here") from None


def accept(arguments: dict[str, Any]) -> dict[str, Any]:
    return SEND.validate(arguments, may_read={"crm_token", "other", "short", "blank", "lost"}.__contains__)


def refuse(arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    with pytest.raises(InvalidArguments) as caught:
        accept(arguments)
    return [tuple(error) for error in caught.value.errors]


def run(arguments: dict[str, Any]) -> tuple[Any, SecretReader]:
    reader = SecretReader(lambda _: True, read)
    return SEND.run(accept(arguments), CONTEXT, reader), reader


FITTING: list[tuple[dict[str, Any], list[Any]]] = [
    ({"token": "plain"}, ["plain", None, None, None, None]),
    ({"token": TOKEN}, [VALUE, None, None, None, None]),
    ({"token": TOKEN, "key": TOKEN}, [VALUE, VALUE, None, None, None]),
    ({"token": "x", "body": TOKEN}, ["x", None, VALUE, None, None]),
    ({"token": "x", "body": [1, {"a": [OTHER]}]}, ["x", None, [1, {"a": ["battery staple"]}], None, None]),
    ({"token": "x", "headers": {"A": TOKEN, "B": "c"}}, ["x", None, None, {"A": VALUE, "B": "c"}, None]),
    ({"token": "x", "body": {"secret": "crm_token"}}, ["x", None, {"secret": "crm_token"}, None, None]),
]


class TestTheDoor:
    @pytest.mark.parametrize(("arguments", "received"), FITTING)
    def test_what_is_stored_is_what_came(self, arguments: dict[str, Any], received: list[Any]) -> None:
        assert accept(arguments) == arguments
        jsonschema.validate(arguments, SEND.arguments_schema)

    @pytest.mark.parametrize(("arguments", "received"), FITTING)
    def test_the_function_receives_text(self, arguments: dict[str, Any], received: list[Any]) -> None:
        assert run(arguments)[0] == received

    MALFORMED = (
        {"$secret": None},
        {"$secret": 7},
        {"$secret": ""},
        {"$secret": "CRM"},
        {"$secret": "../crm_token"},
        {"$secret": "crm_token 0"},
        {"$secret": "a" * 65},
        {"$secret": "crm_token", "more": 1},
        {"$secret": {"$secret": "crm_token"}},
    )

    @pytest.mark.parametrize("reference", MALFORMED)
    def test_a_malformed_one_is_refused_wherever_it_stands(self, reference: dict[str, Any]) -> None:
        detail = 'must be {"$secret": "a_name"} and nothing else to refer to a secret'
        assert refuse({"token": reference}) == [(("token",), "invalid_secret", detail)]
        inside = {"token": "x", "body": [0, {"a": reference}]}
        assert refuse(inside) == [(("body", 1, "a"), "invalid_secret", detail)]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"token": reference}, SEND.arguments_schema)

    def test_a_line_end_belongs_to_no_name(self) -> None:
        # Apart, because to Python's `re`, and so to jsonschema, `$` also means "before the last line end".
        (error,) = refuse({"token": {"$secret": "crm_token\n"}})
        assert error[1] == "invalid_secret"

    def test_one_that_may_not_be_read(self) -> None:
        detail = "refers to the secret nobodys, which this operation may not read (the setting SECRETS says who may)"
        nobodys = {"$secret": "nobodys"}
        assert refuse({"token": nobodys, "body": [TOKEN, nobodys]}) == [
            (("token",), "secret_not_allowed", detail),
            (("body", 1), "secret_not_allowed", detail),
        ]

    @pytest.mark.parametrize("field", ["labels", "headers"])
    def test_one_where_none_may_stand(self, field: str) -> None:
        refused = ((field,), "secret_not_allowed", "must not be a reference to a secret")
        assert refuse({"token": TOKEN, field: TOKEN}) == [refused]
        assert refuse({"token": "x", field: TOKEN}) == [refused]

    def test_one_in_place_of_other_text(self) -> None:
        detail = "must be text, got an object"
        assert refuse({"token": "x", "labels": {"a": TOKEN}}) == [(("labels", "a"), "invalid_type", detail)]

    def test_one_of_which_a_limit_behind_the_mark_makes_text(self) -> None:
        def page(tokens: list[Annotated[SecretText, Field(pattern="^[a-z_ ]+$")]]) -> list[str]:
            """Return what came."""
            return tokens

        own = Catalogue()
        own.operation(idempotent=True, timeout_seconds=30)(page)
        with pytest.raises(InvalidArguments) as caught:
            own.get("page").validate({"tokens": ["crm_token", TOKEN]}, may_read=lambda _: True)
        assert [(error.path, error.code) for error in caught.value.errors] == [
            (("tokens", 1), "secret_not_allowed")
        ]

    def test_nothing_is_allowed_unless_the_operator_says_so(self) -> None:
        with pytest.raises(InvalidArguments) as caught:
            SEND.validate({"token": TOKEN})
        assert [error.code for error in caught.value.errors] == ["secret_not_allowed"]


class TestTheWorker:
    def test_what_was_read_is_masked(self) -> None:
        result, reader = run({"token": TOKEN, "body": [OTHER]})
        assert reader.mask.json(result) == ["***", None, ["***"], None, None]
        assert reader.hide(f"<{VALUE}>") == "<***>"

    def test_nothing_else_is(self) -> None:
        result, reader = run({"token": OTHER, "body": VALUE})
        assert reader.mask.json(result) == ["***", None, VALUE, None, None]
        assert not run({"token": "plain"})[1].mask

    @pytest.mark.parametrize(
        ("name", "code", "message"),
        [
            ("lost", "secret_missing", "the secret lost has no value here"),
            ("short", "secret_too_short", "the secret short must have at least 8 characters"),
            ("blank", "secret_too_short", "the secret blank must have at least 8 characters"),
        ],
    )
    @pytest.mark.parametrize("field", ["token", "key", "body"])
    def test_one_that_cannot_be_used_fails_for_good(
        self, field: str, name: str, code: str, message: str
    ) -> None:
        with pytest.raises(OperationError) as caught:
            run({"token": "x", field: {"$secret": name}})
        assert (caught.value.type, caught.value.permanent, caught.value.message) == (code, True, message)

    def test_one_whose_value_does_not_fit_is_not_shown(self) -> None:
        with pytest.raises(OperationError) as caught:
            run({"token": "x", "key": OTHER})
        assert (caught.value.type, caught.value.permanent) == ("invalid_arguments", True)
        assert caught.value.message == "key must be what this argument takes, but the secret's value is not"

    def test_one_that_is_not_allowed_any_more(self) -> None:
        reader = SecretReader(lambda _: False, read)
        with pytest.raises(OperationError) as caught:
            SEND.run({"token": TOKEN}, CONTEXT, reader)
        assert caught.value.type == "invalid_arguments"
        assert "which this operation may not read" in caught.value.message


def test_the_schema_shows_both_ways() -> None:
    token = SEND.arguments_schema["properties"]["token"]
    text, reference = token["anyOf"]
    assert text == {"type": "string"}
    assert reference["required"] == ["$secret"]
    assert json.dumps(SEND.arguments_schema["properties"]["key"]).count("maxLength") == 1
