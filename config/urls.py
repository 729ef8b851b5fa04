"""Every path of this service."""

from django.urls import include, path
from django.views.generic import RedirectView

from config.openapi import INFO
from config.own_urls import own_urls
from rest.favicon import favicon
from rest.openapi.pages import document_paths

urlpatterns = [
    path("", RedirectView.as_view(url="/swagger/")),
    path("favicon.ico", favicon),
    *document_paths(INFO),
    path("", include("tasks_api.api.urls")),
    path("", include("schedules.api.urls")),
]
urlpatterns += own_urls()
handler400 = "rest.handlers.bad_request"
handler403 = "rest.handlers.forbidden"
handler404 = "rest.handlers.not_found"
handler500 = "rest.handlers.server_error"
