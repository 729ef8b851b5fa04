"""The operation `send_email`."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from operations.backoff import Backoff
from operations.catalogue import operation
from operations.configuration import configuration
from operations.context import Context
from operations.definition import Example
from operations.errors import permanent
from operations.mail import sending
from operations.mail.failures import ERRORS
from operations.mail.mailboxes import Address, read_mailbox, read_mailboxes
from operations.mail.message import Mail
from operations.mail.texts import Html, PlainText, Subject

MAX_TO = 50
MAX_COPIES = 25  # cc, bcc and MAX_TO together: the 100 recipients that RFC 5321 makes every server take


def _allowed(sender: str) -> str:
    if not configuration().mail.allows_from(read_mailbox(sender).address):
        raise PydanticCustomError(
            "not_allowed", "must be an address that the operator allows in EMAIL_ALLOWED_FROM"
        )
    return sender


Sender = Annotated[Address, AfterValidator(_allowed)]
Copies = Annotated[Sequence[Address], Field(max_length=MAX_COPIES)]


class Sent(TypedDict):
    """What became of a mail."""

    message_id: Annotated[str, Field(description="Its `Message-ID`, the same in every attempt of a task.")]
    accepted: Annotated[list[str], Field(description="Recipients whom the mail server accepted.")]
    refused: Annotated[
        dict[str, str],
        Field(description="Recipients whom the mail server refuses for good, and its answer to each."),
    ]


@operation(
    # Nobody gets a mail twice because a worker was lost. What is tried again is only what has sent nothing.
    idempotent=False,
    max_attempts=5,
    timeout_seconds=60,
    backoff=Backoff(base_seconds=60, factor=3, cap_seconds=3600),
    errors=ERRORS,
    examples=[
        Example(
            {
                "to": ["Ann <ann@example.com>", "bob@example.com"],
                "subject": "The backup is complete",
                "text": "12 GB in 4 minutes.",
            },
            {
                "message_id": "<01a1f8a9-1c1e-7a3f-9a61-3a1c5d1f0b11@punctual.example>",
                "accepted": ["ann@example.com"],
                "refused": {"bob@example.com": "550 5.1.1 no such user"},
            },
        )
    ],
)
def send_email(
    to: Annotated[Sequence[Address], Field(min_length=1, max_length=MAX_TO, description="The recipients.")],
    subject: Subject,
    context: Context,
    text: PlainText = "",
    html: Html = "",
    cc: Annotated[Copies, Field(description="Recipients of a copy.")] = (),
    bcc: Annotated[Copies, Field(description="Recipients of a copy whom the others do not see.")] = (),
    reply_to: Annotated[Copies, Field(description="Where replies go, if not to the sender.")] = (),
    from_email: Annotated[
        Sender | None, Field(description="The sender. Default: DEFAULT_FROM_EMAIL.")
    ] = None,
) -> Sent:
    """Send a mail.

    All recipients get it that the mail server does not refuse for good, or nobody does and the task fails or is tried
    again: so nobody gets it twice.
    """
    decided = configuration().mail
    if decided.way is None:
        raise permanent(
            "mail_not_configured", "this service has no mail server: its operator must set EMAIL_URL"
        )
    mail = Mail(
        id=context.task_id,
        sender=read_mailbox(from_email or decided.from_email),
        to=read_mailboxes(to),
        cc=read_mailboxes(cc),
        bcc=read_mailboxes(bcc),
        reply_to=read_mailboxes(reply_to),
        subject=subject,
        text=text,
        html=html,
    )
    accepted, refused = sending.send(decided.way, mail)
    return {"message_id": mail.message_id, "accepted": accepted, "refused": refused}
