"""`/`: people come to the pages, programs to what describes the API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

HTML, JSON = "text/html", "application/json"


def front(request: HttpRequest) -> HttpResponse:
    """Where to go on. Whoever takes anything is a program: browsers say that they would rather have HTML."""
    wants_page = settings.ENVIRONMENT.UI and request.get_preferred_type([JSON, HTML]) == HTML
    return HttpResponseRedirect("/ui/" if wants_page else "/swagger/", headers={"Vary": "Accept"})
