"""Secrets that the environment only names the files of."""

from pathlib import Path
from urllib.parse import quote, urlsplit


def read_file(setting: str, path: str) -> str:
    """The text of the file that `setting` names, without the line end at its end. Raises ValueError."""
    try:
        text = Path(path).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(f"{setting} {path} cannot be read: {reason}") from None
    if not text:
        raise ValueError(f"{setting} {path} is empty")
    return text


def with_password(url: str, password: str) -> str:
    """`url`, which has no password, with this one."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{server}").geturl()
