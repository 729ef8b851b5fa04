"""`/ui/operations/`: what tasks can do, and a form to try each."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from access.payloads import shown_to
from access.scopes import Scope
from dashboard.operations.trying import Trial
from dashboard.schema_forms import fields_of
from dashboard.shell.once import make_once
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from operations import catalogue
from operations.definition import Operation
from rest.problems import Problem
from tasks_api.api.creating import create_task
from tasks_api.api.tasks import represent
from tasks_api.api.views import OperationDetail
from tasks_api.lifecycle import FINAL
from tasks_api.models import Task
from tasks_api.shown import find_shown

NO_EXAMPLE = -1
LONGEST_NUMBER = 3
"""Digits of the number of an example."""


@page(section="operations")
def operation_list(request: PageRequest) -> HttpResponse:
    """All of them."""
    context = {"operations": catalogue.all()}
    return render(request, "dashboard/operations/list.html", context, call=Call("/operations/"))


@page(section="operations", post=Scope.TASKS_SUBMIT, refusals=OperationDetail.refusals)
def operation_detail(request: PageRequest, name: str) -> HttpResponse:
    """One of them, with a form that creates a task."""
    operation = catalogue.get(name)
    if request.method != "POST":
        number = request.GET.get("example", "0")
        is_number = number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
        as_json = request.GET.get("as") == "json"
        trial = Trial.of_example(operation, int(number) if is_number else NO_EXAMPLE, as_json=as_json)
        return _shown(request, operation, trial, task=_tried(request))
    trial = Trial(operation, {name: str(value) for name, value in request.POST.items()})
    body, mistakes, others = trial.body()
    if mistakes or others:
        return _shown(request, operation, trial, mistakes=mistakes, others=others)
    try:
        task = make_once(request, request.actor, lambda: create_task(body, request.actor).id)
    except Problem as problem:
        return _shown(request, operation, trial, problem=problem)
    return see(request, f"operations/{name}/?task={task}", "The task is created.")


def _tried(request: PageRequest) -> dict[str, Any] | None:
    """The task that the form has created, as the actor sees it."""
    try:
        task = find_shown(UUID(request.GET.get("task", "")), request.actor.project_id)
    except (ValueError, Task.DoesNotExist):
        return None
    if not request.actor.may(Scope.TASKS_READ):
        return None
    told: dict[str, Any] = shown_to(request.actor)(represent(task))
    return {**told, "is_final": task.status in FINAL}


def _shown(
    request: PageRequest,
    operation: Operation,
    trial: Trial,
    *,
    problem: Problem | None = None,
    task: dict[str, Any] | None = None,
    **mistakes: Any,
) -> HttpResponse:
    errors = [] if problem is None else problem.extra.get("errors", [])
    is_wrong = problem is not None or any(mistakes.values())
    arguments, others = trial.forms(errors=errors, **mistakes)
    context = {
        "operation": operation,
        "arguments": arguments,
        "others": others,
        "problem": problem,
        "is_wrong": is_wrong,
        "task": task,
        "may_submit": request.actor.may(Scope.TASKS_SUBMIT),
        "sees_payloads": request.actor.may(Scope.PAYLOADS_READ),
        "has_fields": fields_of(operation.arguments_schema) is not None,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    body, _, _ = trial.body()
    call = Call("/tasks/", method="POST", body=body)
    return render(request, "dashboard/operations/detail.html", context, status=status, call=call)
