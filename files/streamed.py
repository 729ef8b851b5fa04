"""Which requests are uploads. Knows no Django, for the server asks before there is any."""

import re
from wsgiref.types import WSGIEnvironment

_UPLOADS = re.compile(r"(?:/files|/ui(?:/projects/[^/]+)?/(?:api/files|files/upload))/?")


def is_upload(environ: WSGIEnvironment) -> bool:
    """Whether the view reads the body of this request itself, as it comes."""
    method, path = environ.get("REQUEST_METHOD"), environ.get("PATH_INFO", "")
    if method == "PATCH":
        return "HTTP_UPLOAD_OFFSET" in environ
    return method == "POST" and _UPLOADS.fullmatch(path) is not None
