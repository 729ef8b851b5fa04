"""`POST /operations/pdf_to_csv/preview/`: what is found on one page of a PDF, before all are read."""

from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from access.door import actor_of
from access.scopes import Scope
from files.actions.opening import BytesLost, NotComplete, open_content
from files.models import File, find_file
from files.pdf_looks import LIMITS, PDF, TooManyPreviews, looking
from operations import catalogue
from operations.files.annotations import FileReference
from operations.files.references import KEY
from operations.pdf.failures import Unconvertible
from operations.pdf.options import Options
from operations.pdf.running import looked_at
from rest.input import Strict, read_body, read_query
from rest.openapi import Answer, Endpoint, Refusal, RequestBody, documented
from rest.problems import FieldError, InvalidInput, NotFound
from rest.views import View


class PdfPreviewBody(Strict):
    """Which page to look at, and how."""

    file: Annotated[FileReference, Field(description="The PDF.")]
    page: Annotated[int, Field(ge=-100_000, le=100_000, description="From 1; -1 is the last.")] = 1
    strategy: Annotated[Literal["auto", "ruled", "unruled"], Field(description="As of the operation.")] = (
        "auto"
    )


Number = Annotated[float, Field(description="In points from the top left of the page.")]
Box = Annotated[list[Number], Field(min_length=4, max_length=4, description="Left, top, right, bottom.")]


class PdfTable(BaseModel):
    """A table, or the part of one that is on this page."""

    box: Box
    strategy: Literal["ruled", "unruled"]
    rows: Annotated[int, Field(ge=0, le=1_000_000, description="With its header.")]
    columns: Annotated[int, Field(ge=0, le=1_000_000)]
    confidence: Annotated[float, Field(ge=0, le=1, description="The share of rows that fit the columns.")]
    first_rows: Annotated[
        list[Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=1_000_000)]],
        Field(max_length=20, description="Each cell cut after 200 characters."),
    ]


class PdfPage(BaseModel):
    """What is on a page, turned so that its text is upright."""

    page: Annotated[int, Field(ge=1, le=100_000)]
    width: Number
    height: Number
    tables: Annotated[list[PdfTable], Field(max_length=LIMITS.tables)]
    words: Annotated[list[Box], Field(max_length=2_000, description="Where words are.")]
    images: Annotated[int, Field(ge=0, le=1_000_000)]


FILE_ID = "01994f3c-8a00-7c3d-9f21-4b1f0a6de851"
EXAMPLE = {
    "page": 1,
    "width": 595.3,
    "height": 841.9,
    "tables": [
        {
            "box": [72.0, 96.5, 410.2, 150.5],
            "strategy": "ruled",
            "rows": 2,
            "columns": 2,
            "confidence": 1.0,
            "first_rows": [["Item", "Quantity"], ["Bolt", "7"]],
        }
    ],
    "words": [[78.0, 100.0, 98.4, 110.0]],
    "images": 0,
}
PREVIEW = Endpoint(
    operation_id="preview_pdf_to_csv",
    summary="See what pdf_to_csv finds on one page",
    scope=Scope.FILES_READ,
    description="Nothing is created. The page is read within 10 seconds, in a process that is bounded as that of the "
    "operation. What is wrong with the file is told at `file`, by the types of errors that the operation has.",
    body=RequestBody(
        PdfPreviewBody,
        {"the last page": {"file": {KEY: FILE_ID}, "page": -1}},
    ),
    answers={200: Answer("What was found.", PdfPage, EXAMPLE)},
    refusals=(
        Refusal("There is no such file.", File.DoesNotExist(f"there is no file {FILE_ID}")),
        Refusal("As many others as may are looking at pages.", TooManyPreviews()),
    ),
)


class PdfPreview(View):
    """What `pdf_to_csv` would find."""

    refusals = {File.DoesNotExist: NotFound}

    @documented(PREVIEW)
    def post(self, request: Request) -> Response:
        """One page of a PDF: where its tables are, and their first rows."""
        read_query(Strict, request.query_params)
        return Response(preview(read_body(PdfPreviewBody, request.data), actor_of(request).project_id))


def preview(body: PdfPreviewBody, project_id: int) -> dict[str, Any]:
    """The answer to a body. Raises InvalidInput, File.DoesNotExist, TooManyPreviews."""
    if lack := catalogue.get("pdf_to_csv").unavailable:
        raise _wrong("unavailable", f"cannot be read here: {lack.reason}. To mend it: {lack.mend}")
    file = find_file(UUID(cast("dict[str, str]", body.file)[KEY]), project_id)
    if file.media_type != PDF:
        raise _wrong("wrong_media", f"must be a file of type {PDF}, got one of type {file.media_type}")
    try:
        with looking(), open_content(file) as content:
            return looked_at(content, Options(pages=str(body.page), strategy=body.strategy), LIMITS)
    except Unconvertible as error:
        raise _wrong(error.type, error.message) from error
    except (NotComplete, BytesLost) as error:
        raise _wrong("not_complete", str(error)) from error


def _wrong(code: str, detail: str) -> InvalidInput:
    return InvalidInput([FieldError(("file",), code, detail)])
