"""How answers are written."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from rest.json import dump_line


class JSONRenderer(BaseRenderer):
    """Compact JSON in UTF-8, one line. Every answer of the API has this form, errors included."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        return b"" if data is None else dump_line(data)
