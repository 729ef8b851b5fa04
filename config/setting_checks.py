"""What single settings may be. Each raises ValueError with the end of a sentence: what was expected, what came."""

import ipaddress
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from access.rates.gcra import rate_of
from operations.secrets.references import is_name
from values.wording import quoted, received

USUAL_PORTS = {"http": 80, "https": 443}
RESERVED_NAME = "key"
"""Its variable would be SECRET_KEY."""

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_NAME = re.compile(rf"\*|\.?(?:{_LABEL}\.)*(?!\d+$){_LABEL}\.?")


def address(text: str) -> str:
    """An IP address to listen on. `localhost` is 127.0.0.1, for the web server knows no names."""
    try:
        return "127.0.0.1" if text == "localhost" else str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        raise ValueError(
            f"must be an IP address, such as 127.0.0.1, ::1, or 0.0.0.0 for all, got {quoted(text)}"
        ) from None


def host_names(entries: list[str]) -> list[str]:
    """As requests name hosts: without scheme, port and path."""
    for entry in entries:
        if not _NAME.fullmatch(entry) and not _is_address(entry):
            raise ValueError(
                "must be host names such as punctual.example, separated by commas, "
                f"without https://, ports and paths, got {quoted(entry)}"
            )
    return entries


def origins(entries: list[str]) -> list[str]:
    """Sites as browsers name them: with a scheme, and with a port where it is not the usual one."""
    for entry in entries:
        if entry == "*":
            raise ValueError(
                "must not be *: any page that somebody opens could use this service; list the origins of your pages"
            )
        if not _is_origin(entry):
            raise ValueError(
                "must be origins such as https://app.example, as browsers send them: in small letters, without a path, "
                f"a slash at the end, or the usual port; separated by commas, got {quoted(entry)}"
            )
    return entries


def _is_origin(entry: str) -> bool:
    try:
        parts = urlsplit(entry)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc if port is None else parts.netloc.removesuffix(f":{port}")
    is_host = bool(_NAME.fullmatch(host)) and host[0] not in "*." and host[-1] != "."
    return (
        parts.scheme in USUAL_PORTS
        and port != USUAL_PORTS[parts.scheme]
        and (is_host or _is_address(host))
        and entry == f"{parts.scheme}://{parts.netloc}".lower()
    )


def _is_address(entry: str) -> bool:
    try:
        return ipaddress.ip_address(entry.strip("[]")).version == (6 if entry.startswith("[") else 4)
    except ValueError:
        return False


def rate(text: str) -> str:
    """How many requests in how many seconds."""
    try:
        rate_of(text)
    except ValueError as error:
        raise ValueError(f"{error}, got {quoted(text)}") from None
    return text


def secret_name(name: str) -> str:
    """The name of a secret."""
    if not is_name(name) or name == RESERVED_NAME:
        raise ValueError(
            f"is not a valid name for a secret: use snake_case, at most 64 characters, not `{RESERVED_NAME}`"
        )
    return name


def folder(text: str) -> str:
    """A folder that is there, or that may come later."""
    path = Path(text)
    if not path.is_dir() and (path.exists() or not path.is_absolute()):
        raise ValueError(f"must be a folder by its full path, such as /run/secrets, got {quoted(text)}")
    return text


def logins(text: str) -> str:
    """Names and passwords. They are not told."""
    if not all(re.fullmatch("[^:]+:.+", login) for login in text.split(",")):
        raise ValueError("must be name:password, or several separated by commas; it is not shown here")
    return text


def storage(value: Any) -> Any:
    """A storage as Django's STORAGES has it. What its options hold is not told."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"must be JSON: {error}") from None
    if found and not (isinstance(found, dict) and isinstance(found.get("BACKEND"), str)):
        raise ValueError(
            f'must be an object such as {{"BACKEND": "...", "OPTIONS": {{}}}}, got {_kind(found)}'
        )
    return found


def lists_by_name(value: Any, info: ValidationInfo) -> Any:
    """A JSON object of lists. Its values are not told: somebody may have written secrets instead of their names."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"must be JSON: {error}") from None
    listed = "http_request" if info.field_name == "SECRETS" else "crm.example"
    expected = f'must be an object of lists, such as {{"crm_token": ["{listed}"]}}'
    if not isinstance(found, dict):
        raise ValueError(f"{expected}, got {_kind(found)}")  # noqa: TRY004 (of what pydantic catches)
    for name, entries in found.items():
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise ValueError(f"{expected}; that of {quoted(name)} is {_kind(entries)}")
    return found


def _kind(value: Any) -> str:
    match value:
        case str():
            return "text"
        case list():
            return "a list" if all(isinstance(each, str) for each in value) else "not a list of texts"
    return "a number" if isinstance(value, int | float) and not isinstance(value, bool) else received(value)
