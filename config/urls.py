"""Every path of this service."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/swagger/")),
    path("", include("tasks_api.api.urls")),
    path("", include("schedules.api.urls")),
]
handler400 = "rest.problems.bad_request"
handler403 = "rest.problems.forbidden"
handler404 = "rest.problems.not_found"
handler500 = "rest.problems.server_error"
