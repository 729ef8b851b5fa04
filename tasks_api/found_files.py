"""Which files references mean: of one project, looked up when the first is asked for, and no more often than needed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from files.models import File as Row
from files.models import shown_files
from files.newest import newest
from operations.files import File, FileAccess, Newest, NoFile, file_ids
from values.wording import quoted

MOST_PATTERNS = 100
"""Each costs a statement."""


class FoundFiles(FileAccess):
    """At the door: the files of a project that a document, such as a batch, refers to, by one statement for all.

    `is_template`: which file is the newest is left for later.
    """

    def __init__(self, project_id: int, document: Any, *, is_template: bool = False) -> None:
        newest_of = NewestFiles(project_id)
        super().__init__(self._of_id, None if is_template else newest_of.find_or_refuse)
        self._project_id = project_id
        self._document = document
        self._rows: Mapping[UUID, Row] | None = None

    def _of_id(self, file_id: UUID) -> File:
        if self._rows is None:
            self._rows = _rows(self._project_id, file_ids(self._document))
        row = self._rows.get(file_id)
        if row is None:
            raise NoFile(
                "unknown_file",
                f"must be the id of a file that is there, got {file_id}; GET /files/ lists them",
            )
        if not row.is_complete:
            came = f"{row.offset} of {row.size} bytes of {quoted(row.name)} have come"
            raise NoFile(
                "unfinished_file",
                f"must be a file that is complete, but {came}; PATCH /files/{file_id}/ sends the rest",
            )
        return told(row)


class NewestFiles:
    """The newest files by name of one project. Each is looked up once, so that all who ask get the same."""

    def __init__(self, project_id: int) -> None:
        self._project_id = project_id
        self._known: dict[tuple[str, float | None], File | None] = {}

    def find(self, wanted: Newest) -> File | None:
        """The newest that fits; None: there is none."""
        key = (wanted.newest, wanted.max_age_seconds)
        if key not in self._known:
            row = newest(self._project_id, *key)
            self._known[key] = None if row is None else told(row)
        return self._known[key]

    def id_of(self, wanted: Newest) -> UUID | None:
        """The id of the newest that fits."""
        found = self.find(wanted)
        return None if found is None else found.id

    def find_or_refuse(self, wanted: Newest) -> File:
        """The same, for whoever names it in a request. Raises NoFile."""
        if len(self._known) >= MOST_PATTERNS:
            raise NoFile(
                "too_many_patterns", f"must be one of at most {MOST_PATTERNS} different names in one request"
            )
        found = self.find(wanted)
        if found is None:
            raise NoFile(
                "unknown_file",
                f"must be a file that is there, but there is no {wanted}; GET /files/ lists them",
            )
        return found


def told(row: Row) -> File:
    """A complete file as operations know it."""
    return File(row.id, row.name, row.media_type, row.size, row.sha256 or "")


def _rows(project_id: int, ids: list[UUID]) -> Mapping[UUID, Row]:
    there = shown_files(project_id).filter(expires_at__gt=Now())
    return there.select_related("content").in_bulk(ids)
