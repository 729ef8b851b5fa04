"""Sending by SMTP, over Django's back end, and knowing afterwards who gets the mail.

An attempt sends to all recipients that are not refused for good, or to nobody. So a mail that is sent again after an
error reaches nobody twice. Where it is not known whether a mail was sent, it is not sent again.
"""

import re
import smtplib
from contextlib import suppress
from typing import NamedTuple, cast

from django.core.mail.backends.smtp import EmailBackend

from operations.errors import passing, permanent
from operations.mail.configuration import SmtpServer
from operations.mail.failures import explain, refused, said
from operations.mail.message import Mail

_SHOWN_RECIPIENTS = 10


class Delivery(NamedTuple):
    """Whom the server takes the mail for, and whom it refuses for good, with what it said."""

    accepted: list[str]
    refused: dict[str, str]


class _Brief(smtplib.SMTP):
    def quit(self) -> tuple[int, bytes]:
        """Says goodbye and waits for no answer: nothing can come of it any more, and it may never come."""
        with suppress(OSError):
            self.putcmd("quit")
        self.close()
        return 221, b""


class _BriefTls(_Brief, smtplib.SMTP_SSL):
    pass


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _BriefTls if self.use_ssl else _Brief


def send(server: SmtpServer, mail: Mail) -> Delivery:
    """Sends it, or raises OperationError."""
    backend = _Backend(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.encryption == "starttls",
        use_ssl=server.encryption == "tls",
        timeout=server.timeout_seconds,
    )
    try:
        backend.open()
        return _hand_over(cast("smtplib.SMTP", backend.connection), mail)
    except OSError as error:
        raise explain(error) from error
    finally:
        backend.close()


def _hand_over(smtp: smtplib.SMTP, mail: Mail) -> Delivery:
    message = _lines(mail)
    smtp.ehlo_or_helo_if_needed()
    size = [f"size={len(message)}"] if smtp.has_extn("size") else []
    code, reply = smtp.mail(mail.sender.address, size)
    if code != 250:
        raise refused("mail_refused", f"mail from {mail.sender.address}", code, reply)
    delivery = _name_recipients(smtp, mail.recipients)
    code, reply = smtp.docmd("data")
    if code != 354:
        raise refused("mail_refused", "the mail", code, reply)
    code, reply = _say(smtp, message)
    if code >= 400:
        raise refused("mail_refused", "the mail", code, reply)
    if code != 250:
        raise _unknown(f"answered {said(code, reply)}")
    return delivery


def _lines(mail: Mail) -> bytes:
    lines = mail.for_django().message().as_bytes().removesuffix(b"\n").split(b"\n")
    return b"".join(line + b"\r\n" for line in lines)


def _name_recipients(smtp: smtplib.SMTP, recipients: list[str]) -> Delivery:
    replies = {recipient: smtp.rcpt(recipient) for recipient in recipients}
    refusals = {recipient: said(*reply) for recipient, reply in replies.items() if reply[0] not in (250, 251)}
    for_now = [recipient for recipient in refusals if replies[recipient][0] < 500]
    if for_now:
        listed = _list_refusals({recipient: refusals[recipient] for recipient in for_now})
        raise passing(
            "recipients_refused",
            f"nothing was sent, because the mail server refuses recipients for now: {listed}",
        )
    if len(refusals) == len(recipients):
        raise permanent(
            "recipients_refused", f"the mail server refuses all recipients: {_list_refusals(refusals)}"
        )
    return Delivery([recipient for recipient in recipients if recipient not in refusals], refusals)


def _say(smtp: smtplib.SMTP, message: bytes) -> tuple[int, bytes]:
    """Sends the mail itself. From here on it may have been sent, however this ends, also by a signal."""
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
        return smtp.getreply()
    except Exception as error:
        raise _unknown(f"did not answer ({type(error).__name__})") from error


def _unknown(what: str) -> Exception:
    return permanent(
        "outcome_unknown", f"the mail server got the complete mail and {what}: it may have been sent, or not"
    )


def _list_refusals(refusals: dict[str, str]) -> str:
    shown = [f"{recipient} ({reply})" for recipient, reply in refusals.items()][:_SHOWN_RECIPIENTS]
    more = len(refusals) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
