"""`/ui/files/`: what was uploaded, and what tasks made."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from access.scopes import Scope
from dashboard.files.tasks_of import uses_of
from dashboard.shell.moments import moment
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from dashboard.shell.sent import WrongForm, number, sending, texts
from files.actions import changing
from files.actions.opening import BytesLost, NotComplete, open_content
from files.api import forms
from files.api.refusals import FileView
from files.api.sending import sent
from files.models import File, find_file
from files.pdf_looks import PDF, TooManyPreviews
from files.previews import preview_of
from rest.input import read_body, read_query
from rest.json import instant_text
from rest.pagination import paginate

FILTERS = ("name", "media_type", "task")
FIELDS = ("name", "expires_at")
KEEP = "keep"
"""Instead of a lifetime: it is deleted when it is now."""
LIFETIMES = {
    KEEP: "as it is now",
    "1": "in a day",
    "30": "in 30 days",
    "90": "in 90 days",
    "365": "in a year",
}
READ: dict[str, Any] = {"scope": Scope.FILES_READ, "section": "files", "refusals": FileView.refusals}
WRITE: dict[str, Any] = {**READ, "scope": Scope.FILES_WRITE, "post": Scope.FILES_WRITE}


def _shown(file: File) -> dict[str, Any]:
    told = forms.represent(file)
    return {**told, "created_at": moment(told["created_at"]), "expires_at": moment(told["expires_at"])}


def _asked(given: QueryDict) -> QueryDict:
    """As the API takes it: without empty fields."""
    query = given.copy()
    for name in [name for name in query if not "".join(query.getlist(name)).strip()]:
        del query[name]
    return query


@page(**READ)
def files_page(request: PageRequest) -> HttpResponse:
    """`/ui/files/`: newest first, by the filters of the address."""
    query = _asked(request.GET)
    context: dict[str, Any] = {
        "given": request.GET,
        "is_filtered": bool(query.keys() & set(FILTERS)),
        "may_write": request.actor.may(Scope.FILES_WRITE),
    }
    try:
        asked = sending(lambda: read_query(forms.FileQuery, query), {}, FILTERS)
    except WrongForm as wrong:
        context["errors"] = wrong.errors
        return render(request, "dashboard/files/list.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    rows = forms.filtered(asked, request.actor.project_id)
    context["found"] = paginate(
        Request(request),
        rows,
        lambda files: [_shown(file) for file in files],
        limit=asked.limit,
        cursor=asked.cursor,
    ).data
    return render(request, "dashboard/files/list.html", context, call=Call("/files/", dict(query.lists())))


@page(**READ)
def file_page(request: PageRequest, file_id: UUID) -> HttpResponse:
    """`/ui/files/{id}/`."""
    actor = request.actor
    file = find_file(file_id, actor.project_id)
    sees_tasks = actor.may(Scope.TASKS_READ)
    context = {
        "file": _shown(file),
        "preview": _preview(file),
        "is_pdf": file.media_type == PDF,
        "uses": uses_of(file.id, actor.project_id) if sees_tasks else [],
        "sees_tasks": sees_tasks,
        "may_write": actor.may(Scope.FILES_WRITE),
    }
    return render(request, "dashboard/files/file.html", context, call=Call(f"/files/{file_id}/"))


def _preview(file: File) -> Mapping[str, Any]:
    """How it begins; `problem` says in words why that cannot be shown."""
    try:
        with open_content(file) as stream:
            return preview_of(file.media_type, stream)
    except (NotComplete, BytesLost, TooManyPreviews) as error:
        return {"kind": "none", "problem": str(error)}


@page(**READ)
def content(request: PageRequest, file_id: UUID) -> HttpResponseBase:
    """`/ui/files/{id}/content/`: its bytes, to be saved."""
    return sent(Request(request), find_file(file_id, request.actor.project_id))


@page(**WRITE)
def edit(request: PageRequest, file_id: UUID) -> HttpResponse:
    """`/ui/files/{id}/edit/`: what it is called, and until when it is kept."""
    if request.method != "POST":
        return _editor(request, file_id)
    try:
        body = _changes(request.POST)
        changed = sending(
            lambda: changing.change(
                file_id, forms.changed_columns(read_body(forms.FileChanges, body)), request.actor
            ),
            FileView.refusals,
            FIELDS,
        )
    except WrongForm as wrong:
        return _editor(request, file_id, wrong)
    return see(request, f"files/{file_id}/", f"{changed.name} is changed.")


def _changes(form: QueryDict) -> dict[str, Any]:
    """The body of `PATCH /files/{id}/`. Raises WrongForm."""
    given = texts(form, ("name", "days"))
    body: dict[str, Any] = {"name": given.get("name", "")}
    if given.get("days", KEEP) != KEEP:
        days = number("expires_at", given["days"])
        if not 0 < days <= forms.LONGEST_KEPT.days:
            raise WrongForm({"expires_at": f"must be from 1 to {forms.LONGEST_KEPT.days} days"})
        body["expires_at"] = instant_text(datetime.now(UTC) + timedelta(days=days))
    return body


def _editor(request: PageRequest, file_id: UUID, wrong: WrongForm | None = None) -> HttpResponse:
    file = _shown(find_file(file_id, request.actor.project_id))
    context = {
        "file": file,
        "lifetimes": LIFETIMES.items(),
        "given": request.POST if wrong is not None else {"name": file["name"], "days": KEEP},
        "errors": {} if wrong is None else wrong.errors,
    }
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    call = Call(f"/files/{file_id}/", method="PATCH", body={"name": "orders.csv"})
    return render(request, "dashboard/files/edit.html", context, status=status, call=call)


@page(**WRITE)
def delete(request: PageRequest, file_id: UUID) -> HttpResponse:
    """`/ui/files/{id}/delete/`: asks once more, then does it."""
    file = find_file(file_id, request.actor.project_id)
    if request.method == "POST":
        changing.delete(file_id, request.actor)
        return see(request, "files/", f"{file.name} is deleted.")
    call = Call(f"/files/{file_id}/", method="DELETE")
    return render(request, "dashboard/files/delete.html", {"file": _shown(file)}, call=call)
