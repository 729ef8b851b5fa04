"""The one page: the form, and what became of it."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from examples.feedback.forms import TAG, Feedback
from tasks_api.models import Task

PAGE = "feedback/page.html"


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, task_id: UUID | None = None) -> HttpResponse:
    """Show the form, take it, or show the task that it became."""
    if task_id is not None:
        task = get_object_or_404(Task, id=task_id, tags__contains=[TAG])
        return render(request, PAGE, {"task": task})
    if request.method != "POST":
        return render(request, PAGE, {"form": Feedback()})
    form = Feedback(request.POST)
    if form.is_valid() and (accepted := form.send()):
        address = reverse("feedback_given", args=[accepted.id])
        return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    return render(request, PAGE, {"form": form}, status=HTTPStatus.BAD_REQUEST)
