"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.tasks import bulk_views, views

urlpatterns: list[URLPattern] = [
    path("tasks/", views.task_list),
    path("tasks/bulk/", bulk_views.review),
    path("bulk-actions/", bulk_views.bulk_action_list),
    path("bulk-actions/<id:bulk_action_id>/", bulk_views.bulk_action),
]
