"""The feedback form on a whole stack, with a mail server; and mail that is sent over the API."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
import pytest

from testing.events import following
from testing.mail import MailServer, mail_server
from testing.stack import Stack, running_stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("feedback")]

PAGE = "/feedback/"
FROM = "Punctual <punctual@example.com>"
GOOD = {"name": "Zoë", "email": "zoe@example.com", "message": "Lovely.\r\n.\r\nBye!"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, MailServer]]:
    folder = tmp_path_factory.mktemp("feedback")
    with (
        mail_server() as mail,
        running_stack(
            folder, APPS="examples.feedback", FLOWER="0", EMAIL_URL=mail.url, DEFAULT_FROM_EMAIL=FROM
        ) as stack,
    ):
        yield stack, mail


@pytest.fixture
def stack(servers: tuple[Stack, MailServer]) -> Stack:
    return servers[0]


@pytest.fixture
def mail(servers: tuple[Stack, MailServer]) -> Iterator[MailServer]:
    """Empty, and as good-natured as a new one."""
    server = servers[1]
    yield server
    server.letters.clear()
    server.refusals.clear()
    server.silent = False


def give(stack: Stack, origin: str | None = None, **fields: str) -> httpx.Response:
    headers = {} if origin is None else {"Origin": origin}
    return stack.http.post(PAGE, data={**GOOD, **fields}, headers=headers)


def complaints(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == HTTPStatus.BAD_REQUEST
    found = dict(re.findall(r'<p class="error" id="(\w+)-error">(.*?)</p>', response.text))
    for field in found:
        assert f'aria-invalid="true" aria-describedby="{field}-error"' in response.text
    return found


def email(stack: Stack, *recipients: str, **task: Any) -> str:
    body = {"operation": "send_email", "arguments": {"to": recipients, "subject": "Hello"}, **task}
    response = stack.http.post("/tasks/", json=body)
    assert response.status_code == HTTPStatus.ACCEPTED, response.text
    return str(response.json()["id"])


def test_from_the_form_to_the_mail(stack: Stack, mail: MailServer) -> None:
    assert "<h1>Tell us what you think</h1>" in stack.http.get(PAGE).text
    response = give(stack, origin=stack.url)
    assert response.status_code == HTTPStatus.SEE_OTHER
    address = response.headers["Location"]
    task_id = address.split("/")[-2]
    with following(stack.url, task_id) as events:
        *_, last = events
    assert (last.name, last.data["status"]) == ("end", "SUCCESS")
    page = stack.http.get(address).text
    assert f'data-task="{task_id}" data-status="SUCCESS"' in page
    [letter] = mail.letters
    assert letter.recipients == ["punctual@example.com"]
    assert letter.message["Reply-To"] == "zoe@example.com"
    assert letter.message["Subject"] == "Feedback from Zoë"
    assert letter.message["Message-ID"] == last.data["result"]["message_id"] == f"<{task_id}@example.com>"
    assert letter.message.get_content() == "Zoë <zoe@example.com> wrote:\n\nLovely.\n.\nBye!\n"


def test_each_thing_that_is_wrong_is_told_beside_its_field(stack: Stack) -> None:
    assert complaints(give(stack, name="", email="zoe", message=" ")) == {
        "name": "This field is required.",
        "email": "Enter a valid email address.",
        "message": "This field is required.",
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "Zoë\r\nBcc: eve@example.com"}, "name"),
        ({"name": "=?utf-8?q?Zo=0A?="}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"email": "zoe@example.com\r\nBcc: eve@example.com"}, "email"),
        ({"email": "zoe@exa_mple.com"}, "email"),
        ({"email": '"z o e"@example.com'}, "email"),
        ({"message": "a\x08b"}, "message"),
        ({"message": "x" * 5_001}, "message"),
    ],
)
def test_what_no_mail_can_hold_is_told_there_too(
    stack: Stack, mail: MailServer, fields: Any, field: str
) -> None:
    assert list(complaints(give(stack, **fields))) == [field]


def test_what_was_written_is_still_there_and_is_no_markup(stack: Stack) -> None:
    text = give(stack, name='"><script>', message="</textarea><script>", email="").text
    assert 'value="&quot;&gt;&lt;script&gt;"' in text
    assert "&lt;/textarea&gt;&lt;script&gt;" in text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_other_sites_cannot_fill_it_in(stack: Stack, origin: str) -> None:
    assert give(stack, origin=origin).status_code == HTTPStatus.FORBIDDEN


def test_it_shows_no_other_tasks(stack: Stack, mail: MailServer) -> None:
    other = email(stack, "ann@example.com")
    for task_id in (other, uuid4(), "x"):
        assert stack.http.get(f"{PAGE}{task_id}/").status_code == HTTPStatus.NOT_FOUND
    assert stack.http.get(f"/tasks/{other}/?wait=60").json()["status"] == "SUCCESS"


def test_the_api_is_as_it_was(stack: Stack) -> None:
    assert stack.http.get("/feedback/x").headers["Content-Type"] == "application/problem+json"
    assert not any("feedback" in path for path in stack.http.get("/swagger.json").json()["paths"])
    assert stack.http.put(PAGE).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_the_result_tells_who_got_a_mail(stack: Stack, mail: MailServer) -> None:
    mail.refusals["bob@example.com"] = "550 5.1.1 no such user"
    task = stack.http.get(f"/tasks/{email(stack, 'ann@example.com', 'bob@example.com')}/?wait=60").json()
    assert task["status"] == "SUCCESS"
    assert (task["result"]["accepted"], task["result"]["refused"]) == (["ann@example.com"], mail.refusals)


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(stack: Stack, mail: MailServer) -> None:
    mail.refusals.update({"ann@example.com": "450 come back later", "bob@example.com": "550 no such user"})
    for_now, for_good = email(stack, "ann@example.com"), email(stack, "bob@example.com")
    task = stack.http.get(f"/tasks/{for_good}/?wait=60").json()
    assert (task["status"], task["attempt"], task["error"]["permanent"]) == ("FAILURE", 1, True)
    stack.wait_until(lambda: stack.http.get(f"/tasks/{for_now}/").json()["status"] == "RETRY")
    [attempt] = stack.http.get(f"/tasks/{for_now}/attempts/").json()["results"]
    assert (attempt["error"]["type"], attempt["error"]["permanent"]) == ("recipients_refused", False)
    stack.http.post(f"/tasks/{for_now}/cancel/")


def test_a_server_that_is_silent_holds_a_task_no_longer_than_it_may_run(
    stack: Stack, mail: MailServer
) -> None:
    mail.silent = True
    task_id = email(stack, "ann@example.com", timeout_seconds=1, max_attempts=1)
    task = stack.http.get(f"/tasks/{task_id}/?wait=60").json()
    assert (task["status"], task["error"]["type"]) == ("FAILURE", "timeout")
    assert mail.letters == []


def test_a_task_is_cancelled_while_it_waits_for_the_server(stack: Stack, mail: MailServer) -> None:
    mail.silent = True
    task_id = email(stack, "ann@example.com")
    stack.wait_until(lambda: stack.http.get(f"/tasks/{task_id}/").json()["status"] == "STARTED")
    stack.http.post(f"/tasks/{task_id}/cancel/")
    assert stack.http.get(f"/tasks/{task_id}/?wait=60").json()["status"] == "REVOKED"
    assert mail.letters == []


def test_a_header_in_an_argument_is_refused_with_its_place(stack: Stack) -> None:
    arguments = {"to": ["ann@example.com\nBcc: eve@example.com"], "subject": "Hello\r\nX: y"}
    response = stack.http.post("/tasks/", json={"operation": "send_email", "arguments": arguments})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert [error["pointer"] for error in response.json()["errors"]] == [
        "#/arguments/to/0",
        "#/arguments/subject",
    ]
