"""`/ui/operations/pdf_to_csv/preview/`: what is found on one page of a PDF, drawn over it."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from files.models import File
from rest.input import read_body
from rest.problems import Problem
from tasks_api.api.pdf_previews import PdfPreview, PdfPreviewBody, preview

STRATEGIES = ("auto", "ruled", "unruled")


@page(Scope.FILES_READ, section="operations", refusals=PdfPreview.refusals)
def pdf_preview(request: PageRequest) -> HttpResponse:
    """A form; with a file, also the page with boxes around its tables, and their first rows."""
    given = {name: request.GET.get(name, "").strip() for name in ("file", "page", "strategy")}
    body: dict[str, Any] = {"file": {"$file": given["file"]}, "page": _number(given["page"])}
    body["strategy"] = given["strategy"] or "auto"
    found, problem = None, None
    if given["file"]:
        try:
            found = preview(read_body(PdfPreviewBody, body), request.actor.project_id)
        except File.DoesNotExist as error:
            problem = str(error)
        except Problem as error:
            problem = str(error)
    context = {
        "given": {**given, "page": given["page"] or "1"},
        "strategies": STRATEGIES,
        "found": None if found is None else {**found, "tables": [_drawn(table) for table in found["tables"]]},
        "boxes": [] if found is None else [_rectangle(box) for box in found["words"]],
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    call = Call("/operations/pdf_to_csv/preview/", method="POST", body=body)
    return render(request, "dashboard/operations/pdf_preview.html", context, status=status, call=call)


def _number(text: str) -> int | str:
    """What is no number is refused as the API refuses it."""
    try:
        return int(text or "1")
    except ValueError:
        return text


def _drawn(table: dict[str, Any]) -> dict[str, Any]:
    return {**table, "rectangle": _rectangle(table["box"])}


def _rectangle(box: list[float]) -> dict[str, str]:
    """Texts, for no language may write its own decimal mark into a drawing."""
    left, top, right, bottom = box
    sizes = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return {name: f"{max(size, 0):.1f}" for name, size in sizes.items()}
