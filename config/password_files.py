"""Secrets that the environment only names the files of."""

from pathlib import Path
from urllib.parse import quote, urlsplit


def read_file(path: str) -> str:
    """The text of a file, without the line end at its end. Raises ValueError, with the end of a sentence."""
    if path.startswith("/"):
        shown, hint = f"{path} ", ""
    else:
        shown, hint = "", "; name a file by its full path (not shown, for it may be the secret itself)"
    try:
        text = Path(path).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(f"{shown}cannot be read: {reason}{hint}") from None
    if not text:
        raise ValueError(f"{shown}is empty")
    return text


def readable(path: str) -> str:
    """The path of such a file. Raises ValueError."""
    read_file(path)
    return path


def with_password(url: str, password: str) -> str:
    """`url`, which has no password, with this one."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{server}").geturl()
