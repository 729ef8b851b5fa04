"""Files under `/static/` that browsers keep for ever, for their names tell what is in them.

There is nothing to collect, and no step before a start: names are made of the installed files when they are first
asked for. Each file is there by its plain name, too.
"""

import hashlib
import re
from functools import cache
from pathlib import Path, PurePosixPath

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

HASH_LENGTH = 12
_HASHED = re.compile(rf"(?P<stem>.+)\.[0-9a-f]{{{HASH_LENGTH}}}(?P<suffix>\.\w+)")


@cache
def hashed(name: str) -> str:
    """`dashboard/shell.css` -> `dashboard/shell.0123456789ab.css`; the name itself, where there is no such file."""
    path = finders.find(name)
    if not isinstance(path, str):
        return name
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:HASH_LENGTH]
    pure = PurePosixPath(name)
    return str(pure.with_name(f"{pure.stem}.{digest}{pure.suffix}"))


def plain(name: str) -> str | None:
    """The name without its hash; None where it has none, or another than the file's."""
    found = _HASHED.fullmatch(name)
    if found is None:
        return None
    without = found["stem"] + found["suffix"]
    return without if hashed(without) == name else None


class HashedFiles(StaticFilesStorage):
    """Makes `{% static %}` write names with hashes."""

    def url(self, name: str | None) -> str:
        """Where a file is."""
        return super().url(hashed(name or ""))


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc] # it has no types
    """Serves files by both names."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.path_info
        if address.startswith(self.static_prefix) and address not in self.files:
            name = plain(address.removeprefix(self.static_prefix))
            path = finders.find(name) if name else None
            if isinstance(path, str):
                self.add_file_to_dictionary(address, path)
        response: HttpResponse = super().__call__(request)
        return response

    def immutable_file_test(self, path: str, url: str) -> bool:  # noqa: ARG002 (whitenoise's signature)
        """Whether what is at an address never changes."""
        return plain(url.removeprefix(self.static_prefix)) is not None
