"""Every path of this service."""

from django.conf import settings
from django.urls import include, path

from config.front import front
from config.openapi import INFO, WRITER
from config.own_urls import own_urls
from rest.favicon import favicon
from rest.openapi.pages import document_paths
from rest.problem_pages import ProblemDetail, ProblemList

# They are tried in this order, so those that are asked for most come first.
urlpatterns = [
    path("", include("tasks_api.api.urls")),
    path("", include("schedules.api.urls")),
    path("", include("access.api.urls")),
    path("", include("files.api.urls")),
    path("", front),
    path("favicon.ico", favicon),
    *document_paths(INFO, WRITER),
    path("problems/", ProblemList.as_view()),
    path("problems/<str:code>/", ProblemDetail.as_view()),
]
if settings.ENVIRONMENT.UI:
    urlpatterns += [path("ui/", include("access.pages.urls")), path("ui/", include("dashboard.urls"))]
urlpatterns += own_urls()
handler400 = "rest.handlers.bad_request"
handler403 = "rest.handlers.forbidden"
handler404 = "dashboard.shell.refused.not_found"
handler500 = "rest.handlers.server_error"
