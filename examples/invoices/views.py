"""The one page: what to upload, how far it is, and what was loaded."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.own import actor_in, requires
from examples.invoices.forms import TAG, Upload
from examples.invoices.models import Invoice
from tasks_api.models import Task

MOST_SHOWN = 10


@require_safe
@requires("payloads:read")
def page(request: HttpRequest, task_id: UUID | None = None) -> HttpResponse:
    """The form and the newest load; with a task, how far that is."""
    task = _conversion(request, task_id) if task_id else None
    return _page(request, Upload(), task, is_polled=request.GET.get("by") == "polling")


@require_safe
@requires("payloads:read")
def progress(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """How far it is, for who asks again and again."""
    task = _conversion(request, task_id)
    known = task.progress or {}
    told = {"status": task.status, "percent": known.get("percent", 0), "message": known.get("message")}
    return JsonResponse({**told, "is_over": task.finished_at is not None})


@require_POST
@requires("files:write")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a PDF. The answer comes before it is read."""
    form = Upload(request.POST, request.FILES)
    if form.is_valid() and (task := form.convert(actor_in(request))):
        address = reverse("invoices_conversion", args=[task.id])
        return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    return _page(request, form, status=HTTPStatus.BAD_REQUEST)


def _conversion(request: HttpRequest, task_id: UUID) -> Task:
    ours = Task.objects.filter(project_id=actor_in(request).project_id, tags__contains=[TAG])
    return get_object_or_404(ours, id=task_id, operation="pdf_to_csv")


def _page(
    request: HttpRequest, form: Upload, task: Task | None = None, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    ours = Task.objects.filter(project_id=actor_in(request).project_id, tags__contains=[TAG])
    load = ours.filter(operation="load_csv", finished_at__isnull=False).order_by("-id").first()
    shown = {
        "form": form,
        "task": task,
        "made": [_id(each["file"]) for each in _result(task).get("files", [])],
        "load": load,
        "rejects": _id(_result(load).get("rejects")),
        "invoices": Invoice.objects.order_by("number")[:MOST_SHOWN],
        "count": Invoice.objects.count(),
    }
    return render(request, "invoices/page.html", {**shown, **more}, status=status)


def _result(task: Task | None) -> dict[str, Any]:
    return (task and task.result) or {}


def _id(reference: dict[str, str] | None) -> str | None:
    """Of a file that a result names: `{"$file": id}`, which templates cannot read."""
    return reference["$file"] if reference else None
