"""The ways that a mail can go."""

from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.filebased import EmailBackend

from operations.errors import passing
from operations.mail import smtp
from operations.mail.configuration import MailFolder, SmtpServer
from operations.mail.message import Mail
from operations.mail.smtp import Delivery


def send(way: SmtpServer | MailFolder, mail: Mail) -> Delivery:
    """Send it, or raise OperationError."""
    match way:
        case SmtpServer():
            return smtp.send(way, mail)
        case MailFolder():
            return _keep(way, mail)


def _keep(folder: MailFolder, mail: Mail) -> Delivery:
    try:
        EmailBackend(file_path=folder.path).send_messages([mail.for_django()])
    except (OSError, ImproperlyConfigured) as error:
        raise passing("mail_server_unreachable", f"the mail cannot be kept in a file: {error}") from error
    return Delivery(mail.recipients, {})
