"""Where mail goes, from the environment."""

from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

from config.environment import Environment, is_loopback
from config.gathering import all_of
from config.password_files import read_file
from operations.mail.configuration import Encryption, MailConfiguration, MailFolder, SmtpServer
from operations.mail.mailboxes import read_address, read_domain, read_mailbox

SCHEMES: dict[str, tuple[Encryption, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+insecure": ("none", 25),
}
FORM = (
    "EMAIL_URL must have the form smtp://user:password@mail.example.com:587; in user and password write / as %2F, "
    "@ as %40, : as %3A, ? as %3F, # as %23 and % as %25"
)


def mail_of(environment: Environment) -> MailConfiguration:
    """What the operator decided about mail. Raises ImproperlyConfigured, with what to mend."""
    way, sender, allowed = all_of(
        lambda: _way(environment),
        lambda: _sender(environment),
        lambda: _allowed(environment.EMAIL_ALLOWED_FROM),
    )
    own = {read_mailbox(sender).address.lower()} if sender else set()
    return MailConfiguration(way, sender, allowed | own)


def _sender(environment: Environment) -> str:
    sender = environment.DEFAULT_FROM_EMAIL
    if environment.EMAIL_URL and not sender:
        raise ValueError(
            "DEFAULT_FROM_EMAIL is missing: set it to the address in whose name mail is sent, such as "
            "punctual@example.com or Punctual <punctual@example.com>"
        )
    try:
        if sender:
            read_mailbox(sender)
    except ValueError as error:
        raise ValueError(f"DEFAULT_FROM_EMAIL: {error}") from None
    return sender


def _allowed(entries: Iterable[str]) -> frozenset[str]:
    try:
        return frozenset(
            f"@{read_domain(entry[1:])}" if entry.startswith("@") else read_address(entry).lower()
            for entry in entries
        )
    except ValueError as error:
        raise ValueError(
            f"EMAIL_ALLOWED_FROM: {error}; write ann@example.com for an address and @example.com for a domain"
        ) from None


def _way(environment: Environment) -> SmtpServer | MailFolder | None:
    file = environment.EMAIL_PASSWORD_FILE
    if not environment.EMAIL_URL:
        if file:
            raise ValueError(
                "EMAIL_PASSWORD_FILE is set, but EMAIL_URL is not: set EMAIL_URL, too, or neither"
            )
        return None
    url = _split(environment.EMAIL_URL)
    if url.scheme == "file":
        return _folder(url, file)
    return _server(url, file, environment.EMAIL_TIMEOUT_SECONDS)


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 (raises for what is no port)
    except ValueError:  # which shows parts of it, and so perhaps of the password
        raise ValueError(FORM) from None
    if url.scheme not in (*SCHEMES, "file"):
        raise ValueError(
            "EMAIL_URL must begin with smtp:// (encrypted by STARTTLS), smtps:// (encrypted from the first byte on), "
            "smtp+insecure:// or file:///"
        )
    return url


def _folder(url: SplitResult, password_file: str) -> MailFolder:
    path = unquote(url.path)
    if url.netloc or url.query or url.fragment or not path.startswith("/"):
        raise ValueError("EMAIL_URL must name a folder by its full path, as in file:///var/lib/punctual/mail")
    if password_file:
        raise ValueError("EMAIL_PASSWORD_FILE is set, but EMAIL_URL is a folder: unset one of the two")
    return MailFolder(path)


def _server(url: SplitResult, password_file: str, timeout_seconds: float) -> SmtpServer:
    if not url.hostname or url.path not in ("", "/") or url.query or url.fragment:
        raise ValueError(FORM)
    encryption, port = SCHEMES[url.scheme]
    user, password = _login(url, password_file)
    if password and encryption == "none" and not is_loopback(url.hostname):
        raise ValueError(
            "EMAIL_URL would send the password unencrypted over the network: use smtp:// or smtps://, or no password"
        )
    return SmtpServer(url.hostname, url.port or port, encryption, user, password, timeout_seconds)


def _login(url: SplitResult, password_file: str) -> tuple[str, str]:
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if password and password_file:
        raise ValueError("EMAIL_URL has a password, and EMAIL_PASSWORD_FILE is set: keep one of the two")
    if password_file:
        password = read_file(password_file)
    if bool(user) != bool(password):
        missing = (
            "EMAIL_URL has a password, but no user" if password else "EMAIL_URL has a user, but no password"
        )
        raise ValueError(f"{missing}: both are needed to log in; the password may be in EMAIL_PASSWORD_FILE")
    if not (user + password).isascii() or not (user + password).isprintable():
        raise ValueError("the user and the password for the mail server must be printable ASCII")
    return user, password
