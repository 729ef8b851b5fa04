"""What the environment may say about mail, and the line that tells what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from config.mail import mail_of
from operations.mail.configuration import MailConfiguration, MailFolder, SmtpServer

SENDER = "punctual@example.com"


def read(**variables: Any) -> MailConfiguration:
    return mail_of(Environment.model_construct(**variables))


def way(url: str, **variables: Any) -> SmtpServer | MailFolder | None:
    return read(EMAIL_URL=url, DEFAULT_FROM_EMAIL=SENDER, **variables).way


def refusal(**variables: Any) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(**variables)
    return str(caught.value)


def test_nothing_said_nothing_sent() -> None:
    assert read() == MailConfiguration()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 587, "starttls")),
        ("smtp://mail.example.com:2525/", SmtpServer("mail.example.com", 2525, "starttls")),
        ("smtps://mail.example.com", SmtpServer("mail.example.com", 465, "tls")),
        ("smtp+insecure://relay", SmtpServer("relay", 25, "none")),
        ("smtp+insecure://[::1]:1025", SmtpServer("::1", 1025, "none")),
        (
            "smtp://me:secret@mail.example.com",
            SmtpServer("mail.example.com", 587, "starttls", "me", "secret"),
        ),
        (
            "smtp://me%40example.com:p%40ss%2F%3A%25@mail.example.com",
            SmtpServer("mail.example.com", 587, "starttls", "me@example.com", "p@ss/:%"),
        ),
        ("smtp+insecure://me:secret@127.0.0.1", SmtpServer("127.0.0.1", 25, "none", "me", "secret")),
    ],
)
def test_a_server(url: str, server: SmtpServer) -> None:
    assert way(url) == server


def test_a_folder() -> None:
    assert way("file:///var/lib/my%20mail") == MailFolder("/var/lib/my mail")


def test_a_password_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    server = way("smtp://me@mail.example.com", EMAIL_PASSWORD_FILE=str(tmp_path / "password"))
    assert server == SmtpServer("mail.example.com", 587, "starttls", "me", "secret")


def test_how_long_a_server_may_be_silent() -> None:
    server = way("smtp://mail.example.com", EMAIL_TIMEOUT_SECONDS=3)
    assert isinstance(server, SmtpServer)
    assert server.timeout_seconds == 3


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(way("smtp://me:secret@mail.example.com"))


def test_who_may_be_the_sender() -> None:
    mail = read(
        DEFAULT_FROM_EMAIL="Punctual <Punctual@Example.com>",
        EMAIL_ALLOWED_FROM=["Ops@example.com", "@Bücher.example"],
    )
    assert mail.allowed_from == {"punctual@example.com", "ops@example.com", "@xn--bcher-kva.example"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.com", "EMAIL_URL must begin with smtp://"),
        ("http://mail.example.com", "EMAIL_URL must begin with smtp://"),
        ("smtp://", "EMAIL_URL must have the form smtp://"),
        ("smtp://me:sec/ret@mail.example.com", "EMAIL_URL must have the form smtp://"),
        ("smtp://me:sec?ret@mail.example.com", "EMAIL_URL must have the form smtp://"),
        ("smtp://mail.example.com/inbox", "write / as %2F"),
        ("smtp://mail.example.com?tls=1", "EMAIL_URL must have the form smtp://"),
        ("smtp://mail.example.com:smtp", "EMAIL_URL must have the form smtp://"),
        ("smtp://mail.example.com:99999", "EMAIL_URL must have the form smtp://"),
        ("smtp://[::1", "EMAIL_URL must have the form smtp://"),
        ("smtp://me@mail.example.com", "EMAIL_URL has a user, but no password"),
        ("smtp://:secret@mail.example.com", "EMAIL_URL has a password, but no user"),
        ("smtp://me:gehe%C3%AFm@mail.example.com", "must be printable ASCII"),
        ("smtp://me:sec%0Aret@mail.example.com", "must be printable ASCII"),
        ("smtp+insecure://me:secret@mail.example.com", "EMAIL_URL would send the password unencrypted"),
        ("file://mail", "EMAIL_URL must name a folder by its full path"),
        ("file:mail", "EMAIL_URL must name a folder by its full path"),
    ],
)
def test_a_url_that_is_refused(url: str, words: str) -> None:
    text = refusal(EMAIL_URL=url, DEFAULT_FROM_EMAIL=SENDER)
    assert words in text
    assert "\n" not in text
    assert "sec" not in text.replace("insecure", "")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"EMAIL_URL": "smtp://mail.example.com"}, "DEFAULT_FROM_EMAIL is missing"),
        ({"DEFAULT_FROM_EMAIL": "punctual"}, "DEFAULT_FROM_EMAIL: must be an address"),
        ({"DEFAULT_FROM_EMAIL": "a@example.com\nBcc: b@example.com"}, "DEFAULT_FROM_EMAIL: must not contain"),
        ({"EMAIL_ALLOWED_FROM": ["example.com"]}, "EMAIL_ALLOWED_FROM: must be an address"),
        ({"EMAIL_ALLOWED_FROM": ["@exa mple.com"]}, "EMAIL_ALLOWED_FROM: must have a domain"),
        ({"EMAIL_PASSWORD_FILE": "/password"}, "EMAIL_PASSWORD_FILE is set, but EMAIL_URL is not"),
        (
            {"EMAIL_URL": "file:///mail", "DEFAULT_FROM_EMAIL": SENDER, "EMAIL_PASSWORD_FILE": "/password"},
            "EMAIL_PASSWORD_FILE is set, but EMAIL_URL is a folder",
        ),
        (
            {
                "EMAIL_URL": "smtp://me:x@host",
                "DEFAULT_FROM_EMAIL": SENDER,
                "EMAIL_PASSWORD_FILE": "/password",
            },
            "EMAIL_URL has a password, and EMAIL_PASSWORD_FILE is set",
        ),
    ],
)
def test_what_does_not_fit_together(variables: dict[str, Any], words: str) -> None:
    text = refusal(**variables)
    assert words in text
    assert "\n" not in text
