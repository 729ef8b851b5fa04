"""Paths of the pages of one task, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.task import views

TASK = "tasks/<uuid:task_id>/"
urlpatterns: list[URLPattern] = [
    path(TASK, views.detail),
    path(f"{TASK}cancel/", views.cancel),
    path(f"{TASK}retry/", views.retry),
    path(f"{TASK}priority/", views.priority),
    path(f"{TASK}again/", views.again),
]
