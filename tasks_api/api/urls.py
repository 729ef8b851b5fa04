"""Paths of tasks, operations, statistics and health. Each works without its trailing slash, too."""

from django.urls import path

from rest import ids  # noqa: F401 (registers the converter)
from tasks_api.api import (
    action_views,
    event_views,
    failure_views,
    pdf_previews,
    stats_views,
    views,
    worker_views,
)

urlpatterns = [
    path("tasks/", views.TaskList.as_view()),
    path("tasks/batch-request/", views.TaskBatch.as_view()),
    path("tasks/cancel/", action_views.CancelTasks.as_view()),
    path("tasks/retry/", action_views.RetryTasks.as_view()),
    path("tasks/<id:task_id>/", views.TaskDetail.as_view()),
    path("tasks/<id:task_id>/cancel/", action_views.CancelTask.as_view()),
    path("tasks/<id:task_id>/retry/", action_views.RetryTask.as_view()),
    path("tasks/<id:task_id>/events/", event_views.TaskEvents.as_view()),
    path("tasks/<id:task_id>/attempts/", views.TaskAttempts.as_view()),
    path("operations/", views.OperationList.as_view()),
    path("operations/pdf_to_csv/preview/", pdf_previews.PdfPreview.as_view()),
    path("operations/<str:name>/", views.OperationDetail.as_view()),
    path("failures/", failure_views.FailureList.as_view()),
    path("stats/", stats_views.Statistics.as_view()),
    path("workers/", worker_views.WorkerList.as_view()),
    path("workers/<id:worker_id>/", worker_views.WorkerDetail.as_view()),
    path("workers/<id:worker_id>/drain/", worker_views.WorkerDrain.as_view()),
    path("health/live/", views.Live.as_view()),
    path("health/ready/", views.Ready.as_view()),
]
