"""The addresses of the servers that we use, from the environment."""

from urllib.parse import urlsplit

from config.password_files import read_file, with_password

PASSWORD_FILES = {"DATABASE_URL": "DATABASE_PASSWORD_FILE", "CELERY_BROKER_URL": "BROKER_PASSWORD_FILE"}
SCHEMES = {
    "DATABASE_URL": ("postgres", "postgresql", "pgsql"),
    "CELERY_BROKER_URL": ("redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "pyamqp"),
}
EXAMPLES = {
    "DATABASE_URL": "postgres://user:password@host:5432/name",
    "CELERY_BROKER_URL": "redis://:password@host:6379/0, or amqp://user:password@host:5672/vhost",
}


def check_url(setting: str, url: str) -> None:
    """Raises ValueError unless `url` leads to a server that `setting` can have. The text has no password."""
    try:
        parts = urlsplit(url.split(";", maxsplit=1)[0])  # Celery takes several, for when the first is away
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"{setting} is no URL ({error}): write {EXAMPLES[setting]}") from None
    if parts.scheme not in SCHEMES[setting]:
        came = f"{parts.scheme}://" if parts.scheme else "none of them"
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES[setting])
        raise ValueError(f"{setting} must begin with one of {known}; this begins with {came}")


def completed(setting: str, url: str, file_setting: str, file: str) -> str:
    """`url` with the password from `file`, if that is set. Raises ValueError."""
    check_url(setting, url)
    if not file:
        return url
    if urlsplit(url).password:
        raise ValueError(f"{setting} has a password, and {file_setting} is set: keep one of the two")
    return with_password(url, read_file(file_setting, file))


def server_of(url: str) -> str:
    """Which server a URL leads to, without the name and the password of who uses it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
