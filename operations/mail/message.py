"""A mail as Django knows it, from checked parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.charset import QP, Charset

from django.core.mail import EmailMultiAlternatives

from operations.mail.mailboxes import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to be. `text` and `html` are the same message in two forms; each may be empty."""

    id: str
    sender: Mailbox
    to: Sequence[Mailbox]
    cc: Sequence[Mailbox] = ()
    bcc: Sequence[Mailbox] = ()
    reply_to: Sequence[Mailbox] = ()
    subject: str
    text: str = ""
    html: str = ""

    @property
    def recipients(self) -> list[str]:
        """The addresses, each once."""
        return list(dict.fromkeys(mailbox.address for mailbox in (*self.to, *self.cc, *self.bcc)))

    @property
    def message_id(self) -> str:
        """The same whenever this mail is sent."""
        return f"<{self.id}@{self.sender.domain}>"

    def for_django(self) -> EmailMultiAlternatives:
        """As it can be sent.

        Quoted-printable makes ASCII of all that it says, as some servers on the way take nothing else, and line breaks
        of one kind: a lone CR ends a line for some servers, and so could make two mails of one.
        """
        message = EmailMultiAlternatives(
            subject=self.subject,
            body=self.text,
            from_email=self.sender.in_header,
            to=_in_header(self.to),
            cc=_in_header(self.cc),
            bcc=_in_header(self.bcc),
            reply_to=_in_header(self.reply_to),
            # The second keeps absent people's programs from answering.
            headers={"Message-ID": self.message_id, "Auto-Submitted": "auto-generated"},
        )
        message.encoding = Charset("utf-8")
        message.encoding.body_encoding = QP
        if self.html:
            message.attach_alternative(self.html, "text/html")
        return message


def _in_header(mailboxes: Sequence[Mailbox]) -> list[str]:
    return [mailbox.in_header for mailbox in mailboxes]
