"""The one form of body that the API reads."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from rest.from_drf import compressed
from rest.json import JSONRefused, load
from rest.problems import FieldError, InvalidInput


class StrictJSONParser(BaseParser):
    """application/json by `rest.json.load`. Raises InvalidInput at `#`, and Problem (415) for what is compressed."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],  # noqa: ARG002
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # Through the request, not the stream: that is where DATA_UPLOAD_MAX_MEMORY_SIZE is enforced.
        request = (parser_context or {})["request"]
        coding = request.headers.get("Content-Encoding", "identity")
        if coding.strip().lower() not in ("", "identity"):
            raise compressed(coding)
        try:
            return load(request.body)
        except JSONRefused as error:
            raise InvalidInput([FieldError((), "invalid_json", f"the body {error}")]) from None
