"""The shapes of what `/files/` answers, for the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from files.models import DIGEST_CHARACTERS
from files.names import LONGEST_NAME, LONGEST_TYPE
from files.previews import LONGEST_CELL, LONGEST_TEXT, MOST_CELLS, MOST_ROWS
from rest.openapi.shapes import BigCount, Code, Page, Problem

Cell = Annotated[str, Field(max_length=LONGEST_CELL)]
Row = Annotated[list[Cell], Field(max_length=MOST_CELLS)]


class File(BaseModel):
    """What somebody uploaded, or a task made."""

    id: Annotated[UUID, Field(description='UUIDv7. In arguments of tasks: `{"$file": id}`.')]
    name: Annotated[str, Field(max_length=LONGEST_NAME)]
    media_type: Annotated[str, Field(max_length=LONGEST_TYPE)]
    size: Annotated[BigCount, Field(description="In bytes; of one on its way, what it will be.")]
    sha256: Annotated[
        Annotated[str, Field(max_length=DIGEST_CHARACTERS)] | None,
        Field(description="In hexadecimal digits; null until it is complete."),
    ]
    is_complete: Annotated[bool, Field(description="Whether all of it is here.")]
    offset: Annotated[
        BigCount | None,
        Field(description="Of one on its way: how many bytes are here, and where to go on."),
    ]
    task: Annotated[UUID | None, Field(description="The `id` of the task that made it.")]
    created_by: Annotated[Code | None, Field(description="Who uploaded it: `key:` or `person:` and an id.")]
    created_at: datetime
    expires_at: Annotated[datetime, Field(description="When it is deleted, if no task needs it then.")]


class FilePage(Page[File]):
    """One page of files, newest first."""


class FilePreview(BaseModel):
    """What the beginning of a file looks like."""

    kind: Literal["csv", "text", "pdf", "none"]
    rows: Annotated[
        Annotated[list[Row], Field(max_length=MOST_ROWS)] | None,
        Field(description=f"Of a CSV the first {MOST_ROWS} rows, its header among them."),
    ]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] | None
    pages: Annotated[BigCount | None, Field(description="Of a PDF that can be read here: how many it has.")]
    delimiter: Annotated[
        Code | None, Field(description="Of a CSV: what its first line suggests. Loading asks for it.")
    ]
    encoding: Annotated[Code | None, Field(description="What its first bytes suggest.")]
    is_cut: Annotated[bool, Field(description="Whether there is more.")]


class WrongOffset(Problem):
    """An error for a piece that does not continue where the upload is, and for other conflicts."""

    offset: Annotated[BigCount, Field(description="With `wrong_offset`: where to go on.")] = 0
