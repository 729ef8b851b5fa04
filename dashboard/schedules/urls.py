"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.schedules import deed_views, editor, list_view
from dashboard.schedules.schedule_view import schedule

urlpatterns: list[URLPattern] = [
    path("schedules/", list_view.schedules),
    path("schedules/new/", editor.new),
    path("schedules/preview/", editor.preview),
    path("schedules/arguments/", editor.arguments),
    *(path(f"schedules/bulk/{name}/", view) for name, view in list_view.BULK_VIEWS.items()),
    path("schedules/<uuid:schedule_id>/", schedule),
    path("schedules/<uuid:schedule_id>/edit/", editor.edit),
    path("schedules/<uuid:schedule_id>/backfill/", deed_views.backfill),
    path("schedules/<uuid:schedule_id>/occurrences/<str:instant>/", deed_views.occurrence),
    *(path(f"schedules/<uuid:schedule_id>/{name}/", view) for name, view in deed_views.SINGLE_VIEWS.items()),
]
