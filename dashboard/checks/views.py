"""`/ui/checks/`: how this installation is set up, and how to mend it."""

from django.http import HttpResponse

from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from schedules.api.checks import HealthChecks, checks

LOOKS = {"fail": "dead", "warn": "failing", "ok": "ok"}
"""The worst first."""
WORDS = {"fail": "fails", "warn": "warning", "ok": "ok"}


@page(Scope.CHECKS_READ, section="checks", refusals=HealthChecks.refusals)
def check_list(request: PageRequest) -> HttpResponse:
    """What each check finds now."""
    order = list(LOOKS)
    found = sorted(checks(request.actor), key=lambda each: order.index(each["status"]))
    shown = [
        {**each, "look": LOOKS[each["status"]], "word": WORDS[each["status"]], "title": _title(each["name"])}
        for each in found
    ]
    wrong = sum(each["status"] != "ok" for each in found)
    context = {"checks": shown, "wrong": wrong, "right": len(found) - wrong}
    return render(request, "dashboard/checks/list.html", context, call=Call("/health/checks/"))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
