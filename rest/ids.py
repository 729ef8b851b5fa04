"""Ids in paths: UUIDs, in small letters or capitals."""

import json
import re
from uuid import UUID

from django.urls import is_valid_path, register_converter
from django.urls.converters import UUIDConverter

EXAMPLE = "01994f3c-8a00-7c3d-9f21-4b1f0a6de851"
_MOST_STEPS = 8
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class IdConverter(UUIDConverter):
    """`<id:task_id>`."""

    regex = _ID.pattern.replace("(", "(?:")

    def to_python(self, value: str) -> UUID:
        return UUID(value)


register_converter(IdConverter, "id")


def no_id_in(path: str) -> str | None:
    """What stands in a path of ours in the place of an id, and is none, if this is why nothing is there."""
    steps = path.strip("/").split("/")
    if len(steps) > _MOST_STEPS:
        return None
    for place, step in enumerate(steps):
        if step and not _ID.fullmatch(step):
            with_id = "/".join([*steps[:place], EXAMPLE, *steps[place + 1 :]])
            if is_valid_path(f"/{with_id}/"):
                return json.dumps(step[:100], ensure_ascii=False)
    return None
