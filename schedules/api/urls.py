"""Paths of task schedules. Each works without its trailing slash, too."""

from django.urls import path

from access.api import converters  # noqa: F401 (registers them)
from rest import ids  # noqa: F401 (registers the converter)
from schedules.api import action_views, bulk_views, checks, forecast_views, occurrence_views, quotas, views

urlpatterns = [
    path("health/checks/", checks.HealthChecks.as_view()),
    path("projects/<project:slug>/usage/", quotas.ProjectUsage.as_view()),
    path("task-schedules/", views.ScheduleList.as_view()),
    path("task-schedules/preview/", views.SchedulePreview.as_view()),
    path("task-schedules/forecast/", forecast_views.ScheduleForecast.as_view()),
    path("task-schedules/pause/", action_views.PauseSchedules.as_view()),
    path("task-schedules/resume/", action_views.ResumeSchedules.as_view()),
    path("task-schedules/by-name/<path:name>/", views.ScheduleByName.as_view()),
    path("task-schedules/<id:schedule_id>/", views.ScheduleDetail.as_view()),
    path("task-schedules/<id:schedule_id>/pause/", action_views.PauseSchedule.as_view()),
    path("task-schedules/<id:schedule_id>/resume/", action_views.ResumeSchedule.as_view()),
    path("task-schedules/<id:schedule_id>/trigger/", action_views.TriggerSchedule.as_view()),
    path("task-schedules/<id:schedule_id>/occurrences/", occurrence_views.OccurrenceList.as_view()),
    path(
        "task-schedules/<id:schedule_id>/occurrences/<str:instant>/",
        occurrence_views.OccurrenceDetail.as_view(),
    ),
    path("task-schedules/<id:schedule_id>/backfill/", occurrence_views.BackfillSchedule.as_view()),
    path("bulk-actions/", bulk_views.BulkActionList.as_view()),
    path("bulk-actions/<id:bulk_action_id>/", bulk_views.BulkActionDetail.as_view()),
    path("bulk-actions/<id:bulk_action_id>/cancel/", bulk_views.CancelBulkAction.as_view()),
]
