"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.workers import views
from rest import ids  # noqa: F401 (registers the converter)

urlpatterns: list[URLPattern] = [
    path("workers/", views.worker_list),
    path("workers/<id:worker_id>/drain/", views.worker_drain),
]
