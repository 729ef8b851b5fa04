"""What a mail server gets, and how its answers end a task."""

import re
from typing import Any

import pytest

from operations import OperationError, testing
from operations.mail.configuration import MailConfiguration, MailFolder, SmtpServer
from testing.away import LOOPBACK
from testing.mail import MailServer, mail_server, scripted_server

ANN, BOB, CY = "ann@example.com", "bob@example.com", "cy@example.com"
LEAST = {"to": [ANN], "subject": "Hello"}
MESSAGE_ID = f"<{testing.TASK_ID}@punctual.example>"
HELD_UP = "450 4.2.0 come back later"
UNKNOWN = "550 5.1.1 no such user"


@pytest.fixture
def server() -> Any:
    with mail_server() as running:
        yield running


def send(port: int, timeout_seconds: float = 5, **arguments: Any) -> dict[str, Any]:
    way = SmtpServer(LOOPBACK, port, "none", timeout_seconds=timeout_seconds)
    mail = MailConfiguration(
        way, "Punctual <punctual@punctual.example>", frozenset({"@punctual.example", "ops@example.com"})
    )
    with testing.configured(mail=mail):
        result: dict[str, Any] = testing.run("send_email", {**LEAST, **arguments}).result
    return result


def failure(port: int, timeout_seconds: float = 5, **arguments: Any) -> tuple[str, bool, str]:
    with pytest.raises(OperationError) as caught:
        send(port, timeout_seconds, **arguments)
    return caught.value.type, caught.value.permanent, caught.value.message


class TestTheMail:
    def test_the_least(self, server: MailServer) -> None:
        result = send(server.port)
        assert result == {"message_id": MESSAGE_ID, "accepted": [ANN], "refused": {}}
        [letter] = server.letters
        assert (letter.sender, letter.recipients) == ("punctual@punctual.example", [ANN])
        assert letter.message["From"] == "Punctual <punctual@punctual.example>"
        assert letter.message["To"] == ANN
        assert letter.message["Subject"] == "Hello"
        assert letter.message["Message-ID"] == MESSAGE_ID
        assert letter.message["Date"].datetime
        assert letter.message["Auto-Submitted"] == "auto-generated"
        assert letter.message.get_content().strip() == ""

    def test_text_and_html(self, server: MailServer) -> None:
        send(server.port, text="Grüße\r\n.\r\nBye\rnow", html="<p>Grüße</p>")
        [letter] = server.letters
        assert letter.content.isascii()
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", letter.content)
        message = letter.message
        assert message.get_content_type() == "multipart/alternative"
        plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        assert plain is not None
        assert html is not None
        assert plain.get_content() == "Grüße\n.\nBye\nnow"
        assert html.get_content() == "<p>Grüße</p>"

    def test_no_dots_are_lost(self, server: MailServer) -> None:
        send(server.port, text="..two\n.\n")
        assert server.letters[0].message.get_content() == "..two\n.\n"

    def test_html_alone(self, server: MailServer) -> None:
        send(server.port, html="<p>Hello</p>")
        body = server.letters[0].message.get_body()
        assert body is not None
        assert (body.get_content_type(), body.get_content()) == ("text/html", "<p>Hello</p>")

    def test_it_is_ascii_in_short_lines_whatever_it_says(self, server: MailServer) -> None:
        send(
            server.port,
            to=[f"{'Zoë ' * 24}<{ANN}>"],
            subject="Grüße " * 40,
            text="ä" * 5_000 + "\n" + "x" * 5_000,
        )
        content = server.letters[0].content
        assert content.isascii()
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert server.letters[0].message["Subject"].strip() == ("Grüße " * 40).strip()

    def test_who_gets_it_and_who_is_named(self, server: MailServer) -> None:
        result = send(
            server.port,
            to=[ANN, f"Ann <{ANN}>"],
            cc=["Bob <bob@Bücher.example>"],
            bcc=[CY],
            reply_to=["me@example.com"],
        )
        assert result["accepted"] == [ANN, "bob@xn--bcher-kva.example", CY]
        [letter] = server.letters
        assert letter.recipients == result["accepted"]
        assert letter.message["Cc"] == "Bob <bob@xn--bcher-kva.example>"
        assert letter.message["Reply-To"] == "me@example.com"
        assert CY.encode() not in letter.content

    def test_another_sender(self, server: MailServer) -> None:
        result = send(server.port, from_email="Ops <ops@example.com>")
        assert server.letters[0].sender == "ops@example.com"
        assert server.letters[0].message["From"] == "Ops <ops@example.com>"
        assert result["message_id"] == f"<{testing.TASK_ID}@example.com>"

    def test_each_try_of_a_task_has_the_same_id(self, server: MailServer) -> None:
        assert send(server.port)["message_id"] == send(server.port)["message_id"]
        first, second = (letter.message["Message-ID"] for letter in server.letters)
        assert first == second


class TestRecipientsThatAreRefused:
    def test_for_good_the_others_get_it(self, server: MailServer) -> None:
        server.refusals = {BOB: UNKNOWN}
        result = send(server.port, to=[ANN, BOB], cc=[CY])
        assert (result["accepted"], result["refused"]) == ([ANN, CY], {BOB: UNKNOWN})
        assert server.letters[0].recipients == [ANN, CY]

    def test_for_good_all_of_them(self, server: MailServer) -> None:
        server.refusals = {ANN: UNKNOWN, BOB: "553 5.7.1 not for you"}
        kind, permanent, message = failure(server.port, to=[ANN, BOB])
        assert (kind, permanent) == ("recipients_refused", True)
        assert f"{ANN} ({UNKNOWN}), {BOB} (553 5.7.1 not for you)" in message
        assert server.letters == []

    @pytest.mark.parametrize("others", [{}, {CY: UNKNOWN}, {ANN: HELD_UP, CY: UNKNOWN}])
    def test_for_now_nobody_gets_it_and_so_nobody_twice(
        self, server: MailServer, others: dict[str, str]
    ) -> None:
        server.refusals = {BOB: HELD_UP, **others}
        kind, permanent, message = failure(server.port, to=[ANN, BOB, CY])
        assert (kind, permanent) == ("recipients_refused", False)
        assert f"{BOB} ({HELD_UP})" in message
        assert CY not in message
        assert server.letters == []
        server.refusals = {CY: UNKNOWN}
        assert send(server.port, to=[ANN, BOB, CY])["accepted"] == [ANN, BOB]
        assert [letter.recipients for letter in server.letters] == [[ANN, BOB]]

    def test_many_are_told_in_short(self, server: MailServer) -> None:
        many = [f"a{number}@example.com" for number in range(40)]
        server.refusals = dict.fromkeys(many, "550 " + "no " * 150)
        _, _, message = failure(server.port, to=many)
        assert message.endswith("and 30 more")
        assert len(message) < 3_000


class TestAnswers:
    @pytest.mark.parametrize(
        ("answer", "permanent"),
        [("550 5.7.1 no", True), ("451 4.3.0 not now", False), ("421 4.3.2 closing", False)],
    )
    @pytest.mark.parametrize("stage", ["to_sender", "to_mail"])
    def test_a_refusal_of_the_sender_or_the_mail(
        self, server: MailServer, stage: str, answer: str, permanent: bool
    ) -> None:
        setattr(server, stage, answer)
        kind, is_permanent, message = failure(server.port)
        assert (kind, is_permanent) == ("mail_refused", permanent)
        assert answer in message

    @pytest.mark.parametrize(
        ("answer", "permanent"), [("554 5.7.1 go away", True), ("421 4.3.2 too busy", False)]
    )
    def test_a_refusal_to_talk(self, answer: str, permanent: bool) -> None:
        with scripted_server(sends_first=answer) as port:
            assert failure(port)[:2] == ("mail_refused", permanent)

    def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(self) -> None:
        with mail_server(data_size_limit=2_000) as server:
            kind, permanent, message = failure(server.port, text="x" * 5_000)
        assert (kind, permanent) == ("mail_refused", True)
        assert "refuses mail from punctual@punctual.example: 552" in message

    def test_a_refusal_of_data(self) -> None:
        with scripted_server("250 hello", "250 ok", "250 ok", "451 4.3.0 not now") as port:
            assert failure(port)[:2] == ("mail_refused", False)

    def test_a_long_answer_with_odd_characters_is_told_on_one_short_line(self, server: MailServer) -> None:
        server.to_mail = "554 one\x07 " + "x" * 400
        _, _, message = failure(server.port)
        assert len(message) < 300
        assert message.isprintable()


class TestServersThatFail:
    def test_nobody_listens(self) -> None:
        with scripted_server() as port:
            pass
        kind, permanent, message = failure(port)
        assert (kind, permanent) == ("mail_server_unreachable", False)
        assert "refused" in message

    def test_no_such_host(self) -> None:
        mail = MailConfiguration(SmtpServer("nowhere.invalid", 25, "none"), "punctual@punctual.example")
        with testing.configured(mail=mail), pytest.raises(OperationError) as caught:
            testing.run("send_email", LEAST)
        assert (caught.value.type, caught.value.permanent) == ("mail_server_unreachable", False)

    @pytest.mark.parametrize("answers", [[], ["250 ok"], ["250 ok"] * 2, ["250 ok"] * 3])
    def test_it_hangs_up_before_it_has_the_mail(self, answers: list[str]) -> None:
        with scripted_server(*answers) as port:
            assert failure(port)[:2] == ("mail_server_unreachable", False)

    @pytest.mark.parametrize("answers", [[], ["250 ok"], ["250 ok"] * 2, ["250 ok"] * 3])
    def test_it_falls_silent_before_it_has_the_mail(self, answers: list[str]) -> None:
        with scripted_server(*answers, None) as port:
            assert failure(port, timeout_seconds=0.2)[:2] == ("mail_server_unreachable", False)

    def test_it_is_no_mail_server(self) -> None:
        with scripted_server(sends_first="SSH-2.0-OpenSSH_9.9") as port:
            assert failure(port)[:2] == ("mail_server_unreachable", False)

    @pytest.mark.parametrize("ends", [[], [None], ["what?"]])
    def test_once_it_has_the_mail_nobody_knows_and_so_it_is_not_sent_again(
        self, ends: list[str | None]
    ) -> None:
        with scripted_server(*["250 ok"] * 3, "354 go on", *ends) as port:
            kind, permanent, message = failure(port, timeout_seconds=2)
        assert (kind, permanent) == ("outcome_unknown", True)
        assert "it may have been sent" in message

    @pytest.mark.parametrize("farewell", [[], [None], ["what?"]])
    def test_what_it_does_after_it_took_the_mail_does_not_count(self, farewell: list[str | None]) -> None:
        with scripted_server(*["250 ok"] * 3, "354 go on", "250 taken", *farewell) as port:
            assert send(port)["accepted"] == [ANN]


class TestFolder:
    def test_a_folder_keeps_mail_in_files(self, tmp_path: Any) -> None:
        mail = MailConfiguration(MailFolder(str(tmp_path / "mail")), "punctual@localhost")
        with testing.configured(mail=mail):
            result = testing.run("send_email", {**LEAST, "bcc": [BOB], "text": "one"}).result
        assert (result["accepted"], result["refused"]) == ([ANN, BOB], {})
        [file] = (tmp_path / "mail").iterdir()
        assert "Subject: Hello" in file.read_text()

    def test_one_that_cannot_be_written_is_tried_again(self, tmp_path: Any) -> None:
        (tmp_path / "mail").write_text("a file")
        mail = MailConfiguration(MailFolder(str(tmp_path / "mail")), "punctual@localhost")
        with testing.configured(mail=mail), pytest.raises(OperationError) as caught:
            testing.run("send_email", LEAST)
        assert (caught.value.type, caught.value.permanent) == ("mail_server_unreachable", False)
