"""`/ui/files/upload/`: a form with one file, whose bytes go to the storage as they come."""

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from access.pages.page import own_form
from access.scopes import Scope
from dashboard.shell.once import make_once
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from dashboard.shell.sent import WrongForm, sending
from files.api import uploads
from files.api.bodies import body_of, read_form
from files.api.refusals import FileView

FIELDS = ("name",)


@page(
    Scope.FILES_WRITE,
    section="files",
    post=Scope.FILES_WRITE,
    refusals=FileView.refusals,
    reads_body=True,
)
def upload(request: PageRequest) -> HttpResponseBase:
    """The form; what comes from it leads to the page of the file."""
    if request.method != "POST":
        return _form(request)
    try:
        return sending(lambda: _taken(request), FileView.refusals, FIELDS)
    except WrongForm as wrong:
        return _form(request, wrong)


def _taken(request: PageRequest) -> HttpResponseBase:
    """Who sends it was asked before, its token is looked at when all of it is here: nothing is kept until then."""
    actor, asked = request.actor, Request(request)
    body = body_of(asked)
    with uploads.expecting(body, actor) as received:
        said, fields = read_form(asked, body, received)
        # Another file in a form that was sent before is another one.
        meant = fields.copy()
        meant["sha256"] = received.sha256

        def do(_: HttpRequest) -> HttpResponse:
            new = uploads.described(meant.get("name", "").strip(), None, said, actor)
            content_id = uploads.keep(received, actor)
            with transaction.atomic():
                made = make_once(
                    request, actor, lambda: uploads.make(content_id, received.size, new, actor).id
                )
            path = f"files/{made}/" if actor.may(Scope.FILES_READ) else "files/upload/"
            return see(request, path, f"{new.name} is here, as {made}.")

        return own_form(request, meant, do)


def _form(request: PageRequest, wrong: WrongForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "errors": {} if wrong is None else wrong.errors,
        "may_read": request.actor.may(Scope.FILES_READ),
    }
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    call = Call("/files/", {"name": "orders.csv"}, method="POST", file="orders.csv")
    return render(request, "dashboard/files/upload.html", context, status=status, call=call)
