"""What `send_email` takes, and what it refuses at the door."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operations import InvalidArguments, OperationError, catalogue, testing
from operations.mail.configuration import MailConfiguration

send_email = catalogue.get("send_email")
LEAST = {"to": ["ann@example.com"], "subject": "Hello"}


def errors(**arguments: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidArguments) as caught:
        send_email.validate({**LEAST, **arguments})
    return [("/".join(map(str, path)), code, detail) for path, code, detail in caught.value.errors]


def test_a_recipient_and_a_subject_are_all_that_is_required() -> None:
    assert send_email.validate(LEAST) == LEAST
    assert send_email.arguments_schema["required"] == ["to", "subject"]


def test_what_is_stored_is_what_was_said() -> None:
    everything = {
        "to": ["Zoë <zoe@Bücher.example>"],
        "cc": ["a@example.com"],
        "bcc": ["b@example.com"],
        "reply_to": ["c@example.com"],
        "subject": "Grüße\N{SPARKLES}",
        "text": "one\r\n\ttwo\n",
        "html": "<p>one</p>",
    }
    assert send_email.validate(everything) == everything


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "reply_to"])
def test_each_bad_address_is_told_with_its_place(field: str) -> None:
    problems = errors(**{field: ["ann@example.com", "bob", "eve@example.com\r\nX: y"]})
    assert [(place, code) for place, code, _ in problems] == [
        (f"{field}/1", "invalid_address"),
        (f"{field}/2", "invalid_address"),
    ]
    assert problems[0][2] == 'must be an address such as ann@example.com, got "bob"'


@pytest.mark.parametrize("control", ["\r", "\n", "\r\n", "\t", "\x1b", "\x85", "\u2028", "\u2029", "\x7f"])
def test_a_subject_is_one_line(control: str) -> None:
    [(place, code, detail)] = errors(subject=f"Hello{control}Bcc: eve@example.com")
    assert (place, code) == ("subject", "invalid_header_text")
    assert detail == (
        f"must not contain line breaks or other control characters, got U+{ord(control[0]):04X} at position 6"
    )


def test_a_subject_in_code_is_refused() -> None:
    [(place, code, _)] = errors(subject="=?utf-8?q?Hello=0ABcc:_eve@example.com?=")
    assert (place, code) == ("subject", "invalid_header_text")


@pytest.mark.parametrize("field", ["text", "html"])
@pytest.mark.parametrize("control", ["\x08", "\x1b", "\x0b", "\x0c", "\x85", "\u2028"])
def test_a_body_has_no_controls_but_tabs_and_breaks(field: str, control: str) -> None:
    [(place, code, _)] = errors(**{field: f"one{control}two"})
    assert (place, code) == (field, "control_character")


@pytest.mark.parametrize(
    ("arguments", "place", "code"),
    [
        ({"to": []}, "to", "min_length"),
        ({"to": "ann@example.com"}, "to", "invalid_type"),
        ({"to": ["ann@example.com"] * 51}, "to", "max_length"),
        ({"cc": ["ann@example.com"] * 26}, "cc", "max_length"),
        ({"to": [None]}, "to/0", "invalid_type"),
        ({"to": ["a" * 401]}, "to/0", "max_length"),
        ({"subject": ""}, "subject", "min_length"),
        ({"subject": "x" * 251}, "subject", "max_length"),
        ({"subject": None}, "subject", "invalid_type"),
        ({"text": "x" * 200_001}, "text", "max_length"),
        ({"html": ["<p>"]}, "html", "invalid_type"),
        ({"headers": {"X-Mine": "1"}}, "headers", "unknown_field"),
        ({"from": "eve@example.com"}, "from", "unknown_field"),
        ({"text": "x" * 150_000, "html": "x" * 150_000}, "", "too_large"),
    ],
)
def test_limits(arguments: dict[str, Any], place: str, code: str) -> None:
    assert [problems[:2] for problems in errors(**arguments)] == [(place, code)]


class TestSender:
    ALLOWED = MailConfiguration(allowed_from=frozenset({"ops@example.com", "@news.example.com"}))

    @pytest.mark.parametrize(
        "sender", ["ops@example.com", "Ops <OPS@Example.com>", "anybody@news.example.com"]
    )
    def test_who_is_allowed(self, sender: str) -> None:
        with testing.configured(mail=self.ALLOWED):
            assert send_email.validate({**LEAST, "from_email": sender})["from_email"] == sender

    @pytest.mark.parametrize(
        "sender",
        [
            "eve@example.com",
            "eve@evil.news.example.com",
            "ops@example.com <eve@example.com>",
            "ops@evil.example",
        ],
    )
    def test_nobody_else_is(self, sender: str) -> None:
        with testing.configured(mail=self.ALLOWED):
            assert [problems[:2] for problems in errors(from_email=sender)] == [("from_email", "not_allowed")]

    def test_unless_the_operator_says_so_nobody_is(self) -> None:
        assert [problems[:2] for problems in errors(from_email="ops@example.com")] == [
            ("from_email", "not_allowed")
        ]

    def test_it_is_an_address_like_others(self) -> None:
        with testing.configured(mail=self.ALLOWED):
            problems = errors(from_email="ops@example.com\nBcc: eve@example.com")
        assert [one[:2] for one in problems] == [("from_email", "invalid_address")]

    def test_what_is_allowed_no_longer_is_not_sent(self) -> None:
        with testing.configured(mail=self.ALLOWED):
            stored = send_email.validate({**LEAST, "from_email": "ops@example.com"})
        with pytest.raises(InvalidArguments):
            testing.run("send_email", stored)


def test_without_a_mail_server_it_fails_for_good() -> None:
    with pytest.raises(OperationError) as caught:
        testing.run("send_email", LEAST)
    assert (caught.value.type, caught.value.permanent) == ("mail_not_configured", True)
    assert "EMAIL_URL" in caught.value.message


@given(st.text(max_size=30) | st.text("a@example.com<>\r\n =?:", max_size=30), st.text(max_size=30))
@example("a\r\nBcc: eve@example.com", "x")
def test_any_text_is_taken_or_refused_with_its_place(recipient: str, subject: str) -> None:
    places = set()
    try:
        send_email.validate({"to": [recipient], "subject": subject})
    except InvalidArguments as error:
        places = {problems.path[:1] for problems in error.errors}
    assert places <= {("to",), ("subject",)}
