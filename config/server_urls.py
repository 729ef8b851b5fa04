"""The addresses of the servers that we use, from the environment."""

from urllib.parse import SplitResult, urlsplit

import dj_database_url
from psycopg2 import ProgrammingError
from psycopg2.extensions import make_dsn

from config.password_files import read_file, with_password
from values.wording import quoted

PASSWORD_FILES = {"DATABASE_URL": "DATABASE_PASSWORD_FILE", "CELERY_BROKER_URL": "BROKER_PASSWORD_FILE"}
SCHEMES = {
    "DATABASE_URL": ("postgres", "postgresql", "pgsql"),
    "CELERY_BROKER_URL": ("redis", "rediss", "redis+socket", "amqp", "amqps", "pyamqp"),
}
NO_SENTINEL = (
    "CELERY_BROKER_URL must not be sentinel://: Punctual asks no sentinel which server is the master. Write redis:// "
    "with an address that leads to it, such as that of a proxy"
)
DJANGO_OPTIONS = {"assume_role", "isolation_level"}
"""Parameters that Django reads itself."""
EXAMPLES = {
    "DATABASE_URL": "postgres://user:password@host:5432/name",
    "CELERY_BROKER_URL": "redis://:password@host:6379/0, or amqp://user:password@host:5672/vhost",
}


def check_url(setting: str, url: str) -> None:
    """Raises ValueError unless `url` leads to a server that `setting` can have. Nothing of what it holds is told."""
    try:
        servers = [_parts(each) for each in _each(setting, url)]
    except ValueError:
        # What is wrong with it may be told with a part of the password.
        raise ValueError(
            f"{setting} is no URL: write {EXAMPLES[setting]}, with special characters percent-encoded"
        ) from None
    for server in servers:
        if server.scheme == "sentinel":
            raise ValueError(NO_SENTINEL)
        if server.scheme not in SCHEMES[setting]:
            known = ", ".join(f"{scheme}://" for scheme in SCHEMES[setting])
            raise ValueError(f"{setting} must begin with one of {known}, got {_beginning(server)}")
        _check_path(setting, server)
    if setting == "DATABASE_URL":
        _check_parameters(url)


def _beginning(server: SplitResult) -> str:
    """What can be told of a URL that may be none, and a secret."""
    return (
        f"{server.scheme}://"
        if server.scheme and server.netloc
        else "something else, which is not shown here"
    )


def _check_path(setting: str, server: SplitResult) -> None:
    path = server.path.strip("/")
    if setting == "DATABASE_URL" and not path:
        raise ValueError(f"{setting} must end with the name of the database, as in {EXAMPLES[setting]}")
    if server.scheme in ("redis", "rediss") and path and not path.isdecimal():
        raise ValueError(f"{setting} must end with the number of the database, as in {EXAMPLES[setting]}")


def _check_parameters(url: str) -> None:
    for name in dj_database_url.parse(url).get("OPTIONS", {}).keys() - DJANGO_OPTIONS:
        try:
            make_dsn(**{name: ""})
        except ProgrammingError:
            raise ValueError(
                f"DATABASE_URL must have no parameters but those of libpq, got {quoted(name)}"
            ) from None


def completed(setting: str, url: str, file_setting: str, file: str) -> str:
    """`url` with the password from `file`, if that is set. Raises ValueError."""
    check_url(setting, url)
    if not file:
        return url
    if urlsplit(url).password:
        raise ValueError(f"{setting} has a password, and {file_setting} is set: keep one of the two")
    return with_password(url, read_file(file))


def servers_of(setting: str, url: str) -> str:
    """Which servers a URL leads to, without the name and the password of who uses them."""
    return ", ".join(_server(_parts(each)) for each in _each(setting, url))


def _each(setting: str, url: str) -> list[str]:
    """Celery takes several brokers, the others for when the first is away."""
    return url.split(";") if setting == "CELERY_BROKER_URL" else [url]


def _parts(url: str) -> SplitResult:
    """Raises ValueError."""
    parts = urlsplit(url)
    _ = parts.port
    return parts


def _server(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
