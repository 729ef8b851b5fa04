"""The ways in which a mail can fail to be sent, each with the error type that clients see."""

import smtplib
import ssl

from operations.errors import OperationError, passing, permanent
from values.wording import shorten

ERRORS = {
    "mail_not_configured": "The operator has set no mail server. Permanent.",
    "mail_server_unreachable": "The mail server cannot be reached, does not answer in time, or disconnects before the "
    "mail is complete. Retried.",
    "mail_server_untrusted": "The mail server's certificate is not valid for its name, or it offers no encryption or "
    "no login although one is required. Permanent.",
    "login_refused": "The mail server refuses the operator's name or password. Permanent for 5xx answers, else "
    "retried.",
    "recipients_refused": "The mail server refuses recipients: all of them for good (permanent), or some for now, and "
    "then nobody gets the mail in this attempt (retried).",
    "mail_refused": "The mail server refuses to talk, the sender or the mail itself. Permanent for 5xx "
    "answers, else retried.",
    "outcome_unknown": "The mail server got the complete mail but did not say whether it accepts it. Permanent: it may "
    "have been sent.",
}
_LONGEST_REPLY = 200


def said(code: int, reply: bytes | str) -> str:
    """A server's answer on one line: `550 5.1.1 no such user`."""
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return _on_one_line(f"{code} {text}")


def _on_one_line(text: str) -> str:
    text = "".join(one if one.isprintable() else " " for one in text)
    return shorten(" ".join(text.split()), _LONGEST_REPLY)


def refused(kind: str, what: str, code: int, reply: bytes | str) -> OperationError:
    """A server's answer of 400 or more, to `what`. From 500 on it is permanent."""
    make = permanent if code >= 500 else passing
    return make(kind, f"the mail server refuses {what}: {said(code, reply)}")


def explain(error: OSError) -> OperationError:
    """What an exception of smtplib or of the network means, raised before the mail was complete."""
    text = _on_one_line(str(error)) or type(error).__name__
    match error:
        case ssl.SSLCertVerificationError():
            reason = error.verify_message or text
            return permanent("mail_server_untrusted", f"the mail server's certificate is not valid: {reason}")
        case smtplib.SMTPAuthenticationError(smtp_code=code, smtp_error=reply):
            return refused("login_refused", "the login", code, reply)
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=reply) if code >= 400:
            return refused("mail_refused", "to talk", code, reply)
        case smtplib.SMTPResponseException() | smtplib.SMTPServerDisconnected():
            pass
        case smtplib.SMTPException():  # no encryption, no login, or none that we speak
            return permanent("mail_server_untrusted", f"the mail server lacks what is required: {text}")
    return passing("mail_server_unreachable", f"talking to the mail server failed: {text}")
